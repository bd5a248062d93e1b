/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { onWillDestroy, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useBus, useService } from "@web/core/utils/hooks";

const NOTIFICATION = "crm_mail_sync.email_app";
// Milliseconds in which changes are gathered: a scan tells of many, one batch after the other.
const GATHERED = 300;

/** Brings the app up to date when its mailbox has changed, and after the connection was lost. */
export function useLive(email) {
    const bus = useService("bus_service");
    let touched = new Set();
    let timer = null;

    async function refresh() {
        timer = null;
        const items = [...touched];
        touched = new Set();
        try {
            await email.refresh(items);
        } catch (error) {
            // The next change, or the connection when it is back, brings another try.
            explainError(error);
        }
    }

    function plan(items = []) {
        items.forEach((id) => touched.add(id));
        timer ??= browser.setTimeout(refresh, GATHERED);
    }

    function onNotification({ mailbox_id, items }) {
        if (mailbox_id === email.mailbox?.id) {
            plan(items);
        }
    }

    bus.subscribe(NOTIFICATION, onNotification);
    bus.start();
    onWillDestroy(() => {
        bus.unsubscribe(NOTIFICATION, onNotification);
        browser.clearTimeout(timer);
    });
    useBus(bus, "BUS:RECONNECT", () => plan());
    useExternalListener(browser, "offline", () => (email.isOffline = true));
    useExternalListener(browser, "online", () => {
        email.isOffline = false;
        plan();
    });
}
