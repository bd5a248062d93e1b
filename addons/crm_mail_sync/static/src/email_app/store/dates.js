/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";

const { DateTime } = luxon;

/** A date as mail clients show it: the time of today, the day of this year, else the date. */
export function shortDate(value) {
    const date = deserializeDateTime(value);
    const now = DateTime.now().setZone(date.zone);
    if (date.hasSame(now, "day")) {
        return date.toLocaleString(DateTime.TIME_SIMPLE);
    }
    if (date.hasSame(now, "year")) {
        return date.toLocaleString({ month: "short", day: "numeric" });
    }
    return date.toLocaleString({ year: "2-digit", month: "2-digit", day: "2-digit" });
}

export function fullDate(value) {
    return formatDateTime(deserializeDateTime(value), { format: "cccc, d LLLL yyyy, t" });
}
