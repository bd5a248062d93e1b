/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { LazyComponent } from "@web/core/assets";
import { registry } from "@web/core/registry";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** The app Email, which is fetched when it is opened: all other pages of Odoo do without it. */
export class EmailAction extends Component {
    static template = "crm_mail_sync.EmailAction";
    static components = { LazyComponent };
    static props = { ...standardActionServiceProps };
}

registry.category("actions").add("crm_mail_sync.email_app", EmailAction);
