/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";

import { shares } from "./rows";

const PAGE = 50;
// As many are asked for at once when what is shown is brought up to date.
const LARGE_PAGE = 100;

/** The conversations of a folder, a view or a search, as far as one has scrolled, and which of them are chosen. */
export class ListStore extends Reactive {
    rows = [];
    after = null;
    isLoading = false;
    isLoadingMore = false;
    error = "";
    /** The row that keys move from. */
    activeId = null;
    anchorId = null;
    selected = new Set();
    /** Whether something has changed since the page that is being loaded was asked for. */
    isStale = false;
    /** Goes up whenever the rows are others, not the same ones changed. */
    generation = 0;

    constructor(email) {
        super();
        this.email = email;
        this.keepLast = new KeepLast();
    }

    page(after, limit = PAGE) {
        const { folder, query, only } = this.email.source;
        return this.email.ask("conversations", folder, query, only, after, limit);
    }

    // What was found before stays in sight while one types.
    async load() {
        const isTyping = Boolean(this.email.place.query);
        const { deeds } = this.email.acting;
        Object.assign(this, { isLoading: true, isLoadingMore: false, error: "", generation: this.generation + 1 });
        this.isStale = false;
        this.unselect();
        if (!isTyping) {
            Object.assign(this, { rows: [], after: null, activeId: null });
        }
        try {
            const { rows, after } = await this.keepLast.add(this.page(null));
            Object.assign(this, { rows, after, activeId: null, isLoading: false });
            this.announceFound();
            if (this.isStale || deeds !== this.email.acting.deeds) {
                this.isStale = false;
                this.email.refreshLater();
            }
        } catch (error) {
            Object.assign(this, { rows: [], after: null, isLoading: false, error: explainError(error) });
        }
    }

    announceFound() {
        if (this.email.place.query) {
            const count = this.after ? _t("more than %(count)s", { count: this.rows.length }) : this.rows.length;
            this.email.announce(_t("Conversations found: %(count)s", { count }));
        }
    }

    async more() {
        if (!this.after || this.isLoadingMore || this.isLoading || this.error) {
            return;
        }
        const { generation } = this;
        this.isLoadingMore = true;
        try {
            const { rows, after } = await this.page(this.after);
            if (generation !== this.generation) {
                // Another list is shown by now.
                return;
            }
            const known = new Set(this.rows.flatMap((row) => row.item_ids));
            this.rows.push(...rows.filter((row) => !shares(row, known)));
            this.after = after;
        } catch (error) {
            if (generation !== this.generation) {
                return;
            }
            this.error = explainError(error);
        }
        this.isLoadingMore = false;
    }

    retry() {
        this.error = "";
        return this.rows.length ? this.more() : this.load();
    }

    /**
     * Bring what is shown up to date: the first page, and further on as far as rows were touched.
     *
     * @returns {Promise<boolean>} false if something was done here meanwhile that the answer does not know of
     */
    async refresh(touched) {
        if (this.isLoading) {
            this.isStale = true;
            return true;
        }
        const { generation } = this;
        const { deeds } = this.email.acting;
        const ids = new Set(touched);
        const needed = Math.max(PAGE, this.rows.findLastIndex((row) => shares(row, ids)) + 1);
        const fresh = await this.first(needed);
        if (generation !== this.generation) {
            return true;
        }
        if (deeds !== this.email.acting.deeds) {
            return false;
        }
        const newRows = this.newIn(fresh.rows);
        this.merge(fresh);
        this.email.announceNew(newRows);
        return true;
    }

    async first(needed) {
        const found = { rows: [], after: null };
        do {
            const { rows, after } = await this.page(found.after, needed > PAGE ? LARGE_PAGE : PAGE);
            found.rows.push(...rows);
            found.after = after;
        } while (found.after && found.rows.length < needed);
        return found;
    }

    newIn(rows) {
        const newest = this.rows[0]?.date || "";
        const known = new Set(this.rows.flatMap((row) => row.item_ids));
        return rows.filter((row) => row.unread && row.date >= newest && !known.has(row.id));
    }

    /** What lies behind the fresh rows stays as it is. */
    merge({ rows, after }) {
        const fresh = new Set(rows.flatMap((row) => row.item_ids));
        const last = rows.at(-1);
        this.keepOpen(rows, fresh);
        const isBehind = (row) => row.date <= last.date && !rows.includes(row) && !shares(row, fresh);
        const rest = after ? this.rows.filter(isBehind) : [];
        const chosen = new Set(this.chosen.flatMap((row) => row.item_ids));
        const active = new Set(this.active?.item_ids);
        this.rows = [...rows, ...rest];
        this.after = rest.length ? this.after : after;
        this.selected = new Set(this.rows.filter((row) => shares(row, chosen)).map((row) => row.id));
        this.activeId = this.rows.find((row) => shares(row, active))?.id || null;
    }

    /** What one reads is no longer unread, yet not gone from under one's eyes. */
    keepOpen(rows, fresh) {
        const { folder, only } = this.email.source;
        const open = this.rowOf(this.email.reading.id);
        if (open && (folder === "unread" || only === "unread") && !shares(open, fresh)) {
            const index = rows.findIndex(({ date }) => date < open.date);
            rows.splice(index < 0 ? rows.length : index, 0, open);
        }
    }

    rowOf(itemId) {
        return this.rows.find((row) => row.item_ids.includes(itemId));
    }

    // Moving

    get active() {
        return this.rows.find((row) => row.id === this.activeId);
    }

    get activeIndex() {
        return this.rows.findIndex((row) => row.id === this.activeId);
    }

    move(step) {
        const index = Math.min(Math.max(this.activeIndex + step, 0), this.rows.length - 1);
        this.activeId = this.rows[index]?.id || null;
        return this.rows[index];
    }

    /** The one to read after these have gone: the next older one, else the one before. */
    neighbour(rows) {
        const gone = new Set(rows.map((row) => row.id));
        const last = this.rows.findLastIndex((row) => gone.has(row.id));
        const first = this.rows.findIndex((row) => gone.has(row.id));
        return this.rows[last + 1] || this.rows[first - 1];
    }

    // Choosing

    get chosen() {
        return this.rows.filter((row) => this.selected.has(row.id));
    }

    get areAllSelected() {
        return Boolean(this.rows.length) && this.selected.size === this.rows.length;
    }

    toggle(row, isRange = false) {
        const isOn = !this.selected.has(row.id);
        const ids = this.rows.map(({ id }) => id);
        const anchor = ids.indexOf(this.anchorId);
        const end = ids.indexOf(row.id);
        const range = isRange && anchor >= 0 ? ids.slice(Math.min(anchor, end), Math.max(anchor, end) + 1) : [row.id];
        for (const id of range) {
            isOn ? this.selected.add(id) : this.selected.delete(id);
        }
        this.anchorId = row.id;
        this.activeId = row.id;
    }

    selectAll() {
        this.rows.forEach(({ id }) => this.selected.add(id));
    }

    unselect() {
        this.selected.clear();
        this.anchorId = null;
    }
}
