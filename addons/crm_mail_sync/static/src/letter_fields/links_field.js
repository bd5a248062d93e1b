/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { targets } from "@crm_mail_sync/targets";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Records that a letter is linked to, each with the reason; a press opens one, its menu moves the letter or takes it off. */
export class LinksField extends Component {
    static template = "crm_mail_sync.LinksField";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get links() {
        const { icons } = targets;
        return this.props.record.data[this.props.name].records.map(({ id, data, fields }) => {
            // The one column that is filled says which kind of record it is.
            const column = Object.keys(data).find((name) => fields[name].relation in icons && data[name]);
            const model = fields[column].relation;
            return {
                key: id,
                name: data[column].display_name,
                icon: icons[model],
                model,
                targetId: data[column].id,
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

    async act(method, { model, targetId }) {
        const { resModel, resId, model: form } = this.props.record;
        const action = await this.orm.call(resModel, method, [[resId], model, targetId]);
        // Taken off its last record, a colleague's letter is out of sight.
        const onClose = () => (action.params?.is_hidden ? this.env.config.historyBack() : form.root.load());
        await this.action.doAction(action, { onClose });
    }
}

registry.category("fields").add("crm_mail_links", {
    component: LinksField,
    supportedTypes: ["one2many"],
    // The form's list inside the field says what is loaded, labels of reasons included.
    useSubView: true,
});
