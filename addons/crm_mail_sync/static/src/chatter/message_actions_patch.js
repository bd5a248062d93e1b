/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { messageActionsRegistry } from "@mail/core/common/message_actions";
import { patch } from "@web/core/utils/patch";

// "Reply" of a note mentions its author, which a letter has not: it has addresses.
patch(messageActionsRegistry.get("reply-to"), {
    condition({ message }) {
        return !message.letter && super.condition(...arguments);
    },
});
