/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { onWillUnmount, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const NOTIFICATION = "crm_mail_sync/progress";
// Where the bus does not reach (another user's mailbox, no websocket), the mailbox itself is asked.
const POLL_MILLISECONDS = 5000;
// The time left is reckoned from the speed of so long a while.
const WINDOW_MILLISECONDS = 60000;

export const progressDependencies = [
    { name: "state", type: "selection" },
    { name: "progress_done", type: "integer" },
    { name: "progress_total", type: "integer" },
];

/**
 * Follows a mailbox's scan while it is shown.
 *
 * @param {() => Object} getRecord the mailbox's record, which has the fields above
 * @param {Object} [options]
 * @param {() => Promise} [options.onEnded] called when a scan is over: times, counts and messages are new
 * @returns {{state: string, done: number, total: number, secondsLeft: number|null}}
 */
export function useMailboxProgress(getRecord, { onEnded } = {}) {
    const bus = useService("bus_service");
    const orm = useService("orm");
    const live = useState({ state: "draft", done: 0, total: 0, secondsLeft: null });
    let samples = [];

    function show({ state, done, total }) {
        const now = Date.now();
        samples = samples.filter((s) => now - s.time < WINDOW_MILLISECONDS && s.done <= done);
        samples.push({ time: now, done });
        const { time: since, done: before } = samples[0];
        const rate = done > before ? (done - before) / (now - since) : 0;
        const secondsLeft = rate ? (total - done) / rate / 1000 : null;
        Object.assign(live, { state, done, total, secondsLeft });
    }

    async function follow(progress) {
        const hasChanged = live.state !== progress.state;
        show(progress);
        if (progress.state !== "importing" && (hasChanged || progress.done >= progress.total)) {
            await onEnded?.();
        }
    }

    async function poll() {
        const id = getRecord().resId;
        if (!id || live.state !== "importing") {
            return;
        }
        const names = ["state", "progress_done", "progress_total"];
        const [values] = await orm.silent.read("crm.mail.mailbox", [id], names);
        if (values) {
            const { state, progress_done: done, progress_total: total } = values;
            await follow({ state, done, total });
        }
    }

    const onNotification = (payload) => {
        if (payload.mailbox_id === getRecord().resId) {
            return follow(payload);
        }
    };
    bus.subscribe(NOTIFICATION, onNotification);
    const timer = browser.setInterval(poll, POLL_MILLISECONDS);
    onWillUnmount(() => {
        bus.unsubscribe(NOTIFICATION, onNotification);
        browser.clearInterval(timer);
    });
    useEffect(
        (state, done, total) => show({ state, done, total }),
        () => {
            const { state, progress_done: done, progress_total: total } = getRecord().data;
            return [state, done, total];
        }
    );
    return live;
}

/** @param {number|null} seconds */
export function timeLeft(seconds) {
    if (seconds === null || !isFinite(seconds)) {
        return "";
    }
    if (seconds < 60) {
        return _t("less than a minute left");
    }
    const minutes = Math.round(seconds / 60);
    if (minutes < 90) {
        return minutes === 1 ? _t("about a minute left") : _t("about %s minutes left", minutes);
    }
    return _t("about %s hours left", Math.round(minutes / 60));
}
