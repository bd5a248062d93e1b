/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillStart, useState } from "@odoo/owl";
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { useService } from "@web/core/utils/hooks";

import { shortDate } from "../store/dates";
import { initials } from "../store/people";

/** Who a sender is: the customer, his open leads, and the last letters exchanged with him. */
export class SenderCard extends Component {
    static template = "crm_mail_sync.SenderCard";
    static props = { person: Object, call: Function, close: { type: Function, optional: true } };

    setup() {
        this.action = useService("action");
        this.state = useState({ card: null, error: "" });
        Object.assign(this, { shortDate, initials });
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        try {
            this.state.card = await this.props.call("sender", this.props.person.address);
        } catch (error) {
            this.state.error = explainError(error);
        }
    }

    get name() {
        const { partner, name } = this.state.card || {};
        return partner?.name || name || this.props.person.name || this.props.person.address;
    }

    open(model, id) {
        this.props.close?.();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}
