/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useExternalListener, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

import { ComposerWindow } from "./composer_window";

// Pixels that a window takes, and that are left for Odoo's own bubbles.
const WIDTH = 576;
const MARGIN = 96;

/** The windows at the bottom of the page; on a phone one of them is all that is shown. */
export class Dock extends Component {
    static template = "crm_mail_sync.ComposerDock";
    static components = { ComposerWindow };
    static props = { store: Object };

    setup() {
        this.store = useState(this.props.store);
        this.ui = useState(useService("ui"));
        useExternalListener(window, "beforeunload", (ev) => {
            if (this.store.letters.some((letter) => letter.changed.size)) {
                this.store.letters.forEach((letter) => letter.save());
                ev.preventDefault();
            }
        });
    }

    get places() {
        const open = this.store.letters.filter((letter) => !this.store.minimised.has(letter.id));
        const shown = new Set(this.withRoom(open).map((letter) => letter.id));
        return this.store.letters.map((letter) => ({
            letter,
            isMinimised: !shown.has(letter.id),
            isFull: shown.has(letter.id) && (this.ui.isSmall || this.store.fullId === letter.id),
        }));
    }

    /** Those that fit beside each other, the active one among them. */
    withRoom(open) {
        const most = this.ui.isSmall ? 1 : Math.max(1, Math.floor((window.innerWidth - MARGIN) / WIDTH));
        const ranked = [...open].sort((a, b) => this.rank(b) - this.rank(a));
        return ranked.slice(0, most);
    }

    rank(letter) {
        return letter.id === this.store.activeId ? Infinity : this.store.letters.indexOf(letter);
    }
}
