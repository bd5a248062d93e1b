/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { advanceTime, animationFrame, describe, expect, test } from "@odoo/hoot";
import { keyDown, keyUp, pointerDown, press, queryFirst, queryText, waitFor, waitUntil } from "@odoo/hoot-dom";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

import { defineMailModels, MailServer, openApp, serve } from "./mail_server";

defineMailModels();
describe.current.tags("desktop");

async function withThree(values = {}) {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add(values));
    serve(server);
    await openApp();
    await waitFor(".o_email_row");
    return server;
}

const active = () => queryFirst(".o_email_row.o_email_active")?.dataset.item;
const open = () => queryFirst(".o_email_row.o_email_open")?.dataset.item;

test("moving, opening and going back", async () => {
    await withThree();
    await press("j");
    await waitUntil(() => active() === "103");
    await press("j");
    await waitUntil(() => active() === "102");
    expect(open()).toBe(undefined);
    await press("o");
    await waitUntil(() => open() === "102");
    await press("j");
    await waitUntil(() => open() === "101");
    await press("k");
    await waitUntil(() => open() === "102");
    await press("u");
    await waitFor(".o_email_nothing");
    expect(active()).toBe("102");
});

test("acting by keys, on what is active or chosen, and taking it back", async () => {
    await withThree();
    await press("j");
    await press("s");
    await press("x");
    await press("j");
    await press("x");
    await waitFor(".o_email_chosen:contains(2 selected)");
    await press(["Shift", "u"]);
    await waitUntil(() => document.querySelectorAll(".o_email_row.o_email_unread").length === 2);
    await press("e");
    await waitUntil(() => document.querySelectorAll(".o_email_row").length === 1);
    await press("z");
    await waitUntil(() => document.querySelectorAll(".o_email_row").length === 3);
    expect.verifySteps([
        'act ["star",[103],null,1]',
        'act ["unread",[103,102],null,1]',
        'act ["archive",[103,102],null,1]',
        'act ["move",[103,102],1,6]',
    ]);
});

test("a key that is held down moves on, and does nothing else again", async () => {
    await withThree();
    await keyDown("j");
    await keyDown("j");
    await waitUntil(() => active() === "102");
    await keyUp("j");
    await keyDown("e");
    await keyDown("e");
    await keyUp("e");
    await waitUntil(() => document.querySelectorAll(".o_email_row").length === 2);
    await press("o");
    await waitUntil(() => open() === "101" && queryFirst("iframe")?.contentDocument?.querySelector("#which"));
    const { body } = queryFirst("iframe").contentDocument;
    body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", code: "KeyE", bubbles: true, repeat: true }));
    await animationFrame();
    expect(document.querySelectorAll(".o_email_row").length).toBe(2);
    expect.verifySteps(['act ["archive",[102],null,1]']);
});

test("two keys after each other go to a folder; signs search and explain", async () => {
    await withThree();
    await press("g");
    await press("t");
    await waitFor("[data-folder='2'][aria-selected=true]");
    await press("g");
    await press("i");
    await waitFor("[data-folder='1'][aria-selected=true]");
    await keyDown("?");
    await waitFor(".o_email_shortcuts");
    expect(queryText(".o_email_shortcuts")).toMatch(/Archive/);
    await press("e");
    await press("Escape");
    await waitUntil(() => !queryFirst(".o_email_shortcuts"));
    await press("/");
    expect(".o_email_search_input").toBeFocused();
    await press("e");
    expect.verifySteps([]);
});

test("keys that are pressed in the letter are heard", async () => {
    await withThree();
    await contains(".o_email_row[data-item='103']").click();
    await waitUntil(() => queryFirst("iframe")?.contentDocument?.querySelector("#which"));
    const { body } = queryFirst("iframe").contentDocument;
    body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", code: "KeyE", bubbles: true }));
    await waitUntil(() => open() === "102");
    expect.verifySteps(['act ["archive",[103],null,1]']);
});

test("the menu of a row acts on it, and moves it to a folder found by typing", async () => {
    const server = await withThree();
    await pointerDown(".o_email_row[data-item='102']", { button: 2 });
    await contains(".o_email_menu [data-command=move]").click();
    await contains(".o_email_folder_dialog input").edit("顧", { confirm: false });
    await waitUntil(() => document.querySelectorAll(".o_email_folder_choices [role=option]").length === 1);
    await press("Enter");
    await waitUntil(() => server.messages[1].folder_id === 5);
    await waitFor(".o_notification:contains(Moved to 顧客.)");
    expect.verifySteps(['act ["move",[102],5,1]']);
});

test("letters that are not archived are archived before they are assigned", async () => {
    onRpc("crm.mail.email", "action_assign", ({ args }) => {
        expect.step(`assign ${JSON.stringify(args)}`);
        return false;
    });
    const server = await withThree();
    server.messages[0].email_id = 7;
    await contains(".o_email_row[data-item='103'] input").click();
    await contains(".o_email_row[data-item='102'] input").click();
    await contains(".o_email_bar [data-command=assign]").click();
    await waitFor(".o_blockUI:contains(Archiving)");
    await advanceTime(1000);
    await waitUntil(() => !document.querySelector(".o_blockUI"));
    expect.verifySteps(["assign [[1103,1102]]"]);
});
