/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { markRaw, reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { Dock } from "./dock";
import { Letter } from "./letter";

const DRAFTS = "crm.mail.draft";
// What is added to the time in which a letter can be called back (milliseconds).
const LATE = 400;
const TRIES = 5;
// What tells one letter to be opened from another.
const KEYS = ["kind", "itemId", "emailId", "to", "model", "resId", "draftId"];

/** The open windows, and the letters that have left them and can still be called back. */
export class DockStore {
    constructor(services) {
        this.services = markRaw({ ...services });
        /** @type {Letter[]} newest last */
        this.letters = [];
        this.minimised = new Set();
        this.fullId = false;
        this.activeId = false;
        // Letters of whose fate somebody here waits to hear.
        this.awaited = new Set();
        // Letter → the error that was told of it: a worker and this browser may hear of it both.
        this.told = new Map();
        // What is asked for → the window that comes, for those who press twice.
        this.opening = markRaw(new Map());
    }

    get orm() {
        return this.services.orm;
    }

    /** See the composer service. */
    async open(options) {
        const known = options.draftId && this.letters.find((letter) => letter.id === options.draftId);
        if (known) {
            return this.show(known);
        }
        const key = JSON.stringify(KEYS.map((name) => options[name] ?? null));
        if (!this.opening.has(key)) {
            this.opening.set(key, this.fetch(options).finally(() => this.opening.delete(key)));
        }
        return this.opening.get(key);
    }

    async fetch({ kind, itemId, emailId, to, model, resId, draftId }) {
        try {
            const draft = draftId
                ? await this.orm.call(DRAFTS, "undo_send", [draftId])
                : await this.orm.call(DRAFTS, "begin", [kind], {
                      item_id: itemId ?? null,
                      email_id: emailId ?? null,
                      to: typeof to === "string" ? [to] : to ?? [],
                      model: model ?? null,
                      res_id: resId ?? null,
                  });
            this.add(draft, Boolean(draftId) || kind === "draft");
        } catch (error) {
            this.services.notification.add(explainError(error), { type: "danger" });
        }
    }

    /** @param {boolean} isKept whether it was written before, and stays if nothing more is done to it */
    add(draft, isKept) {
        const known = this.letters.find((letter) => letter.id === draft.id);
        if (known) {
            return this.show(known);
        }
        const letter = reactive(new Letter(this.services, draft));
        letter.isKept = isKept;
        this.letters.push(letter);
        this.activeId = letter.id;
    }

    show(letter) {
        this.minimised.delete(letter.id);
        this.activeId = letter.id;
    }

    minimise(letter) {
        this.minimised.add(letter.id);
        this.fullId = false;
        letter.save();
    }

    toggleFull(letter) {
        this.fullId = this.fullId === letter.id ? false : letter.id;
        this.show(letter);
    }

    /** Close the window; what was written stays among the drafts. */
    async close(letter) {
        if (!letter.isEdited) {
            this.remove(letter);
            return letter.isKept || letter.discard();
        }
        if (await letter.save(true)) {
            this.remove(letter);
        }
    }

    async discard(letter) {
        this.remove(letter);
        const why = await letter.discard();
        if (why) {
            const text = _t("The draft is removed here, but still lies in your mailbox. %(why)s", { why });
            this.services.notification.add(text, { type: "warning" });
        }
    }

    remove(letter) {
        this.letters = this.letters.filter((other) => other.id !== letter.id);
        this.minimised.delete(letter.id);
        if (this.fullId === letter.id) {
            this.fullId = false;
        }
        this.activeId = this.letters.at(-1)?.id || false;
    }

    async send(letter) {
        const seconds = !letter.isSending && (await letter.send());
        if (!seconds) {
            return;
        }
        this.remove(letter);
        this.told.delete(letter.id);
        this.awaited.add(letter.id);
        let isUndone = false;
        const close = this.services.notification.add(_t("Email sent."), {
            type: "success",
            autocloseDelay: seconds * 1000,
            buttons: [
                {
                    name: _t("Undo"),
                    primary: true,
                    onClick: () => {
                        isUndone = true;
                        close();
                        this.undo(letter);
                    },
                },
            ],
        });
        browser.setTimeout(() => isUndone || this.finish(letter, TRIES), seconds * 1000 + LATE);
    }

    async undo(letter) {
        this.awaited.delete(letter.id);
        await this.open({ draftId: letter.id });
    }

    /** The time is over: have it sent, and hear what has become of it. */
    async finish(letter, tries) {
        let fate;
        try {
            fate = await letter.call("send_now", letter.id);
        } catch (error) {
            // A job sends it; if that fails, the server tells.
            explainError(error);
            this.awaited.delete(letter.id);
            return;
        }
        if (fate.state === "queued" && tries) {
            browser.setTimeout(() => this.finish(letter, tries - 1), 1000);
            return;
        }
        this.awaited.delete(letter.id);
        if (fate.state === "sent") {
            this.reloadChatters(letter.targets);
        } else if (fate.state === "writing" && fate.error) {
            this.tellNotSent({ id: letter.id, subject: letter.subject, error: fate.error });
        }
    }

    /** A letter has come back: say why, and where it is. */
    tellNotSent({ id, subject, error }) {
        if (this.awaited.has(id) || this.told.get(id) === error) {
            return;
        }
        this.told.set(id, error);
        const close = this.services.notification.add(error, {
            title: _t("Not sent: %(subject)s", { subject: subject || _t("(no subject)") }),
            type: "danger",
            sticky: true,
            buttons: [
                {
                    name: _t("Open"),
                    primary: true,
                    onClick: () => {
                        close();
                        this.open({ draftId: id });
                    },
                },
            ],
        });
    }

    /** The letter stands in the chatters of its records now. */
    reloadChatters(targets) {
        const threads = this.services["mail.store"]?.Thread;
        for (const { model, id } of threads ? targets : []) {
            const thread = threads.get({ model, id });
            if (thread?.isLoaded) {
                thread.isLoaded = false;
                thread.messages = [];
                thread.fetchNewMessages();
            }
        }
    }
}

/** Made with the first window. */
function makeDock(env) {
    const store = reactive(new DockStore(env.services));
    registry.category("main_components").add("crm_mail_sync.ComposerDock", { Component: Dock, props: { store } });
    return store;
}
registry.category("crm_mail_composer").add("makeDock", makeDock);
