/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { formatFloat } from "@web/core/utils/numbers";

// What the server sends as itself and not as a download (letter_files.py).
const SHOWN = /^(image\/(bmp|gif|jpeg|png|tiff|webp|x-icon)|application\/pdf|text\/plain|audio\/mpeg|video\/.*)$/;

export function isShown(mimetype) {
    return SHOWN.test(mimetype);
}

export function shownSize(bytes) {
    return `${formatFloat(bytes, { humanReadable: true, decimals: bytes < 1000 ? 0 : 1 })}B`;
}
