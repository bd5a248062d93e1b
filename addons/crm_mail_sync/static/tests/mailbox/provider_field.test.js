/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { clickSave, contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

class Mailbox extends models.Model {
    _name = "crm.mail.mailbox";

    provider = fields.Selection({
        selection: [
            ["imap", "IMAP"],
            ["gmail", "Gmail"],
            ["outlook", "Outlook"],
        ],
    });

    _records = [{ id: 1, provider: "gmail" }];
}

defineMailModels();
defineModels([Mailbox]);

const mountForm = (options = "") =>
    mountView({
        type: "form",
        resModel: "crm.mail.mailbox",
        resId: 1,
        arch: `<form><field name="provider" widget="mail_sync_provider" ${options}/></form>`,
    });

test("the providers stand side by side, the mailbox's own is chosen", async () => {
    await mountForm();
    expect(queryAllTexts(".o_mail_sync_providers label")).toEqual(["IMAP", "Gmail", "Outlook"]);
    expect(".o_mail_sync_providers input[value=gmail]").toBeChecked();
    expect(".o_mail_sync_providers").toHaveAttribute("role", "radiogroup");
});

test("another provider is chosen and saved", async () => {
    onRpc("web_save", ({ args }) => expect.step(args[1].provider));
    await mountForm();
    await contains(".o_mail_sync_providers label:contains(Outlook)").click();
    expect(".o_mail_sync_providers input[value=outlook]").toBeChecked();
    await clickSave();
    expect.verifySteps(["outlook"]);
});

test("nothing is chosen where nothing may be changed", async () => {
    await mountForm('readonly="1"');
    expect(".o_mail_sync_providers input:disabled").toHaveCount(3);
});
