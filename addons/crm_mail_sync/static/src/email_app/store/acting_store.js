/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { explainError } from "@crm_mail_sync/letter/explain_error";
import { markRaw } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";
import { pick } from "@web/core/utils/objects";
import { Reactive } from "@web/core/utils/reactive";

import { tellWhyNot } from "../states/why_not";
import { doneText } from "./acting_texts";
import { shares } from "./rows";

const FLAGS = {
    read: { unread: false },
    unread: { unread: true },
    star: { flagged: true },
    unstar: { flagged: false },
};
const MESSAGE_FLAGS = {
    read: { is_seen: true },
    unread: { is_seen: false },
    star: { is_flagged: true },
    unstar: { is_flagged: false },
};

/**
 * Acts in the mailbox: at once on the screen, taken back if the provider refuses.
 *
 * The mailbox is told of one after the other, in the order in which they were done.
 */
export class ActingStore extends Reactive {
    pending = 0;
    /** How much was done so far: an answer that was asked for before does not know of it. */
    deeds = 0;
    /** What the key "z" takes back. */
    lastUndo = null;

    constructor(email) {
        super();
        this.email = email;
        this.mutex = markRaw(new Mutex());
    }

    get isBusy() {
        return this.pending > 0;
    }

    /**
     * @param {string} action read, unread, star, unstar, archive, move, delete, spam, not_spam
     * @param {Object[]} rows conversations
     * @param {number} [folderId] where to, for "move"
     */
    async act(action, rows, folderId = null) {
        if (!rows.length || !this.checkCanAct()) {
            return false;
        }
        const itemIds = rows.flatMap((row) => [...row.item_ids]);
        const takeBack = this.show(action, rows, folderId);
        const isForGood = this.email.folder(this.fromFolderId)?.role === "trash";
        const answer = await this.ask(takeBack, action, itemIds, folderId, this.fromFolderId);
        if (answer) {
            const folderName = this.email.folder(folderId)?.name;
            this.tell(doneText(action, rows.length, folderName, isForGood), action, answer.undo);
        }
        return Boolean(answer);
    }

    /** One message of the open conversation is starred, or not. */
    starMessage(message) {
        if (!this.checkCanAct()) {
            return false;
        }
        const action = message.is_flagged ? "unstar" : "star";
        const { row, messages } = this.email.reading;
        const others = messages.some(({ id, is_flagged }) => id !== message.id && is_flagged);
        const undoMessages = patch([message], MESSAGE_FLAGS[action]);
        const undoRow = patch([row], { flagged: others || action === "star" });
        const takeBack = () => {
            undoMessages();
            undoRow();
        };
        return this.ask(takeBack, action, [message.id]);
    }

    /** What was opened is read; nobody has asked for it, so nothing is told but a refusal. */
    markRead(row, messages) {
        const undoRow = patch([row], FLAGS.read);
        const undoCounts = this.count([row], -1, undoRow.changed);
        const undoMessages = patch(messages, MESSAGE_FLAGS.read);
        const itemIds = messages.map(({ id }) => id);
        return this.ask(() => [undoRow, undoCounts, undoMessages].forEach((undo) => undo()), "read", itemIds);
    }

    async undo() {
        const { lastUndo } = this;
        if (!lastUndo) {
            return;
        }
        this.lastUndo = null;
        const { action, item_ids, folder_id, from_folder_id } = lastUndo;
        this.email.unshown.push([]);
        if (await this.ask(() => {}, action, item_ids, folder_id || null, from_folder_id || null)) {
            this.email.announce(_t("Undone."));
        } else {
            this.lastUndo ||= lastUndo;
        }
    }

    checkCanAct() {
        if (!this.email.canAct) {
            tellWhyNot(this.email, this.email.mailbox.why_not_act);
        }
        return this.email.canAct;
    }

    get fromFolderId() {
        const { folder } = this.email.source;
        return typeof folder === "number" ? folder : null;
    }

    /** The call, with what to do if it fails. */
    async ask(takeBack, ...args) {
        this.pending++;
        this.deeds++;
        try {
            const answer = await this.mutex.exec(() => this.email.call("act", ...args));
            if (this.pending === 1) {
                // Else what waits is shown already, and not counted there.
                this.email.folders = answer.folders;
            }
            return answer;
        } catch (error) {
            takeBack();
            this.email.services.notification.add(explainError(error), { type: "danger" });
            return null;
        } finally {
            this.pending--;
            this.email.catchUp();
        }
    }

    tell(text, action, undo) {
        this.lastUndo = undo;
        this.email.announce(text);
        if (action in FLAGS) {
            return;
        }
        const close = this.email.services.notification.add(text, {
            type: "success",
            autocloseDelay: this.email.undoSeconds * 1000,
            buttons: undo
                ? [
                      {
                          name: _t("Undo"),
                          onClick: () => {
                              close();
                              this.lastUndo = undo;
                              this.undo();
                          },
                      },
                  ]
                : [],
        });
    }

    // On the screen

    show(action, rows, folderId) {
        if (action in FLAGS) {
            return this.flag(action, rows);
        }
        return this.takesAway(action, folderId) ? this.remove(rows) : () => {};
    }

    /** Whether what this is done to leaves the list: those over all directories lose to spam and trash only. */
    takesAway(action, folderId) {
        if (action in FLAGS) {
            return false;
        }
        const isPutAway = ["junk", "trash"].includes(this.email.folder(folderId)?.role);
        return this.fromFolderId !== null || isPutAway || ["delete", "spam"].includes(action);
    }

    flag(action, rows) {
        const undoRows = patch(rows, FLAGS[action]);
        const isRead = action in { read: 1, unread: 1 };
        const undoCounts = isRead ? this.count(rows, action === "read" ? -1 : 1, undoRows.changed) : () => {};
        const ids = new Set(rows.flatMap((row) => [...row.item_ids]));
        const messages = this.email.reading.messages.filter(({ id }) => ids.has(id));
        const undoMessages = patch(messages, MESSAGE_FLAGS[action]);
        return () => [undoRows, undoCounts, undoMessages].forEach((undo) => undo());
    }

    /** The folder's number of unread messages, until the server has counted. */
    count(rows, step, changed) {
        const deltas = new Map();
        for (const row of rows.filter((row) => changed.has(row.id))) {
            deltas.set(row.folder_id, (deltas.get(row.folder_id) || 0) + step);
        }
        const apply = (sign) => {
            for (const [id, delta] of deltas) {
                const folder = this.email.folder(id);
                if (folder) {
                    folder.unread = Math.max(0, folder.unread + sign * delta);
                }
            }
        };
        apply(1);
        return () => apply(-1);
    }

    remove(rows) {
        const { list } = this.email;
        const { generation } = list;
        const gone = new Set(rows.map(({ id }) => id));
        const wasSelected = [...list.selected];
        const undoCounts = this.count(rows, -1, new Set(rows.filter(({ unread }) => unread).map(({ id }) => id)));
        list.rows = list.rows.filter(({ id }) => !gone.has(id));
        list.selected = new Set(wasSelected.filter((id) => !gone.has(id)));
        return () => {
            undoCounts();
            if (list.generation === generation) {
                // A list that came meanwhile may have them.
                const listed = new Set(list.rows.flatMap((row) => row.item_ids));
                const missing = rows.filter((row) => !shares(row, listed));
                list.rows = [...list.rows, ...missing].sort((one, other) => (one.date < other.date ? 1 : -1));
                list.selected = new Set([...list.selected, ...wasSelected.filter((id) => gone.has(id))]);
            }
        };
    }
}

/** Sets values and returns what sets them back; ``changed`` of that are the ids of those that were different. */
function patch(records, values) {
    const before = records.map((record) => [record, pick(record, ...Object.keys(values))]);
    const isChanged = (old) => Object.keys(values).some((key) => Boolean(old[key]) !== Boolean(values[key]));
    const changed = new Set(before.filter(([, old]) => isChanged(old)).map(([{ id }]) => id));
    records.forEach((record) => Object.assign(record, values));
    const undo = () => before.forEach(([record, old]) => Object.assign(record, old));
    return Object.assign(undo, { changed });
}
