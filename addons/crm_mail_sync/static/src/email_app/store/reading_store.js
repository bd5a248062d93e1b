/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";

// Bodies that are kept at hand, so that going back and forth is free.
const KEPT = 60;

/** The conversation that is open, and the bodies of its messages. */
export class ReadingStore extends Reactive {
    id = null;
    subject = "";
    row = null;
    messages = [];
    isLoading = false;
    error = "";
    /** Messages that are shown whole. */
    expanded = new Set();
    bodies = new Map();

    constructor(email) {
        super();
        this.email = email;
        this.keepLast = new KeepLast();
    }

    async open(itemId) {
        const row = this.email.list.rowOf(itemId);
        this.expanded.clear();
        Object.assign(this, { id: itemId, row: row || null, subject: row?.subject || "", messages: [], error: "" });
        this.isLoading = true;
        const { deeds } = this.email.acting;
        // Most often what is opened is what is read: its text need not wait for the conversation.
        this.loadBody(itemId);
        try {
            this.take(await this.keepLast.add(this.email.call("conversation", itemId)));
            this.expandUnread();
            this.email.announce(_t("Open: %(subject)s", { subject: this.subject || _t("(no subject)") }));
        } catch (error) {
            this.error = explainError(error);
        }
        this.isLoading = false;
        if (deeds !== this.email.acting.deeds) {
            this.email.refreshLater();
        }
        await this.markRead();
    }

    close() {
        this.keepLast.add(Promise.resolve());
        Object.assign(this, { id: null, row: null, subject: "", messages: [], error: "", isLoading: false });
    }

    take({ subject, row, messages }) {
        Object.assign(this, { subject, messages });
        this.row = this.listedRow || this.withinFolder(row, messages);
    }

    get listedRow() {
        const { list } = this.email;
        return list.rowOf(this.id) || this.messages.map(({ id }) => list.rowOf(id)).find(Boolean);
    }

    /** The list has come anew, and with it the row that all here is about. */
    takeListed() {
        this.row = this.listedRow || this.row;
    }

    /** What is done with a conversation is done where it is seen: not with the answers among what was sent. */
    withinFolder(row, messages) {
        const { folder } = this.email.source;
        const folderId = typeof folder === "number" ? folder : row.folder_id;
        const within = messages.filter(({ folders }) => folders.includes(folderId)).map(({ id }) => id);
        return { ...row, item_ids: within.length ? within.reverse() : [row.id] };
    }

    expandUnread() {
        const newest = this.messages.at(-1);
        for (const message of this.messages) {
            if (message === newest || !message.is_seen || message.id === this.id) {
                this.expanded.add(message.id);
            }
        }
    }

    async markRead() {
        const unread = this.messages.filter(({ is_seen }) => !is_seen);
        if (unread.length && this.email.canAct) {
            await this.email.acting.markRead(this.row, unread);
        }
    }

    /** @returns {Promise<boolean>} false if something was done here meanwhile that the answer does not know of */
    async refresh(touched) {
        const ids = new Set(touched);
        const { id, email } = this;
        if (!id || this.isLoading || (touched.length && !this.isTouched(ids))) {
            return true;
        }
        const { deeds } = email.acting;
        let answer;
        try {
            answer = await email.call("conversation", id);
        } catch (error) {
            // Gone from the mailbox meanwhile: what was read stays in sight.
            explainError(error);
            return true;
        }
        if (this.id !== id || this.isLoading) {
            return true;
        }
        return deeds === email.acting.deeds && this.takeAnew(answer);
    }

    takeAnew(answer) {
        const known = new Set(this.messages.map(({ id }) => id));
        this.take(answer);
        this.messages.filter(({ id }) => !known.has(id)).forEach(({ id }) => this.expanded.add(id));
        return true;
    }

    isTouched(ids) {
        const listed = this.email.list.rowOf(this.id);
        return this.messages.some(({ id }) => ids.has(id)) || Boolean(listed?.item_ids.some((id) => ids.has(id)));
    }

    toggle(id) {
        this.expanded.has(id) ? this.expanded.delete(id) : this.expanded.add(id);
    }

    /** The message that keys and the toolbar answer to: the newest one that is not a draft. */
    get newest() {
        return this.messages.findLast(({ is_draft }) => !is_draft) || this.messages.at(-1);
    }

    // Bodies

    body(itemId) {
        return this.bodies.get(itemId);
    }

    async loadBody(itemId, showImages = false) {
        const known = this.bodies.get(itemId);
        if (known && !known.error && (known.isLoading || !showImages)) {
            return;
        }
        this.bodies.set(itemId, { ...known, isLoading: true, error: "" });
        this.forgetOldest();
        try {
            const body = await this.email.call("body", itemId, showImages);
            this.bodies.set(itemId, { ...body, isLoading: false, version: (known?.version || 0) + 1 });
        } catch (error) {
            this.bodies.set(itemId, { ...known, isLoading: false, error: explainError(error) });
        }
    }

    forgetOldest() {
        for (const itemId of this.bodies.keys()) {
            if (this.bodies.size <= KEPT) {
                break;
            }
            if (!this.expanded.has(itemId) && itemId !== this.id) {
                this.bodies.delete(itemId);
            }
        }
    }

    /** All of a sender's letters show their images from now on, or do so no longer. */
    async setAlwaysImages(message, isOn) {
        await this.email.call("always_images", message.from.address, isOn);
        for (const { id, from } of this.messages) {
            if (from.address === message.from.address && this.bodies.has(id)) {
                this.bodies.delete(id);
                this.loadBody(id, isOn);
            }
        }
    }
}
