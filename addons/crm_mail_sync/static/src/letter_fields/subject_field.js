/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** A letter's subject; told apart are one that has none and one that is not shown. */
export class SubjectField extends Component {
    static template = "crm_mail_sync.SubjectField";
    static props = { ...standardFieldProps };

    get isShown() {
        return this.props.record.data.shown_level !== "event";
    }

    get subject() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("crm_mail_subject", {
    component: SubjectField,
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "shown_level", type: "selection" }],
});
