/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** How many files a letter has; nothing for none. */
export class FileCountField extends Component {
    static template = "crm_mail_sync.FileCountField";
    static props = { ...standardFieldProps };

    get count() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("crm_mail_file_count", {
    component: FileCountField,
    supportedTypes: ["integer"],
});
