import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Customers and leads that a letter is linked to, each with the reason; a click opens the record. */
export class LinksField extends Component {
    static template = "crm_mail_sync.LinksField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get links() {
        return this.props.record.data[this.props.name].records.map(({ id, data, fields }) => {
            const isLead = Boolean(data.lead_id);
            const target = isLead ? data.lead_id : data.partner_id;
            return {
                key: id,
                name: target.display_name,
                icon: isLead ? "fa-star-o" : "fa-user-o",
                model: isLead ? "crm.lead" : "res.partner",
                targetId: target.id,
                reason: Object.fromEntries(fields.reason.selection)[data.reason],
                isUndone: data.is_undone,
            };
        });
    }

    open({ model, targetId }) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: targetId,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("crm_mail_links", {
    component: LinksField,
    supportedTypes: ["one2many"],
    // The form's list inside the field says what is loaded, labels of reasons included.
    useSubView: true,
});
