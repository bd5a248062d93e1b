/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { onWillDestroy, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

// Milliseconds between two requests to have the mailbox looked at.
const OFTEN = 40_000;
// Rows whose beginnings are asked for at once.
const AT_ONCE = 50;

/** As long as somebody looks at the app, its mailbox is scanned often; and what its server tells late is asked for. */
export function useWatching(email) {
    const asked = new Set();

    async function quietly(method, ...args) {
        try {
            return await email.call(method, ...args);
        } catch (error) {
            // Nobody has asked for it, and it is tried again.
            explainError(error);
            return null;
        }
    }

    function watch() {
        if (email.hasList && document.visibilityState === "visible") {
            quietly("watch");
        }
    }

    /** Not every server tells with its list how a text begins. */
    async function completeRows() {
        const mute = email.list.rows.filter((row) => !row.snippet && !asked.has(row.id)).slice(0, AT_ONCE);
        if (!mute.length || email.list.isLoading) {
            return;
        }
        mute.forEach((row) => asked.add(row.id));
        const snippets = await quietly(
            "snippets",
            mute.map((row) => row.id)
        );
        for (const [id, text] of Object.entries(snippets || {})) {
            const row = email.list.rowOf(Number(id));
            if (row) {
                row.snippet = text;
            }
        }
        completeRows();
    }

    const timer = browser.setInterval(watch, OFTEN);
    onWillDestroy(() => browser.clearInterval(timer));
    useEffect(
        (hasList) => {
            if (hasList) {
                watch();
            }
        },
        () => [email.hasList]
    );
    useEffect(
        () => {
            completeRows();
        },
        () => [email.list.rows, email.list.rows.length]
    );
}
