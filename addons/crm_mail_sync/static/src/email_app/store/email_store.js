/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { markRaw } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { delay, Mutex } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";

import { ActingStore } from "./acting_store";
import { ListStore } from "./list_store";
import { ReadingStore } from "./reading_store";

const MODEL = "crm.mail.app.email";
// How often, and after how many milliseconds each time, is asked again what the connection was lost over.
const TRIES = 3;
const PAUSE = 1000;

/** All that the app knows: its mailbox and folders, where one is, what is listed and what is read. */
export class EmailStore extends Reactive {
    phase = "loading";
    error = "";
    /** "ready", "importing", "trouble", "no_mailbox" or "not_connected", and what to do about it. */
    state = "";
    message = "";
    mailbox = null;
    folders = [];
    rights = { contact: false, lead: false, task: false };
    undoSeconds = 10;
    isOffline = false;
    /** Whether the mailbox is known to be in another state than this. */
    isOtherwise = false;
    /** What is read out to those who do not see the screen. */
    announcement = "";
    /** Of each change that is not shown yet the messages, none of one that may be about any. */
    unshown = [];

    /** @param {import("./place").Place} place */
    constructor(services, place) {
        super();
        this.services = services;
        this.place = place;
        this.list = new ListStore(this);
        this.reading = new ReadingStore(this);
        this.acting = new ActingStore(this);
        this.refreshes = markRaw(new Mutex());
    }

    call(method, ...args) {
        return this.services.orm.silent.call(MODEL, method, args);
    }

    /** A question, which changes nothing: a connection that is lost for a moment is nobody's trouble. */
    async ask(method, ...args) {
        for (let tries = TRIES; tries; tries--) {
            try {
                return await this.call(method, ...args);
            } catch (error) {
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
                await delay(PAUSE);
            }
        }
        return this.call(method, ...args);
    }

    /** The mailbox and its folders, then what the place shows. */
    async start() {
        this.phase = "loading";
        try {
            this.take(await this.ask("open"));
        } catch (error) {
            this.error = explainError(error);
            this.phase = "failed";
            return;
        }
        this.phase = "shown";
        if (this.hasList) {
            if (!this.isPlaceKnown(this.place)) {
                this.place.folder = this.home;
            }
            await this.show();
        }
    }

    /** The mailbox is in such a state by now; if that is another one, the app opens anew what it shows. */
    follow({ state, message }) {
        if (state !== this.state || message !== this.message) {
            this.isOtherwise = true;
            this.refreshLater();
        }
    }

    take({ state, message, mailbox, folders, rights, undo_seconds }) {
        Object.assign(this, { state, message, mailbox, rights, folders, undoSeconds: undo_seconds });
        this.isOtherwise = false;
    }

    get hasList() {
        return Boolean(this.mailbox) && !["no_mailbox", "not_connected"].includes(this.state);
    }

    get canAct() {
        return Boolean(this.mailbox?.can_act);
    }

    // Folders

    get listedFolders() {
        return this.folders.filter((folder) => folder.is_picked);
    }

    folder(id) {
        return this.folders.find((folder) => folder.id === id);
    }

    /** Where one is at first. */
    get home() {
        const listed = this.listedFolders.filter(({ selectable }) => selectable);
        return (listed.find(({ role }) => role === "inbox") || listed[0])?.id || "all";
    }

    isPlaceKnown({ folder }) {
        return typeof folder === "string" || this.listedFolders.some(({ id }) => id === folder);
    }

    // Places

    /** What the list is asked for; a search goes over everything, unless it is to stay within the folder. */
    get source() {
        const { folder, query, isWithin, only } = this.place;
        return { folder: query && !isWithin ? "all" : folder, query, only };
    }

    async show() {
        const { letter } = this.place;
        const listed = this.list.load();
        await Promise.all([listed, letter ? this.reading.open(letter) : this.reading.close()]);
    }

    /** Go where the address leads: back, forward, or by a link. */
    async goTo(place) {
        const before = this.source;
        const wasLetter = this.place.letter;
        this.place = this.isPlaceKnown(place) ? place : { ...place, folder: this.home };
        const { folder, query, only } = this.source;
        const isListed = folder === before.folder && query === before.query && only === before.only;
        if (!isListed) {
            this.list.load();
        }
        if (this.place.letter !== wasLetter) {
            await (this.place.letter ? this.reading.open(this.place.letter) : this.reading.close());
        }
    }

    openFolder(folder) {
        const { query, only } = this.place;
        if (folder === this.place.folder && !query && !only) {
            this.list.load();
        }
        return this.goTo({ folder, query: "", isWithin: false, only: "", letter: null });
    }

    search(query) {
        return this.goTo({ ...this.place, query, letter: null });
    }

    setWithin(isWithin) {
        return this.goTo({ ...this.place, isWithin, letter: null });
    }

    setOnly(only) {
        return this.goTo({ ...this.place, only, letter: null });
    }

    openLetter(id) {
        return this.goTo({ ...this.place, letter: id });
    }

    closeLetter() {
        return this.goTo({ ...this.place, letter: null });
    }

    // Live

    /** After a change on either side. */
    refresh(touched = []) {
        this.unshown.push(touched);
        return this.refreshes.exec(() => this.showChanges());
    }

    /** What nobody waits for; if it fails, the next change, or the connection when it is back, brings another try. */
    async refreshLater() {
        this.unshown.push([]);
        await this.catchUp();
    }

    async catchUp() {
        try {
            await this.refreshes.exec(() => this.showChanges());
        } catch (error) {
            explainError(error);
        }
    }

    /** What is being changed here is left alone until the mailbox has answered. */
    async showChanges() {
        while (this.unshown.length && !this.acting.isBusy) {
            const changes = this.unshown;
            this.unshown = [];
            const touched = changes.every(({ length }) => length) ? changes.flat() : [];
            let isShown = false;
            try {
                isShown = await this.bringUpToDate(touched);
            } finally {
                this.unshown.push(...(isShown ? [] : changes));
            }
        }
    }

    /** @returns {Promise<boolean>} false if something was done here meanwhile that the answers do not know of */
    async bringUpToDate(touched) {
        const { deeds } = this.acting;
        const opens = this.state !== "ready" || this.isOtherwise;
        const answer = await this.call(opens ? "open" : "folders");
        if (deeds !== this.acting.deeds) {
            return false;
        }
        opens ? this.take(answer) : (this.folders = answer);
        if (!this.hasList) {
            return true;
        }
        const isShown = await Promise.all([this.list.refresh(touched), this.reading.refresh(touched)]);
        this.reading.takeListed();
        return isShown.every(Boolean);
    }

    announce(text) {
        this.announcement = text;
    }

    announceNew(rows) {
        if (rows.length === 1) {
            const [{ people, subject }] = rows;
            const sender = people.at(-1)?.name || people.at(-1)?.address || "";
            this.announce(_t("New email from %(sender)s: %(subject)s", { sender, subject }));
        } else if (rows.length) {
            this.announce(_t("%(count)s new emails", { count: rows.length }));
        }
    }
}
