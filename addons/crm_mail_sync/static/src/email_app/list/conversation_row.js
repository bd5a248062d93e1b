/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { targets } from "@crm_mail_sync/targets";
import { _t } from "@web/core/l10n/translation";

import { useEmail } from "../store/email_hook";
import { fullDate, shortDate } from "../store/dates";
import { peopleText, personLine } from "../store/people";

const SHOWN_CHIPS = 1;

/** One conversation in the list. */
export class ConversationRow extends Component {
    static template = "crm_mail_sync.ConversationRow";
    static props = {
        row: Object,
        index: Number,
        folder: String,
        isOpen: Boolean,
        isActive: Boolean,
        isSelected: Boolean,
        onClick: Function,
        onMenu: Function,
        onDragStart: Function,
    };

    setup() {
        this.email = useEmail();
        this.shortDate = shortDate;
        this.fullDate = fullDate;
        this.icons = targets.icons;
    }

    get people() {
        return peopleText(this.props.row.people);
    }

    get addresses() {
        return this.props.row.people.map(personLine).join("\n");
    }

    get chips() {
        return this.props.row.chips.slice(0, SHOWN_CHIPS);
    }

    get moreChips() {
        return this.props.row.chips.length - SHOWN_CHIPS;
    }

    get starTitle() {
        return this.props.row.flagged ? _t("Remove star") : _t("Star");
    }

    onSelect(ev) {
        this.email.list.toggle(this.props.row, ev.shiftKey);
    }

    onStar() {
        const { row } = this.props;
        this.env.commands.act(row.flagged ? "unstar" : "star", [row]);
    }
}
