/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { openComposer } from "@crm_mail_sync/composing/composer_service";

/** Opens the window in which emails are written. */
export function compose(services, options) {
    return openComposer({ services }, options);
}
