/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ICONS = { gmail: "fa-google", outlook: "fa-windows" };

/** The providers side by side, each with its sign. */
export class ProviderField extends Component {
    static template = "crm_mail_sync.ProviderField";
    static props = { ...standardFieldProps };

    get options() {
        const { selection } = this.props.record.fields[this.props.name];
        return selection.map(([value, label]) => ({
            value,
            label,
            icon: ICONS[value] || "fa-envelope-o",
            isChosen: value === this.props.record.data[this.props.name],
        }));
    }

    async onChange(value) {
        await this.props.record.update({ [this.props.name]: value });
    }
}

registry.category("fields").add("mail_sync_provider", {
    component: ProviderField,
    displayName: _t("Provider of a mailbox"),
    supportedTypes: ["selection"],
});
