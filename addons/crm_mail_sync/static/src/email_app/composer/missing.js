/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

/** A letter that speaks of a file; translators name the words of their language, parted by "|". */
function speaksOfFile(text) {
    const words = _t("attached|attachment|enclosed|attaching").split("|").filter(Boolean);
    const written = text.toLowerCase();
    return words.some((word) => written.includes(word.trim().toLowerCase()));
}

/** What its writer may have forgotten; "" if nothing. */
export function missingText(letter, text, uploadCount) {
    if (uploadCount) {
        return _t("A file is still on its way to the server and would not be sent.");
    }
    const found = [];
    if (!letter.subject) {
        found.push(_t("The subject is empty."));
    }
    if (!letter.files.length && speaksOfFile(`${letter.subject} ${text}`)) {
        found.push(_t("The text speaks of an attachment, but no file is attached."));
    }
    return found.join(" ");
}
