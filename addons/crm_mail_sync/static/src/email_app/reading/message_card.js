/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";

import { CommandItems } from "../commands/command_menu";
import { compose } from "../composing";
import { SenderCard } from "../sender/sender_card";
import { fullDate, shortDate } from "../store/dates";
import { useEmail } from "../store/email_hook";
import { initials, personLine, personName } from "../store/people";
import { MessageBody } from "./message_body";

/** One message of a conversation: a line if it is folded, else all of it. */
export class MessageCard extends Component {
    static template = "crm_mail_sync.MessageCard";
    static components = { CommandItems, Dropdown, MessageBody };
    static props = { message: Object, isOnly: Boolean };

    setup() {
        this.email = useEmail();
        this.state = useState({ showsDetails: false });
        this.senderCard = usePopover(SenderCard, { position: "bottom-start", popoverClass: "o_email_sender_popover" });
        Object.assign(this, { fullDate, shortDate, initials, personLine });
    }

    get message() {
        return this.props.message;
    }

    get isExpanded() {
        return this.email.reading.expanded.has(this.message.id);
    }

    get sender() {
        const { from } = this.message;
        return from.name || from.address;
    }

    get toText() {
        const { to, cc } = this.message;
        return [...to, ...cc].map((person) => personName(person, { isShort: true })).join(", ");
    }

    get starTitle() {
        return this.message.is_flagged ? _t("Remove star") : _t("Star");
    }

    get foldTitle() {
        return this.isExpanded ? _t("Fold") : _t("Unfold");
    }

    /** Colour of the letters that stand for a person: always the same for an address. */
    get colour() {
        let sum = 0;
        for (const char of this.message.from.address) {
            sum = (sum * 31 + char.codePointAt(0)) % 360;
        }
        return sum;
    }

    get commands() {
        return this.env.commands.filing.messageCommands(this.message);
    }

    toggle() {
        if (!this.props.isOnly) {
            this.email.reading.toggle(this.message.id);
        }
    }

    openSender(ev) {
        const { from } = this.message;
        this.senderCard.open(ev.currentTarget, { person: from, call: (...args) => this.email.call(...args) });
    }

    star() {
        this.email.acting.starMessage(this.message);
    }

    answer(kind) {
        return this.env.commands.answer(kind, this.message.id);
    }

    editDraft() {
        return compose(this.email, { kind: "draft", itemId: this.message.id });
    }
}
