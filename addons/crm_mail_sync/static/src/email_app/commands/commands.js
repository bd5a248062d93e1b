/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";

import { compose } from "../composing";
import { FolderDialog } from "../dialogs/folder_dialog";
import { Filing } from "./filing";

const NOT_ARCHIVED = ["archive", "sent", "drafts", "junk", "trash"];

/** What can be done with conversations: the same in bars, menus, and by keys. */
export class Commands {
    constructor(email) {
        this.email = email;
        this.filing = new Filing(email);
    }

    /** What keys are about: what is chosen, else what is read, else where one is in the list. */
    get rows() {
        const { list, reading } = this.email;
        if (list.selected.size) {
            return list.chosen;
        }
        return [reading.row || list.active].filter(Boolean);
    }

    /**
     * The commands for these conversations, in groups.
     *
     * @returns {{id: string, group: number, label: string, icon: string, isMain: boolean, run: Function}[]}
     */
    for(rows) {
        return [...this.answers(rows), ...this.deeds(rows), ...this.flags(rows), ...this.filing.commands(rows)];
    }

    answers(rows) {
        if (rows.length !== 1) {
            return [];
        }
        const answer = (id, icon, label) => ({ id, icon, label, group: 1, run: () => this.answer(id, rows[0].id) });
        return [
            answer("reply", "fa-reply", _t("Reply")),
            answer("reply_all", "fa-reply-all", _t("Reply all")),
            answer("forward", "fa-share", _t("Forward")),
        ];
    }

    deeds(rows) {
        if (!this.email.canAct) {
            return [];
        }
        const { role } = this.email.folder(this.email.acting.fromFolderId) || {};
        const deed = (id, icon, label) => ({ id, icon, label, group: 2, isMain: true, run: () => this.act(id, rows) });
        return [
            !NOT_ARCHIVED.includes(role) && deed("archive", "fa-archive", _t("Archive")),
            role !== "trash" && deed("delete", "fa-trash-o", _t("Delete")),
            role === "trash" &&
                this.email.mailbox.deletes_for_good &&
                deed("delete", "fa-trash-o", _t("Delete for good")),
            role === "junk"
                ? deed("not_spam", "fa-check-circle-o", _t("Not spam"))
                : !["sent", "drafts"].includes(role) && { ...deed("spam", "fa-ban", _t("Spam")), isMain: false },
            { ...deed("move", "fa-folder-o", _t("Move to…")), run: () => this.askFolder(rows) },
        ].filter(Boolean);
    }

    flags(rows) {
        if (!this.email.canAct) {
            return [];
        }
        const flag = (id, icon, label) => ({ id, icon, label, group: 3, isMain: true, run: () => this.act(id, rows) });
        return [
            rows.some(({ unread }) => unread)
                ? flag("read", "fa-envelope-open-o", _t("Mark as read"))
                : flag("unread", "fa-envelope", _t("Mark as unread")),
            rows.every(({ flagged }) => flagged)
                ? { ...flag("unstar", "fa-star", _t("Remove star")), isMain: false }
                : { ...flag("star", "fa-star-o", _t("Star")), isMain: false },
        ];
    }

    answer(kind, itemId) {
        return compose(this.email, { kind, itemId });
    }

    /** Runs a command by its name, if there is such a one for these rows. */
    run(id, rows = this.rows) {
        const command = rows.length && this.for(rows).find((command) => command.id === id);
        if (command) {
            return command.run();
        }
        if (rows.length) {
            this.email.acting.checkCanAct();
        }
    }

    act(action, rows, folderId) {
        const { acting } = this.email;
        if (action === "delete" && this.email.folder(acting.fromFolderId)?.role === "trash") {
            return this.confirmDelete(rows);
        }
        return this.perform(action, rows, folderId);
    }

    confirmDelete(rows) {
        this.email.services.dialog.add(ConfirmationDialog, {
            title: _t("Delete for good"),
            body: _t("They are removed from the mailbox. This cannot be undone."),
            confirmLabel: _t("Delete"),
            confirm: () => this.perform("delete", rows),
            cancel: () => {},
        });
    }

    perform(action, rows, folderId) {
        const { list, reading, acting, services } = this.email;
        const isRead = rows.some(({ id }) => id === reading.row?.id);
        const isActive = rows.some(({ id }) => id === list.activeId);
        const next = list.neighbour(rows);
        const done = acting.act(action, rows, folderId);
        if (action === "unread" && isRead) {
            this.email.closeLetter();
        } else if (acting.takesAway(action, folderId) && this.email.canAct) {
            if (isRead) {
                next && !services.ui.isSmall ? this.open(next) : this.email.closeLetter();
            } else if (isActive) {
                list.activeId = next?.id || null;
            }
        }
        return done;
    }

    askFolder(rows) {
        this.email.services.dialog.add(FolderDialog, {
            folders: this.email.folders,
            currentId: this.email.acting.fromFolderId,
            choose: (folderId) => this.act("move", rows, folderId),
        });
    }

    open(row) {
        this.email.list.activeId = row.id;
        if (row.is_draft && row.count === 1) {
            return compose(this.email, { kind: "draft", itemId: row.id });
        }
        return this.email.openLetter(row.id);
    }

    write(to) {
        return compose(this.email, { kind: "new", to });
    }
}
