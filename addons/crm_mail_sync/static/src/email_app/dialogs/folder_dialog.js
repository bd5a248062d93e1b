/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";
import { fuzzyLookup } from "@web/core/utils/search";

import { folderIcon, folderLabel, treeOf } from "../store/roles";

/** Chooses the folder that conversations are moved to; typing narrows them down. */
export class FolderDialog extends Component {
    static template = "crm_mail_sync.FolderDialog";
    static components = { Dialog };
    static props = {
        folders: Array,
        currentId: { type: [Number, { value: null }], optional: true },
        choose: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ text: "", index: 0 });
        useAutofocus({ refName: "text" });
        this.label = folderLabel;
        this.icon = folderIcon;
    }

    get nodes() {
        const { folders, currentId } = this.props;
        const text = this.state.text.trim();
        const nodes = treeOf(folders).filter(
            ({ folder }) => folder.selectable && !["drafts", "sent"].includes(folder.role)
        );
        const found = text ? fuzzyLookup(text, nodes, ({ folder }) => folderLabel(folder)) : nodes;
        return found.filter(({ folder }) => folder.id !== currentId);
    }

    onInput() {
        this.state.index = 0;
    }

    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        const { nodes } = this;
        if (step) {
            ev.preventDefault();
            this.state.index = Math.min(Math.max(this.state.index + step, 0), nodes.length - 1);
        } else if (ev.key === "Enter" && nodes[this.state.index]) {
            ev.preventDefault();
            this.choose(nodes[this.state.index].folder);
        }
    }

    choose(folder) {
        this.props.close();
        this.props.choose(folder.id);
    }
}
