/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

registerMessageAction("crm-mail-create-task", {
    condition: ({ message }) => message.letter?.canCreateTask,
    icon: "fa fa-check-square-o",
    name: _t("Create task"),
    onSelected: async ({ message, owner }) => {
        const { action, orm } = owner.env.services;
        action.doAction(await orm.call("crm.mail.email", "action_create_task", [message.letter.id]));
    },
    sequence: 70,
});
