/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { useEnv, useState } from "@odoo/owl";

/** The app's store, for any of its components; what is read of it is followed. */
export function useEmail() {
    return useState(useEnv().email);
}
