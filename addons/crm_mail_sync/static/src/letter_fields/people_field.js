/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

// "Name" <address> or Name <address>; quotes within the name are escaped by a backslash (RFC 5322 §3.2.4).
const MAILBOX = /(?:"((?:[^"\\]|\\.)*)"|([^<>",]+?))\s*<[^<>]*>/g;

/** Addresses as people: their names, where they have one. */
export class PeopleField extends Component {
    static template = "crm_mail_sync.PeopleField";
    static props = { ...standardFieldProps };

    get addresses() {
        return this.props.record.data[this.props.name] || "";
    }

    get names() {
        return this.addresses.replace(MAILBOX, (_all, quoted, plain) =>
            (quoted ?? plain).replace(/\\(.)/g, "$1").trim()
        );
    }
}

registry.category("fields").add("crm_mail_people", {
    component: PeopleField,
    supportedTypes: ["char"],
});
