/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { fields } from "@mail/core/common/record";
import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {string|undefined} the reader's own mailbox, if he can write from one */
        this.mailboxToWriteFrom = fields.Attr(undefined);
        /** @type {string|undefined} "Name <address>" */
        this.addressToWriteTo = fields.Attr(undefined);
    },
});
