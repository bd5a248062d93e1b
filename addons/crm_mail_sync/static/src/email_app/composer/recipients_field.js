/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { Component, useRef } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { _t } from "@web/core/l10n/translation";
import { useTagNavigation } from "@web/core/record_selectors/tag_navigation_hook";
import { TagsList } from "@web/core/tags_list/tags_list";
import { useService } from "@web/core/utils/hooks";

import { isAddress, parsePeople, withoutDoubles } from "./addresses";

const SHORTEST = 2;
const RED = 1;

/** To, Cc or Bcc: people as chips, found by name, address or company as one types. */
export class RecipientsField extends Component {
    static template = "crm_mail_sync.RecipientsField";
    static components = { AutoComplete, TagsList };
    static props = {
        id: String,
        label: String,
        people: Array,
        onChange: Function,
        autofocus: { type: Boolean, optional: true },
        slots: { type: Object, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.root = useRef("root");
        useTagNavigation("root", { delete: (index) => this.remove(index) });
    }

    get tags() {
        return this.props.people.map((person, index) => {
            const isWrong = !isAddress(person.address);
            return {
                id: `${index} ${person.address}`,
                text: person.name || person.address,
                title: isWrong ? _t("This is not an email address: %s", person.address) : person.address,
                colorIndex: isWrong ? RED : 0,
                onDelete: () => this.remove(index),
            };
        });
    }

    get sources() {
        return [{ options: (text) => this.search(text) }];
    }

    async search(text) {
        if (text.length < SHORTEST) {
            return [];
        }
        const typed = isAddress(text) ? [{ name: "", address: text }] : [];
        const found = await this.orm.silent.call("crm.mail.draft", "recipients", [text]);
        return withoutDoubles([...typed, ...found]).map((person) => ({
            label: person.name ? `${person.name} <${person.address}>` : person.address,
            onSelect: () => this.add([person]),
        }));
    }

    add(people) {
        const chosen = people.map(({ name, address }) => ({ name, address }));
        this.props.onChange(withoutDoubles([...this.props.people, ...chosen]));
    }

    remove(index) {
        this.props.onChange(this.props.people.filter((_person, other) => other !== index));
    }

    /** What was typed, though nobody of that name is known. */
    addTyped(input) {
        const people = parsePeople(input.value);
        if (people.length) {
            this.clear(input);
            this.add(people);
        }
    }

    clear(input) {
        input.value = "";
        // It has a state of its own.
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }

    /** Before the list of suggestions hears of it: an address needs none. */
    onKeydown(ev) {
        const input = ev.target;
        if (input.tagName !== "INPUT" || !input.value.trim()) {
            return;
        }
        if (this.isLast(ev)) {
            this.addTyped(input);
        }
        if (ev.ctrlKey || ev.metaKey) {
            return;
        }
        const isComma = (ev.key === "," || ev.key === ";") && !this.isQuoting(input);
        const isWhole = ev.key === "Enter" && parsePeople(input.value).every((person) => isAddress(person.address));
        if (isComma || isWhole) {
            ev.preventDefault();
            ev.stopPropagation();
            this.addTyped(input);
        }
    }

    /** Whether the window is sent or closed by this key; Escape closes the suggestions first. */
    isLast({ key, ctrlKey, metaKey }) {
        return key === "Escape"
            ? !this.root.el.querySelector(".o-autocomplete--dropdown-menu")
            : key === "Enter" && (ctrlKey || metaKey);
    }

    /** Whether a comma would stand within a name: "Berg, Anna". */
    isQuoting(input) {
        return input.value.split('"').length % 2 === 0;
    }

    onPaste(ev) {
        const text = ev.clipboardData?.getData("text/plain") || "";
        if (ev.target.tagName === "INPUT" && parsePeople(text).some((person) => isAddress(person.address))) {
            ev.preventDefault();
            this.add(parsePeople(`${ev.target.value} ${text}`));
            this.clear(ev.target);
        }
    }

    onFocusout(ev) {
        // A suggestion that is clicked takes the focus, too.
        if (ev.target.tagName === "INPUT" && !this.root.el.contains(ev.relatedTarget)) {
            this.addTyped(ev.target);
        }
    }
}
