import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    async loadAround(messageId) {
        await super.loadAround(...arguments);
        if (!["res.partner", "crm.lead"].includes(this.model)) {
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
