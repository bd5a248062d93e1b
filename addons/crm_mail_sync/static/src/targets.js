/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */

/** The records that letters may belong to, as they are shown wherever they are named. */
export const targets = {
    /** The icon of each model; further targets patch theirs in. */
    get icons() {
        return { "res.partner": "fa-user-o", "crm.lead": "fa-star-o" };
    },
};
