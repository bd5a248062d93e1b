/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** Whoever deletes a mailbox is asked what becomes of the letters that were archived from it. */
const askRemoval = (controller, mailboxIds, onRemoved) =>
    controller.env.services.action.doAction(
        {
            type: "ir.actions.act_window",
            name: _t("Delete the mailbox?"),
            res_model: "crm.mail.mailbox.removal",
            views: [[false, "form"]],
            target: "new",
            context: { default_mailbox_ids: mailboxIds },
        },
        { onClose: (infos) => infos?.removed && onRemoved() }
    );

export class MailboxFormController extends FormController {
    async deleteRecord() {
        await askRemoval(this, [this.model.root.resId], () => this.env.config.historyBack());
    }
}

export class MailboxListController extends ListController {
    async onDeleteSelectedRecords() {
        const ids = await this.model.root.getResIds(true);
        await askRemoval(this, ids, () => this.model.load());
    }
}

/** The mailboxes on a user's form: a click opens the mailbox on its own page. */
export class MailboxesField extends X2ManyField {
    async openRecord(record) {
        await this.action.doActionButton({
            type: "object",
            name: "action_open",
            resModel: record.resModel,
            resId: record.resId,
        });
    }
}

registry.category("views").add("mail_sync_mailbox_form", {
    ...formView,
    Controller: MailboxFormController,
});
registry.category("views").add("mail_sync_mailbox_list", {
    ...listView,
    Controller: MailboxListController,
});
registry.category("fields").add("mail_sync_mailboxes", {
    ...x2ManyField,
    component: MailboxesField,
});
