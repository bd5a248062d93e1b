/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, onWillRender, useEffect, useRef, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { useService } from "@web/core/utils/hooks";
import { useVirtualGrid } from "@web/core/virtual_grid_hook";

import { CommandItems } from "../commands/command_menu";
import { useEmail } from "../store/email_hook";
import { folderLabel, views } from "../store/roles";
import { ConversationRow } from "./conversation_row";
import { ListBar } from "./list_bar";

// So many rows before the end the next page is asked for.
const AHEAD = 25;
// As in email_app.scss.
const ROW_HEIGHT_REM = 5;
// Of a menu, in pixels.
const ITEM_HEIGHT = 30;

/** The conversations of a place; only those in sight, and some around them, are in the page. */
export class ConversationList extends Component {
    static template = "crm_mail_sync.ConversationList";
    static components = { CommandItems, ConversationRow, Dropdown, ListBar };
    static props = {};

    setup() {
        this.email = useEmail();
        this.ui = useState(useService("ui"));
        this.scroller = useRef("scroller");
        this.anchor = useRef("anchor");
        this.menu = useDropdownState();
        this.state = useState({ menuRows: [] });
        this.rowHeight = ROW_HEIGHT_REM * parseFloat(getComputedStyle(document.documentElement).fontSize);
        this.grid = useVirtualGrid({ scrollableRef: this.scroller });
        let measured;
        onWillRender(() => {
            const { length } = this.email.list.rows;
            if (length !== measured) {
                measured = length;
                this.grid.setRowsHeights(Array(length).fill(this.rowHeight));
            }
        });
        useEffect(
            (length, end) => {
                if (end >= length - AHEAD) {
                    this.email.list.more();
                }
            },
            () => [this.email.list.rows.length, this.range[1]]
        );
        useEffect(
            () => this.scroller.el && (this.scroller.el.scrollTop = 0),
            () => [this.email.list.generation]
        );
        useEffect(
            () => this.showActive(),
            () => [this.email.list.activeId]
        );
    }

    /** The first row that is in the page, and the one behind the last. */
    get range() {
        const [start = 0, end = -1] = this.grid.rowsIndexes || [];
        return [start, end + 1];
    }

    get shown() {
        const [start, end] = this.range;
        return this.email.list.rows.slice(start, end).map((row, index) => ({ row, index: start + index }));
    }

    get offset() {
        return this.range[0] * this.rowHeight;
    }

    get height() {
        return this.email.list.rows.length * this.rowHeight;
    }

    isOpen(row) {
        const { letter } = this.email.place;
        return letter === row.id || (Boolean(letter) && row.item_ids.includes(letter));
    }

    /** In search results and views it counts where a conversation lies. */
    folderOf(row) {
        const { folder } = this.email.source;
        const its = typeof folder === "string" && this.email.folder(row.folder_id);
        return its ? folderLabel(its) : "";
    }

    get emptyText() {
        const { query, only, folder } = this.email.place;
        return { hasQuery: Boolean(query), hasFilter: Boolean(only), role: this.email.folder(folder)?.role || folder };
    }

    get title() {
        const { folder } = this.email.source;
        return views[folder]?.label.toString() || folderLabel(this.email.folder(folder) || { role: "", name: "" });
    }

    get activeDomId() {
        const { activeId } = this.email.list;
        return activeId ? `o_email_row_${activeId}` : undefined;
    }

    showActive() {
        const { activeIndex } = this.email.list;
        const scroller = this.scroller.el;
        if (activeIndex < 0 || !scroller) {
            return;
        }
        const top = activeIndex * this.rowHeight;
        if (top < scroller.scrollTop) {
            scroller.scrollTop = top;
        } else if (top + this.rowHeight > scroller.scrollTop + scroller.clientHeight) {
            scroller.scrollTop = top + this.rowHeight - scroller.clientHeight;
        }
    }

    onRowClick(ev, row) {
        if (ev.shiftKey || ev.ctrlKey || ev.metaKey) {
            this.email.list.toggle(row, ev.shiftKey);
        } else {
            this.env.commands.open(row);
        }
    }

    /** The menu is for what is chosen, if that is where it was asked for. */
    onContextMenu(ev, row) {
        const { list } = this.email;
        this.state.menuRows = list.selected.has(row.id) ? list.chosen : [row];
        list.activeId = row.id;
        // Up as far as the menu needs, where it would not fit below.
        const height = ITEM_HEIGHT * (this.menuCommands.length + 3);
        const top = Math.max(0, Math.min(ev.clientY, window.innerHeight - height));
        Object.assign(this.anchor.el.style, { left: `${ev.clientX}px`, top: `${top}px` });
        this.menu.close();
        this.menu.open();
    }

    /** The key for menus is pressed on the list, and means the row that one is at. */
    onMenuKey() {
        const { active } = this.email.list;
        const element = active && document.getElementById(this.activeDomId);
        if (element) {
            const { left, bottom } = element.getBoundingClientRect();
            this.onContextMenu({ clientX: left, clientY: bottom }, active);
        }
    }

    get menuCommands() {
        return this.state.menuRows.length ? this.env.commands.for(this.state.menuRows) : [];
    }

    onDragStart(ev, row) {
        const { list } = this.email;
        const rows = list.selected.has(row.id) ? list.chosen : [row];
        ev.dataTransfer.effectAllowed = "move";
        ev.dataTransfer.setData("text/x-crm-mail", JSON.stringify(rows.map(({ id }) => id)));
    }
}
