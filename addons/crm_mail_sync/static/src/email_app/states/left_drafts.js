/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { openComposer } from "@crm_mail_sync/composing/composer_service";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";

const DRAFTS = "crm.mail.draft";

/** What was written and came back unsent, or lies in no mailbox: it would be found nowhere else. */
export class LeftDrafts extends Component {
    static template = "crm_mail_sync.LeftDrafts";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.state = useState({ drafts: [] });
        const load = () => this.load();
        onWillStart(() => void load());
        this.bus.subscribe("crm_mail_sync.draft", load);
        onWillUnmount(() => this.bus.unsubscribe("crm_mail_sync.draft", load));
    }

    async load() {
        this.state.drafts = await this.orm.silent.call(DRAFTS, "left", []);
    }

    text({ subject, error }) {
        const named = subject || _t("(no subject)");
        return error
            ? _t("“%(subject)s” was not sent. %(error)s", { subject: named, error })
            : _t("“%(subject)s” is kept in Odoo only, for this mailbox takes no drafts from here.", { subject: named });
    }

    open({ id }) {
        this.state.drafts = this.state.drafts.filter((draft) => draft.id !== id);
        return openComposer(this.env, { draftId: id });
    }
}
