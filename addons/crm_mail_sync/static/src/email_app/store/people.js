/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

/** A person's name; short is the first word of it, as there is room for few in a list. */
export function personName({ name, address, is_me }, { isShort = false } = {}) {
    if (is_me) {
        return _t("me");
    }
    const shown = name || address;
    return isShort && name && !name.includes(",") ? name.split(" ")[0] : shown;
}

/** Who takes part in a conversation; the last two and the first, if there are many. */
export function peopleText(people) {
    if (people.length === 1) {
        return personName(people[0]);
    }
    const names = people.map((person) => personName(person, { isShort: true }));
    return names.length > 3 ? `${names[0]} … ${names.slice(-2).join(", ")}` : names.join(", ");
}

export function personLine({ name, address }) {
    return name && name !== address ? `${name} <${address}>` : address;
}

/** Two letters that stand for a person where there is no picture. */
export function initials({ name, address }) {
    const words = (name || address).split(/[\s._@-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
    return words
        .slice(0, 2)
        .map((word) => [...word][0])
        .join("")
        .toUpperCase();
}
