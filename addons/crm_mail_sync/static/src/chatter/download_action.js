/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

registerMessageAction("crm-mail-download", {
    condition: ({ message }) => message.letter?.canDownload,
    icon: "fa fa-envelope-o",
    name: _t("Download email"),
    onSelected: async ({ message, owner }) => {
        const { action, orm } = owner.env.services;
        action.doAction(await orm.call("crm.mail.email", "action_download", [message.letter.id]));
    },
    sequence: 56,
});
