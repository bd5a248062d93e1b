/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

import { useEmail } from "../store/email_hook";

/** What is shown instead of a mailbox: it is being opened, there is none, or something is wrong. */
export class StateScreen extends Component {
    static template = "crm_mail_sync.StateScreen";
    static props = {};

    setup() {
        this.email = useEmail();
        this.action = useService("action");
    }

    openMailbox() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.mail.mailbox",
            res_id: this.email.mailbox?.id || false,
            views: [[false, "form"]],
        });
    }
}
