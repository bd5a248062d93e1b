/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { MessageCardList } from "@mail/core/common/message_card_list";
import { browser } from "@web/core/browser/browser";
import { patch } from "@web/core/utils/patch";

const HIGHLIGHT_MILLISECONDS = 2000;

patch(MessageCardList.prototype, {
    async onClickJump(message) {
        if (!message.letter) {
            return super.onClickJump(...arguments);
        }
        // Core jumps to messages of the thread itself only, and a letter's message belongs to the letter.
        const { thread, onClickJump } = this.props;
        const highlight = this.env.messageHighlight;
        onClickJump?.();
        await thread.loadAround(message.id);
        highlight.highlightedMessageId = message.id;
        browser.setTimeout(() => highlight.clear(), HIGHLIGHT_MILLISECONDS);
    },
});
