/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";

/** The form of the mailbox, or of a new one. */
export function openMailbox({ services, mailbox }) {
    return services.action.doAction({
        type: "ir.actions.act_window",
        res_model: "crm.mail.mailbox",
        res_id: mailbox?.id || false,
        views: [[false, "form"]],
    });
}

/** Why something cannot be done in this mailbox, and the way to where that is changed. */
export function tellWhyNot(email, reason) {
    const close = email.services.notification.add(reason, {
        type: "warning",
        autocloseDelay: 10_000,
        buttons: [
            {
                name: _t("Open the mailbox's settings"),
                onClick: () => {
                    close();
                    openMailbox(email);
                },
            },
        ],
    });
}
