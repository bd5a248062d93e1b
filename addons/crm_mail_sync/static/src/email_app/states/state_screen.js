/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";

import { useEmail } from "../store/email_hook";
import { openMailbox } from "./why_not";

/** What is shown instead of a mailbox: it is being opened, there is none, or something is wrong. */
export class StateScreen extends Component {
    static template = "crm_mail_sync.StateScreen";
    static props = {};

    setup() {
        this.email = useEmail();
    }

    openMailbox() {
        return openMailbox(this.email);
    }
}
