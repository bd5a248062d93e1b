/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { openComposer } from "@crm_mail_sync/composing/composer_service";

import { tellWhyNot } from "./states/why_not";

/** Opens the window in which emails are written, or says why this mailbox sends none. */
export function compose(email, options) {
    const { can_send, why_not_send } = email.mailbox;
    return can_send ? openComposer({ services: email.services }, options) : tellWhyNot(email, why_not_send);
}
