/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { waitForChannels } from "@bus/../tests/bus_test_helpers";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, describe, expect, test } from "@odoo/hoot";
import { click, edit, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    getService,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Mailbox extends models.Model {
    _name = "crm.mail.mailbox";

    state = fields.Selection({
        selection: [
            ["draft", "Not connected"],
            ["importing", "Importing"],
            ["up_to_date", "Up to date"],
        ],
    });
    status_text = fields.Char();
    progress_done = fields.Integer();
    progress_total = fields.Integer();
    folder_ids = fields.One2many({ relation: "crm.mail.folder", relation_field: "mailbox_id" });

    _records = [
        {
            id: 1,
            state: "importing",
            status_text: "Importing.",
            progress_done: 0,
            progress_total: 0,
            folder_ids: [1, 2, 3],
        },
    ];
}

class Folder extends models.Model {
    _name = "crm.mail.folder";

    mailbox_id = fields.Many2one({ relation: "crm.mail.mailbox" });
    name = fields.Char();
    complete_name = fields.Char();
    level = fields.Integer();
    sequence = fields.Integer();
    role = fields.Char();
    selectable = fields.Boolean();
    can_pick = fields.Boolean();
    selected = fields.Boolean();
    is_new = fields.Boolean();
    is_gone = fields.Boolean();
    error_message = fields.Char();

    _records = [
        { id: 1, sequence: 2, name: "Junk", complete_name: "Junk", role: "junk", selectable: true, can_pick: false },
        { id: 2, sequence: 0, name: "INBOX", complete_name: "INBOX", role: "inbox", selectable: true, can_pick: true, selected: true },
        { id: 3, sequence: 1, name: "顧客", complete_name: "INBOX / 顧客", level: 1, selectable: true, can_pick: true, is_new: true },
    ];
}

defineMailModels();
defineModels([Mailbox, Folder]);
describe.current.tags("desktop");

const STATUS = `<form><field name="state" invisible="1"/><field name="status_text" widget="mail_sync_status"/></form>`;
const FOLDERS = `
    <form>
        <field name="folder_ids" widget="mail_sync_folders">
            <list>
                <field name="name"/><field name="complete_name"/><field name="level"/><field name="sequence"/>
                <field name="role"/><field name="selectable"/><field name="can_pick"/><field name="selected"/>
                <field name="is_new"/><field name="is_gone"/><field name="error_message"/>
            </list>
        </field>
    </form>`;

function mount(arch) {
    return mountView({ type: "form", resModel: "crm.mail.mailbox", resId: 1, arch });
}

/** The form of the mailbox, with the bus listened to. */
async function mountStatus() {
    await mount(STATUS);
    getService("bus_service").addChannel("owner");
    await waitForChannels(["owner"]);
}

async function tell(progress) {
    MockServer.env["bus.bus"]._sendone("owner", "crm_mail_sync/progress", progress);
    await advanceTime(1000);
    await animationFrame();
}

test("the scan's progress is shown while it comes in", async () => {
    await mountStatus();
    expect(".o_mail_sync_status").toHaveText("Importing.");
    expect(".progress-bar").toHaveCount(0);
    await tell({ mailbox_id: 1, state: "importing", done: 1000, total: 20000 });
    await tell({ mailbox_id: 1, state: "importing", done: 2000, total: 20000 });
    expect(".o_mail_sync_status").toHaveText(/Importing: 2,000 of 20,000 messages\./);
    expect(".o_mail_sync_percentage").toHaveText("10%");
    expect(".o_mail_sync_status").toHaveText(/left/);
    expect(queryFirst(".progress-bar").style.width).toBe("10%");
});

test("another mailbox's progress is not shown here", async () => {
    await mountStatus();
    await tell({ mailbox_id: 2, state: "importing", done: 1000, total: 20000 });
    expect(".progress-bar").toHaveCount(0);
});

test("the end of the scan brings the mailbox as it is now", async () => {
    await mountStatus();
    await tell({ mailbox_id: 1, state: "importing", done: 1000, total: 1000 });
    MockServer.env["crm.mail.mailbox"].write([1], { state: "up_to_date", status_text: "Up to date." });
    await tell({ mailbox_id: 1, state: "up_to_date", done: 1000, total: 1000 });
    await animationFrame();
    expect(".o_mail_sync_status").toHaveText("Up to date.");
    expect(".o_mail_sync_status").toHaveClass("alert-success");
});

test("without the bus the mailbox is asked", async () => {
    onRpc("crm.mail.mailbox", "read", () => {
        expect.step("asked");
        return [{ id: 1, state: "importing", progress_done: 30, progress_total: 40 }];
    });
    await mount(STATUS);
    await advanceTime(5000);
    await animationFrame();
    expect.verifySteps(["asked"]);
    expect(".o_mail_sync_status").toHaveText(/30 of 40/);
});

test("directories stand in the server's order, and only some can be picked", async () => {
    await mount(FOLDERS);
    expect(queryAllTexts(".o_mail_sync_folder .text-truncate")).toEqual(["INBOX", "顧客", "Junk"]);
    expect(".o_mail_sync_folder:contains(INBOX) input").toBeChecked();
    expect(".o_mail_sync_folder:contains(顧客) .badge").toHaveText("New");
    expect(".o_mail_sync_folder:contains(Junk) input").not.toBeEnabled();
});

test("a pick is saved with the mailbox", async () => {
    onRpc("crm.mail.mailbox", "web_save", ({ args }) => {
        expect.step(args[1].folder_ids);
    });
    await mount(FOLDERS);
    await contains(".o_mail_sync_folder:contains(顧客) input").click();
    await contains(".o_form_button_save").click();
    expect.verifySteps([[[1, 3, { selected: true }]]]);
});

test("a long list of directories is searched by name", async () => {
    Folder._records = [...Array(20).keys()].map((n) => ({
        id: n + 1,
        sequence: n,
        name: `Folder ${n}`,
        complete_name: `Top / Folder ${n}`,
        level: 1,
        selectable: true,
        can_pick: true,
    }));
    Mailbox._records[0].folder_ids = Folder._records.map((record) => record.id);
    await mount(FOLDERS);
    await click("input[type=search]");
    await edit("folder 7");
    await animationFrame();
    expect(queryAllTexts(".o_mail_sync_folder .text-truncate")).toEqual(["Top / Folder 7"]);
});
