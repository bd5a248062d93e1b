/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Message } from "@mail/core/common/message";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    get attClass() {
        return { ...super.attClass, "o-crm-mail-letter": Boolean(this.message.letter) };
    },
    get messageTypeText() {
        return this.message.letter ? this.letterDirection : super.messageTypeText;
    },
    get letterDirection() {
        return this.message.letter.direction === "sent" ? _t("Sent email") : _t("Received email");
    },
    get letterIcon() {
        return this.message.letter.direction === "sent" ? "fa-paper-plane-o" : "fa-inbox";
    },
    get letterRecipients() {
        const { direction, recipients } = this.message.letter;
        return direction === "sent" && recipients ? _t("to %(people)s", { people: recipients }) : "";
    },
});
