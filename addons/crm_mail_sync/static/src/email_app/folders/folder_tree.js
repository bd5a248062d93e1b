/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

import { useEmail } from "../store/email_hook";
import { VIEWS } from "../store/place";
import { folderIcon, folderLabel, treeOf, views } from "../store/roles";

const CLOSED = "crm_mail_sync.email_app.closed_folders";

/** The folders of the mailbox and the views over all of them, with what is unread in each. */
export class FolderTree extends Component {
    static template = "crm_mail_sync.FolderTree";
    static props = { onChosen: Function };

    setup() {
        this.email = useEmail();
        this.state = useState({
            closed: new Set(JSON.parse(browser.localStorage.getItem(CLOSED) || "[]")),
            focused: null,
            over: null,
        });
    }

    /** The inbox, the views, the other folders; those within a closed one are left out. */
    get nodes() {
        const shown = [];
        let hiddenBelow = Infinity;
        for (const { folder, level, hasChildren } of treeOf(this.email.listedFolders)) {
            if (level > hiddenBelow) {
                continue;
            }
            const isOpen = !this.state.closed.has(folder.id);
            hiddenBelow = isOpen ? Infinity : level;
            shown.push(this.folderNode(folder, level, hasChildren && isOpen, hasChildren));
        }
        const inbox = shown.findIndex(({ role }) => role === "inbox");
        shown.splice(inbox + 1, 0, ...VIEWS.map((key) => this.viewNode(key)));
        return shown;
    }

    folderNode(folder, level, isOpen, hasChildren) {
        return {
            key: folder.id,
            role: folder.role,
            label: folderLabel(folder),
            title: folder.name,
            icon: folderIcon(folder),
            count: folder.role === "drafts" ? folder.total : folder.unread,
            selectable: folder.selectable,
            level,
            isOpen,
            hasChildren,
            isTarget: folder.selectable,
        };
    }

    viewNode(key) {
        const { icon, label } = views[key];
        return { key, role: "", label: label.toString(), title: "", icon, count: 0, selectable: true, level: 1 };
    }

    isCurrent({ key }) {
        return this.email.place.folder === key;
    }

    /** The one item of the tree that the tab key stops at. */
    isTabStop(node) {
        const focused = this.state.focused ?? this.email.place.folder;
        return node.key === focused;
    }

    choose(node) {
        this.state.focused = node.key;
        if (!node.selectable) {
            return this.toggle(node);
        }
        this.email.openFolder(node.key);
        this.props.onChosen();
    }

    toggle({ key }) {
        const { closed } = this.state;
        closed.has(key) ? closed.delete(key) : closed.add(key);
        browser.localStorage.setItem(CLOSED, JSON.stringify([...closed]));
    }

    onKeydown(ev, node) {
        const item = ev.currentTarget;
        const next = { ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling }[ev.key];
        if (next) {
            next.focus();
        } else if (["Enter", " "].includes(ev.key)) {
            this.choose(node);
        } else if (ev.key === (node.isOpen ? "ArrowLeft" : "ArrowRight") && node.hasChildren) {
            this.toggle(node);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    // Conversations dropped on a folder

    onDragOver(ev, node) {
        if (node.isTarget && !this.isCurrent(node) && ev.dataTransfer.types.includes("text/x-crm-mail")) {
            ev.preventDefault();
            ev.dataTransfer.dropEffect = "move";
            this.state.over = node.key;
        }
    }

    onDragLeave() {
        this.state.over = null;
    }

    onDrop(ev, node) {
        this.state.over = null;
        if (!ev.dataTransfer.types.includes("text/x-crm-mail")) {
            return;
        }
        ev.preventDefault();
        const ids = new Set(JSON.parse(ev.dataTransfer.getData("text/x-crm-mail")));
        const rows = this.email.list.rows.filter(({ id }) => ids.has(id));
        this.env.commands.act("move", rows, node.key);
    }
}
