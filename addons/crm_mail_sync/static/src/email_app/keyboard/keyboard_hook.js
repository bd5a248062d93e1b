/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { useExternalListener } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

import { BINDINGS } from "./shortcuts";

// Milliseconds that the second key of two may come after the first.
const SEQUENCE = 1500;
const PREFIXES = ["g", "*"];
const EDITABLE = "input:not([type=checkbox]), textarea, select, [contenteditable]:not([contenteditable=false])";
const OVERLAYS = ".o-dropdown--menu, .o_popover, .o_bottom_sheet";
// What these do with the enter key and the space bar is theirs.
const PRESSABLE = "button, a, input, summary, [role=treeitem]";

/** The key as shortcuts name it; on keyboards of other scripts by where it is. */
function keyOf({ key, code, shiftKey }) {
    const isForeign = key.length === 1 && key.codePointAt(0) > 127;
    const name = isForeign && code.startsWith("Key") ? code.slice(3) : key;
    if (!/^\p{L}$/u.test(name)) {
        return name;
    }
    return shiftKey ? `Shift+${name.toLowerCase()}` : name.toLowerCase();
}

/**
 * Single keys, as mail clients have them.
 *
 * Odoo's hotkeys know neither signs as ``#`` and ``?`` nor one key after another, and would take the keys from all
 * of the page. These are heard in the app alone, and never in a field, a dialog or a menu.
 */
export function useKeyboard(root, { email, commands, openHelp }) {
    const ui = useService("ui");
    let prefix = "";
    let prefixedAt = 0;

    const tools = {
        email,
        openHelp,
        step(by) {
            const { list, reading } = email;
            list.activeId = list.rowOf(reading.id)?.id || list.activeId;
            const row = list.move(by);
            if (row && reading.id) {
                commands.open(row);
            } else if (document.activeElement === document.body) {
                // Readers of the screen follow where one is only with the focus there.
                root.el.querySelector(".o_email_rows")?.focus({ preventScroll: true });
            }
        },
        open() {
            const { active } = email.list;
            active && commands.open(active);
        },
        select() {
            const row = email.list.active || email.reading.row;
            row && email.list.toggle(row);
        },
        star() {
            const { rows } = commands;
            commands.run(rows.every(({ flagged }) => flagged) ? "unstar" : "star", rows);
        },
        go(role) {
            const folder = email.listedFolders.find((folder) => folder.role === role);
            return folder && email.openFolder(folder.id);
        },
        answer(kind) {
            const message = email.reading.newest;
            message ? commands.answer(kind, message.id) : commands.run(kind);
        },
        write: () => commands.write(),
        focusSearch() {
            document.querySelector(".o_email_search_input")?.focus();
        },
        escape() {
            if (email.list.selected.size) {
                email.list.unselect();
            } else if (email.reading.id) {
                email.closeLetter();
            }
        },
    };

    function isOurs(ev) {
        const { target } = ev;
        const isHere = target === document.body || root.el?.contains(target);
        const isModified = ev.ctrlKey || ev.metaKey || ev.altKey;
        const isBusy = ui.isBlocked || ui.activeElement !== document || document.querySelector(OVERLAYS);
        return isHere && !isModified && !isBusy && !ev.defaultPrevented && !ev.isComposing && email.hasList;
    }

    function entryFor(ev, key) {
        const isInTime = ev.timeStamp - prefixedAt < SEQUENCE;
        const sequence = prefix && isInTime ? `${prefix} ${key}` : key;
        prefix = "";
        return BINDINGS.get(sequence);
    }

    useExternalListener(document, "keydown", (ev) => {
        if (!ev.key || !isOurs(ev) || ev.target.closest?.(EDITABLE)) {
            return;
        }
        const key = keyOf(ev);
        if (["Enter", "ArrowUp", "ArrowDown"].includes(key) && ev.target.closest?.(PRESSABLE)) {
            return;
        }
        if (key.startsWith("Arrow") && ev.target.closest?.(".o_email_reading")) {
            return;
        }
        const isPrefixed = prefix && ev.timeStamp - prefixedAt < SEQUENCE;
        if (PREFIXES.includes(key) && (!isPrefixed || ev.repeat)) {
            prefix = key;
            prefixedAt = ev.timeStamp;
            return;
        }
        const entry = entryFor(ev, key);
        if (entry) {
            ev.preventDefault();
            if (ev.repeat && !entry.isRepeated) {
                return;
            }
            entry.command ? commands.run(entry.command) : entry.run(tools);
        }
    });
}
