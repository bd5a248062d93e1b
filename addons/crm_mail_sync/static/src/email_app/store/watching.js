/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { onWillDestroy, status, useComponent, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

// Milliseconds between two requests to have the mailbox looked at.
const OFTEN = 40_000;
// Rows whose beginnings are asked for at once.
const AT_ONCE = 50;

/** As long as somebody looks at the app, its mailbox is scanned often; and what its server tells late is asked for. */
export function useWatching(email) {
    const component = useComponent();
    // Item → the beginning of its text, "" as long as it was only asked for.
    const known = new Map();

    async function quietly(method, ...args) {
        try {
            return await email.call(method, ...args);
        } catch (error) {
            // Nobody has asked for it, and it is tried again.
            explainError(error);
            return null;
        }
    }

    async function watch() {
        if (email.hasList && document.visibilityState === "visible") {
            completeRows();
            const seen = await quietly("watch");
            if (seen && status(component) !== "destroyed") {
                email.follow(seen);
            }
        }
    }

    /** Not every server tells with its list how a text begins. */
    async function completeRows() {
        const mute = email.list.rows.filter((row) => !row.snippet);
        // A list that was on its way meanwhile does not know it yet.
        mute.forEach((row) => (row.snippet = known.get(row.id) || ""));
        const wanted = mute.map((row) => row.id).filter((id) => !known.has(id));
        if (!wanted.length || email.list.isLoading) {
            return;
        }
        const some = wanted.slice(0, AT_ONCE);
        some.forEach((id) => known.set(id, ""));
        const snippets = await quietly("snippets", some);
        if (!snippets) {
            some.forEach((id) => known.delete(id));
            return;
        }
        Object.entries(snippets).forEach(([id, text]) => known.set(Number(id), text));
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
