/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

import { SHORTCUTS } from "./shortcuts";

const SIGNS = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

/** All keys at a glance. */
export class ShortcutsDialog extends Component {
    static template = "crm_mail_sync.ShortcutsDialog";
    static components = { Dialog };
    static props = { close: Function };

    get groups() {
        return SHORTCUTS.map(({ title, entries }) => ({
            title: title.toString(),
            entries: entries.map(({ keys, label }) => ({
                label: label.toString(),
                keys: keys.map((key) => key.split(" ").map((part) => SIGNS[part] || part)),
            })),
        }));
    }
}
