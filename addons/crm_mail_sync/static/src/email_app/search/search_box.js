/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";

import { useEmail } from "../store/email_hook";

// Milliseconds without a key before it is searched.
const PAUSE = 250;

/** The field that searches as one types; below it, while it is empty, what can be asked for. */
export class SearchBox extends Component {
    static template = "crm_mail_sync.SearchBox";
    static props = {};

    setup() {
        this.email = useEmail();
        this.input = useRef("input");
        this.state = useState({ text: this.email.place.query, isHinting: false });
        this.search = useDebounced((text) => this.email.search(text.trim()), PAUSE);
        this.hints = [
            { operator: "from:", text: _t("who wrote it") },
            { operator: "to:", text: _t("who it was written to") },
            { operator: "subject:", text: _t("words of its subject") },
            { operator: "has:file", text: _t("with files") },
            { operator: "is:unread", text: _t("not read yet") },
            { operator: "is:starred", text: _t("with a star") },
            { operator: "after:2026-01-31", text: _t("from a day on") },
            { operator: "before:2026-01-31", text: _t("up to a day") },
            { operator: "in:", text: _t("within a folder") },
        ];
        // Where the address leads, the field follows, unless somebody is typing.
        useEffect(
            (query) => {
                if (this.state.text.trim() !== query && document.activeElement !== this.input.el) {
                    this.state.text = query;
                }
            },
            () => [this.email.place.query]
        );
    }

    get showsHints() {
        return this.state.isHinting && !this.state.text;
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.search(this.state.text);
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.search.cancel();
            this.email.search(this.state.text.trim());
            this.state.isHinting = false;
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.state.text || this.state.isHinting ? this.clear() : this.input.el.blur();
        } else if (ev.key === "ArrowDown" && !this.showsHints) {
            ev.preventDefault();
            document.querySelector(".o_email_rows")?.focus();
        }
    }

    insert(operator) {
        this.state.text = operator;
        this.input.el.focus();
        if (!operator.endsWith(":")) {
            this.search(operator);
        }
    }

    clear() {
        this.state.text = "";
        this.state.isHinting = false;
        this.search.cancel();
        if (this.email.place.query) {
            this.email.search("");
        }
    }
}
