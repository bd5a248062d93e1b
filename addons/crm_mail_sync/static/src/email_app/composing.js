/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registry } from "@web/core/registry";

/** Opens the window in which emails are written. */
export function compose(services, options) {
    return registry.category("crm_mail_composer").get("open")(services, options);
}
