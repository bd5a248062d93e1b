/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
/**
 * Where somebody is in the app: what its address says.
 *
 * @typedef {Object} Place
 * @property {number|"all"|"unread"|"flagged"} folder an id, or a view over all folders
 * @property {string} query what is searched for, "" if nothing is
 * @property {boolean} isWithin whether the search stays within the folder
 * @property {""|"unread"|"flagged"|"files"} only
 * @property {number|null} letter the message whose conversation is open
 */

export const VIEWS = ["unread", "flagged", "all"];
const FILTERS = ["unread", "flagged", "files"];

/** @returns {Place} */
export function placeFromUrl({ folder, letter, search, within, only }) {
    return {
        folder: VIEWS.includes(folder) ? folder : Number(folder) || null,
        query: search === undefined ? "" : String(search),
        isWithin: Boolean(within),
        only: FILTERS.includes(only) ? only : "",
        letter: Number(letter) || null,
    };
}

/** What stands in the address; keys without a value are left out of it. */
export function placeToUrl({ folder, query, isWithin, only, letter }) {
    return {
        folder: folder || undefined,
        search: query || undefined,
        within: (query && isWithin && 1) || undefined,
        only: only || undefined,
        letter: letter || undefined,
    };
}
