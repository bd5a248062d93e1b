/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { toRaw } from "@odoo/owl";

import { openComposer } from "./composer_service";

const canAnswer = ({ message }) => Boolean(toRaw(message).letter?.canAnswer);

function answer(kind) {
    return ({ message, thread, store }) => {
        // In the chatter of a letter there is no record to file the answer on.
        const record = thread?.showsLetters ? { model: thread.model, resId: thread.id } : {};
        openComposer(store.env, { kind, emailId: message.letter.id, ...record });
    };
}

registerMessageAction("crm-mail-answer", {
    condition: canAnswer,
    icon: "fa fa-reply",
    name: _t("Reply by email"),
    onSelected: answer("reply"),
    sequence: 21,
});
registerMessageAction("crm-mail-answer-all", {
    condition: canAnswer,
    icon: "fa fa-reply-all",
    name: _t("Reply to all by email"),
    onSelected: answer("reply_all"),
    sequence: 57,
});
registerMessageAction("crm-mail-forward", {
    condition: canAnswer,
    icon: "fa fa-share",
    name: _t("Forward by email"),
    onSelected: answer("forward"),
    sequence: 58,
});
