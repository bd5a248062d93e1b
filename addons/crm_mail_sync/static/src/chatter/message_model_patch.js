/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { fields } from "@mail/core/common/record";
import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

/** A letter in a chatter: archived, so there is nothing to react to, reply to or send on from here. */
patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{id: number, direction: string, kind: string, sender: string, recipients: string}|undefined} */
        this.letter = fields.Attr(undefined);
    },
    get authorName() {
        return this.letter?.sender || super.authorName;
    },
    canAddReaction() {
        return !this.letter && super.canAddReaction(...arguments);
    },
    canForward() {
        return !this.letter && super.canForward(...arguments);
    },
});
