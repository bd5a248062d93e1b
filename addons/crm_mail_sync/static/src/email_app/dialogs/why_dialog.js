/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";

/** Why a letter is where it is, and all that happened to it. */
export class WhyDialog extends Component {
    static template = "crm_mail_sync.WhyDialog";
    static components = { Dialog };
    static props = { message: Object, close: Function };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ trail: null, error: "" });
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        const { email_id, copy_id } = this.props.message;
        try {
            this.state.trail = await this.orm.call("crm.mail.trace", "trail", [email_id, [copy_id]]);
        } catch (error) {
            this.state.error = explainError(error);
        }
    }

    async openTrace() {
        this.props.close();
        await this.action.doAction("crm_mail_sync.where_is_my_letter_action");
    }

    async openLetter() {
        this.props.close();
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.mail.email",
            res_id: this.props.message.email_id,
            views: [[false, "form"]],
        });
    }
}
