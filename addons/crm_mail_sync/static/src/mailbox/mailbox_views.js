/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

/** Whoever deletes a mailbox must know what goes and what stays. */
const deleteDialog = () => ({
    title: _t("Delete the mailbox?"),
    body: _t(
        "It is scanned no longer, and its settings, its password and its list of messages are deleted. " +
            "The letters that were archived from it stay, and so does everything on the mail server."
    ),
    confirmLabel: _t("Delete mailbox"),
});

export class MailboxFormController extends FormController {
    get deleteConfirmationDialogProps() {
        return { ...super.deleteConfirmationDialogProps, ...deleteDialog() };
    }
}

export class MailboxListController extends ListController {
    get deleteConfirmationDialogProps() {
        return { ...super.deleteConfirmationDialogProps, ...deleteDialog() };
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
