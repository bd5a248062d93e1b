/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    /** Whether letters stand among its messages; further targets add their model. */
    get showsLetters() {
        return ["res.partner", "crm.lead"].includes(this.model);
    },
    async loadAround(messageId) {
        await super.loadAround(...arguments);
        if (!this.showsLetters) {
            return;
        }
        // Core tells older from newer messages by their ids; these chatters are in the order of dates.
        const index = this.messages.findIndex((message) => message.id === messageId);
        if (index >= 0) {
            const half = this.store.FETCH_LIMIT;
            this.loadOlder = index >= half - 1;
            this.loadNewer = this.messages.length - index - 1 >= half;
        }
    },
});
