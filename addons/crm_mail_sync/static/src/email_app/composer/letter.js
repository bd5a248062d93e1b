/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { markRaw } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";

const DRAFTS = "crm.mail.draft";
// After the last change, and after the first one that was not saved (milliseconds).
const PAUSE = 1500;
const LONGEST_PAUSE = 10000;

/**
 * A letter that is being written in one window: what is typed, and how far it is saved.
 *
 * Calls are made one after the other, so that a later version never arrives before an earlier one.
 */
export class Letter {
    constructor(services, draft) {
        this.services = services;
        this.mutex = markRaw(new Mutex());
        /** Reads what is typed in the editor, which tells only that it was changed. */
        this.readBody = null;
        this.changed = new Set();
        this.changedSince = 0;
        this.isEdited = false;
        this.isKept = false;
        /** @type {""|"saving"|"saved"|"failed"} */
        this.saving = "";
        this.isSending = false;
        this.take(draft);
    }

    take(draft) {
        Object.assign(this, {
            id: draft.id,
            kind: draft.kind,
            subject: draft.subject,
            to: draft.to,
            cc: draft.cc,
            bcc: draft.bcc,
            body: draft.body,
            quote: draft.quote,
            files: draft.files,
            mostBytes: draft.most_bytes,
            from: draft.from,
            targets: draft.targets,
            error: draft.error,
        });
    }

    get title() {
        return this.subject || _t("New email");
    }

    get bytes() {
        return this.files.reduce((sum, file) => sum + file.size, 0);
    }

    get savingText() {
        return { saving: _t("Saving…"), saved: _t("Saved"), failed: _t("Not saved") }[this.saving] || "";
    }

    set(name, value) {
        this[name] = value;
        this.note(name);
    }

    /** Something was changed, and is saved when the typing pauses. */
    note(name) {
        this.changed.add(name);
        this.isEdited = true;
        this.changedSince ||= Date.now();
        browser.clearTimeout(this.timer);
        const longest = this.changedSince + LONGEST_PAUSE - Date.now();
        this.timer = browser.setTimeout(() => this.save(), Math.max(0, Math.min(PAUSE, longest)));
    }

    /** What was changed since it was last saved. */
    takeChanges() {
        browser.clearTimeout(this.timer);
        if (this.changed.has("body") && this.readBody) {
            this.body = this.readBody();
        }
        const values = Object.fromEntries([...this.changed].map((name) => [name, this[name]]));
        this.changed.clear();
        this.changedSince = 0;
        return values;
    }

    /** @param {boolean} isLast nothing more is typed for now */
    save(isLast = false) {
        return this.mutex.exec(async () => {
            const values = this.takeChanges();
            if (!Object.keys(values).length && !isLast) {
                return true;
            }
            this.saving = "saving";
            try {
                const draft = await this.call("save", this.id, values, isLast);
                this.error = draft.error;
                this.saving = "saved";
                return true;
            } catch (error) {
                this.fail(values, error);
                return false;
            }
        });
    }

    fail(values, error) {
        this.error = explainError(error);
        this.saving = "failed";
        Object.keys(values).forEach((name) => this.changed.add(name));
    }

    /** @returns {Promise<number|false>} for how many seconds it can be undone; false if it cannot be sent like this */
    async send() {
        this.isSending = true;
        const answer = await this.mutex.exec(async () => {
            const values = this.takeChanges();
            try {
                return await this.call("send_later", this.id, values);
            } catch (error) {
                this.fail(values, error);
                return false;
            }
        });
        this.isSending = false;
        return answer && answer.undo_seconds;
    }

    async discard() {
        browser.clearTimeout(this.timer);
        this.changed.clear();
        return this.mutex.exec(() => this.call("discard", this.id));
    }

    async removeFile(file) {
        this.files = await this.mutex.exec(() => this.call("remove_file", this.id, file.id));
        this.note("files");
    }

    async useTemplate(template) {
        return this.mutex.exec(async () => {
            const { subject, body, draft } = await this.call("use_template", this.id, template.id);
            this.files = draft.files;
            if (subject && (!this.subject || this.kind === "new")) {
                this.set("subject", subject);
            }
            return body;
        });
    }

    /** Of those that it is written to by now. */
    async templates() {
        await this.save();
        return this.mutex.exec(() => this.call("templates", this.id));
    }

    call(method, ...args) {
        return this.services.orm.silent.call(DRAFTS, method, args);
    }
}
