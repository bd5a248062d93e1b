/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** Sent or received, as an icon and (unless there is no room) a word. */
export class DirectionField extends Component {
    static template = "crm_mail_sync.DirectionField";
    static props = { ...standardFieldProps, iconOnly: { type: Boolean, optional: true } };

    get isSent() {
        return this.props.record.data[this.props.name] === "sent";
    }

    get label() {
        return this.isSent ? _t("Sent") : _t("Received");
    }
}

registry.category("fields").add("crm_mail_direction", {
    component: DirectionField,
    supportedTypes: ["selection"],
    extractProps: ({ options }) => ({ iconOnly: options.icon_only }),
});
