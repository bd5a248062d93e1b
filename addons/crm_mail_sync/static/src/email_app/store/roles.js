/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

const ICONS = {
    inbox: "fa-inbox",
    sent: "fa-paper-plane-o",
    drafts: "fa-pencil-square-o",
    junk: "fa-ban",
    trash: "fa-trash-o",
    archive: "fa-archive",
    all: "fa-envelope-o",
    flagged: "fa-star-o",
};
const NAMES = {
    inbox: _t("Inbox"),
    sent: _t("Sent"),
    drafts: _t("Drafts"),
    junk: _t("Spam"),
    trash: _t("Trash"),
    archive: _t("Archive"),
};

/** Servers call the inbox INBOX, and the rest in their own language. */
export function folderLabel({ role, name }) {
    return NAMES[role]?.toString() || name;
}

export function folderIcon({ role }) {
    return ICONS[role] || "fa-folder-o";
}

export const views = {
    unread: { icon: "fa-envelope", label: _t("Unread") },
    flagged: { icon: "fa-star-o", label: _t("Starred") },
    all: { icon: "fa-files-o", label: _t("Everything") },
};

/** Folders as they are shown: children behind their parent, each with its depth. */
export function treeOf(folders) {
    const listed = new Set(folders.map(({ id }) => id));
    const children = Map.groupBy(folders, ({ parent_id }) => (listed.has(parent_id) ? parent_id : false));
    const nodes = [];
    const add = (parentId, level) => {
        for (const folder of children.get(parentId) || []) {
            nodes.push({ folder, level, hasChildren: children.has(folder.id) });
            add(folder.id, level + 1);
        }
    };
    add(false, 1);
    return nodes;
}
