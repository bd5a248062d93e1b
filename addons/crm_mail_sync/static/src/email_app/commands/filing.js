/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { _t } from "@web/core/l10n/translation";
import { delay } from "@web/core/utils/concurrency";

import { WhyDialog } from "../dialogs/why_dialog";

const LETTERS = "crm.mail.email";
// Milliseconds between two questions after what is being archived, and how often it is asked.
const PAUSE = 700;
const TRIES = 60;

/** What is done with letters in Odoo: they are archived first, if they are not yet. */
export class Filing {
    constructor(email) {
        this.email = email;
    }

    commands(rows) {
        const one = rows.length === 1 && rows[0];
        const items = rows.flatMap((row) => row.item_ids.map((id) => ({ id })));
        const archived = rows.filter((row) => row.is_archived);
        return [
            ...this.records(items, one),
            ...this.levels(archived, one, (isPrivate) => this.setPrivate(archived, isPrivate)),
        ];
    }

    /** For one message of a conversation. */
    messageCommands(message) {
        const level = (isPrivate) => this.setLevel(message, isPrivate);
        return [
            ...this.records([message], message),
            ...this.levels(message.email_id ? [message] : [], message, level),
            this.command("why", "fa-question-circle-o", _t("Why is it here?"), 6, () => this.why(message)),
            ...(message.email_id
                ? [this.command("original", "fa-file-text-o", _t("Download original"), 6, () => this.download(message))]
                : []),
        ];
    }

    records(items, one) {
        const { rights } = this.email;
        return [
            this.command("assign", "fa-link", _t("Assign…"), 4, () => this.assign(items)),
            one && rights.contact && this.create("contact", "fa-user-plus", _t("Create contact"), one),
            one && rights.lead && this.create("lead", "fa-handshake-o", _t("Create lead"), one),
            one && rights.task && this.create("task", "fa-check-square-o", _t("Create task"), one),
        ].filter(Boolean);
    }

    levels(archived, one, set) {
        const isPrivate = archived.every(({ is_private }) => is_private);
        return [
            archived.length &&
                (isPrivate
                    ? this.command("share", "fa-unlock", _t("Show to colleagues again"), 5, () => set(false))
                    : this.command("private", "fa-lock", _t("Make private"), 5, () => set(true))),
            one && this.command("exclude", "fa-user-times", _t("Exclude sender…"), 5, () => this.exclude(one)),
        ].filter(Boolean);
    }

    command(id, icon, label, group, run) {
        return { id, icon, label, group, isMain: id === "assign", run: () => this.explaining(run) };
    }

    create(what, icon, label, item) {
        return this.command(what, icon, label, 4, () => this.doOn(`action_create_${what}`, [item]));
    }

    /** What is not possible is told, and no fault. */
    async explaining(run) {
        try {
            await run();
        } catch (error) {
            this.email.services.notification.add(explainError(error), { type: "danger" });
        }
    }

    /** The letters of these messages; those that are not archived are fetched and archived. */
    async letters(items) {
        const missing = items.filter(({ email_id }) => !email_id).map(({ id }) => id);
        const found = missing.length ? await this.archive(missing) : {};
        return [...new Set(items.map(({ id, email_id }) => email_id || found[id]).filter(Boolean))];
    }

    /** The next scan fetches them, at once; nothing else is sensible meanwhile. */
    async archive(ids) {
        const { ui } = this.email.services;
        ui.block({ message: _t("Archiving…") });
        try {
            let answer = await this.email.call("archive_items", ids);
            for (let tries = 0; answer.waiting.length && tries < TRIES; tries++) {
                await delay(PAUSE);
                answer = await this.email.call("archived_items", ids);
            }
            return answer.email_ids;
        } finally {
            ui.unblock();
        }
    }

    async doOn(method, items) {
        const { action, orm } = this.email.services;
        const ids = await this.letters(items);
        if (!ids.length) {
            const message = _t("It could not be archived yet. “Why is it here?” tells more; try again in a while.");
            this.email.services.notification.add(message, { type: "warning" });
            return;
        }
        const result = await orm.call(LETTERS, method, [ids]);
        if (result) {
            await action.doAction(result, { onClose: () => this.email.refresh() });
        }
    }

    assign(items) {
        return this.doOn("action_assign", items);
    }

    exclude(item) {
        return this.doOn("action_exclude_sender", [item]);
    }

    /** Of one message alone. */
    async setLevel(message, isPrivate) {
        await this.doOn(isPrivate ? "action_make_private" : "action_take_private_back", [message]);
        await this.email.refresh();
    }

    /** Of all that is archived of these conversations, wherever it lies. */
    async setPrivate(rows, isPrivate) {
        const ids = rows.flatMap((row) => row.item_ids);
        await this.email.call("set_private", ids, isPrivate);
        await this.email.refresh();
    }

    why(message) {
        this.email.services.dialog.add(WhyDialog, { message });
    }

    download({ email_id }) {
        return this.email.services.action.doAction({
            type: "ir.actions.act_url",
            url: `/crm_mail_sync/letter/${email_id}.eml`,
            target: "download",
        });
    }
}
