/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";

import { openComposer } from "./composer_service";

patch(Chatter.prototype, {
    /** Whether an email from one's own mailbox can be written about this record. */
    get canWriteEmail() {
        const { thread } = this.state;
        return Boolean(thread?.id && thread.showsLetters && thread.mailboxToWriteFrom);
    },
    writeEmail() {
        const { id, model, addressToWriteTo } = this.state.thread;
        const to = addressToWriteTo ? [addressToWriteTo] : [];
        openComposer(this.env, { kind: "new", to, model, resId: id });
    },
});
