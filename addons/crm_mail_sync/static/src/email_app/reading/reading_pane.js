/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onMounted, useEffect, useRef, useState } from "@odoo/owl";
import { targets } from "@crm_mail_sync/targets";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { CommandItems } from "../commands/command_menu";
import { useEmail } from "../store/email_hook";
import { MessageCard } from "./message_card";

// Read messages between the first and the last two are folded into one line, if there are so many.
const FOLDED = 3;
// Pixels above the message that a conversation is scrolled to.
const MARGIN = 8;

/** The open conversation: what can be done with it, and its messages, the older read ones folded. */
export class ReadingPane extends Component {
    static template = "crm_mail_sync.ReadingPane";
    static components = { CommandItems, Dropdown, MessageCard };
    static props = {};

    setup() {
        this.email = useEmail();
        this.ui = useState(useService("ui"));
        this.action = useService("action");
        this.state = useState({ showsAllOf: null });
        this.scroller = useRef("scroller");
        this.icons = targets.icons;
        // On a phone it takes the list's place, and the focus with it.
        onMounted(() => this.ui.isSmall && this.scroller.el?.focus());
        useEffect(
            () => this.showNewest(),
            () => [this.reading.id, this.reading.isLoading]
        );
    }

    get reading() {
        return this.email.reading;
    }

    get rows() {
        return [this.reading.row].filter(Boolean);
    }

    get commands() {
        return this.env.commands.for(this.rows);
    }

    get mainCommands() {
        const isForBar = ({ isMain, group }) => isMain || (group === 1 && !this.ui.isSmall);
        return this.commands.filter(isForBar);
    }

    get moreCommands() {
        return this.commands.filter((command) => !this.mainCommands.some(({ id }) => id === command.id));
    }

    /** What is shown of the conversation: messages, and a line that stands for those folded between them. */
    get items() {
        const { messages, expanded } = this.reading;
        const canFold = messages.length > FOLDED + 2 && this.state.showsAllOf !== this.reading.id;
        const items = [];
        messages.forEach((message, index) => {
            const isBetween = index > 0 && index < messages.length - 2;
            if (!canFold || !isBetween || expanded.has(message.id)) {
                items.push({ key: message.id, message });
            } else if (items.at(-1)?.folded) {
                items.at(-1).folded++;
            } else {
                items.push({ key: `folded ${message.id}`, folded: 1 });
            }
        });
        return items;
    }

    get backTitle() {
        return this.ui.isSmall ? _t("Back") : _t("Close (u)");
    }

    showAll() {
        this.state.showsAllOf = this.reading.id;
    }

    /** Long conversations begin with what one has seen already. */
    showNewest() {
        const scroller = this.scroller.el;
        if (!scroller || this.reading.isLoading) {
            return;
        }
        const [firstOpen] = scroller.querySelectorAll(".o_email_message.o_email_expanded");
        const isLong = firstOpen && this.reading.messages.length > 1;
        scroller.scrollTop = isLong ? firstOpen.offsetTop - scroller.offsetTop - MARGIN : 0;
    }

    openRecord({ model, id }) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openNeighbour(step) {
        const { list } = this.email;
        list.activeId = list.rowOf(this.reading.id)?.id || list.activeId;
        const row = list.move(step);
        if (row) {
            this.env.commands.open(row);
        }
    }
}
