/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { parseEmail } from "@mail/utils/common/format";

// Between people, but not between the parts of a quoted name.
const BETWEEN_PEOPLE = /[,;\n](?=(?:[^"]*"[^"]*")*[^"]*$)/;
const ADDRESS = /^[^\s@<>,;"()]+@[^\s@<>,;"()]+\.[^\s@<>,;"().]+$/;

/** Whether mail can be sent to this. */
export function isAddress(text) {
    return ADDRESS.test(text);
}

/** People as somebody typed or pasted them: "Anna <anna@acme.com>; ben@acme.com". */
export function parsePeople(text) {
    return text
        .split(BETWEEN_PEOPLE)
        .map((part) => part.trim())
        .filter(Boolean)
        .map((part) => {
            const [name, address] = parseEmail(part);
            return address && address !== name ? { name, address } : { name: "", address: address || part };
        });
}

/** The people, each once, in the order in which they were entered. */
export function withoutDoubles(people) {
    const found = new Map();
    for (const person of people) {
        const key = person.address.toLowerCase();
        if (!found.has(key)) {
            found.set(key, person);
        }
    }
    return [...found.values()];
}
