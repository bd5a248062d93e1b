/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";

import { useEmail } from "../store/email_hook";
import { openMailbox } from "./why_not";

/** Above the mailbox: that one is offline, or that it is in trouble, being imported or only read. */
export class StateBanner extends Component {
    static template = "crm_mail_sync.StateBanner";
    static props = {};

    setup() {
        this.email = useEmail();
        this.state = useState({ isClosed: false });
    }

    get banner() {
        const { isOffline, state, message, mailbox } = this.email;
        if (isOffline) {
            return { kind: "offline", tone: "warning", icon: "fa-plug" };
        }
        if (state === "trouble") {
            return { kind: "trouble", tone: "danger", icon: "fa-exclamation-triangle", text: message, hasButton: true };
        }
        if (state === "importing") {
            return { kind: "importing", tone: "info", icon: "fa-circle-o-notch fa-spin", text: message };
        }
        if (!mailbox.can_act && !this.state.isClosed) {
            const text = mailbox.why_not_act;
            return { kind: "readonly", tone: "info", icon: "fa-eye", text, hasButton: true, canClose: true };
        }
        return null;
    }

    openMailbox() {
        return openMailbox(this.email);
    }
}
