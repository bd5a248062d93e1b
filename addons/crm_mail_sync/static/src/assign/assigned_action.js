/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// Long enough to read it and to think again (milliseconds).
const SHOWN = 10000;

/** Tells what was assigned, and offers to undo it. */
export function showAssigned(env, { assignment_id, message }, onUndone) {
    const close = env.services.notification.add(message, {
        type: "success",
        autocloseDelay: SHOWN,
        buttons: [
            {
                name: _t("Undo"),
                primary: true,
                async onClick() {
                    close();
                    await env.services.orm.call("crm.mail.assignment", "action_undo", [[assignment_id]]);
                    await onUndone();
                },
            },
        ],
    });
}

registry.category("actions").add("crm_mail_sync_assigned", (env, { params }) => {
    showAssigned(env, params, () =>
        env.services.action.doAction({ type: "ir.actions.client", tag: "soft_reload" })
    );
    return params.next;
});
