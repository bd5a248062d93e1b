/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { toRaw } from "@odoo/owl";

import { showAssigned } from "./assigned_action";

const LETTERS = "crm.mail.email";

/** Chatters are not told of changes of links: what is shown is asked for anew. */
async function reload(thread) {
    thread.isLoaded = false;
    thread.messages = [];
    await thread.fetchNewMessages();
}

function openWizard(method) {
    return async ({ message, store, thread }) => {
        const { action, orm } = store.env.services;
        const target = method === "action_move" ? [thread.model, thread.id] : [];
        const wizard = await orm.call(LETTERS, method, [[message.letter.id], ...target]);
        await action.doAction(wizard, { onClose: () => reload(thread) });
    };
}

async function unassign({ message, store, thread }) {
    const { params } = await store.env.services.orm.call(LETTERS, "action_unassign", [
        [message.letter.id],
        thread.model,
        thread.id,
    ]);
    await reload(thread);
    showAssigned(store.env, params, () => reload(thread));
}

const isLetter = ({ message }) => Boolean(toRaw(message).letter);
const isOnRecord = ({ message, thread }) => isLetter({ message }) && Boolean(thread) && thread.model !== LETTERS;

registerMessageAction("crm-mail-assign", {
    condition: isLetter,
    icon: "fa fa-link",
    name: _t("Assign…"),
    onSelected: openWizard("action_assign"),
    sequence: 61,
});
registerMessageAction("crm-mail-move", {
    condition: isOnRecord,
    icon: "fa fa-exchange",
    name: _t("Belongs elsewhere…"),
    onSelected: openWizard("action_move"),
    sequence: 62,
});
registerMessageAction("crm-mail-unassign", {
    condition: isOnRecord,
    icon: "fa fa-chain-broken",
    name: _t("Does not belong here"),
    onSelected: unassign,
    sequence: 63,
});
