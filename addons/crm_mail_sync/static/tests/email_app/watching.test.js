/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { advanceTime, animationFrame, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor, waitUntil } from "@odoo/hoot-dom";
import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { defineMailModels, MailServer, openApp, serve } from "./mail_server";

defineMailModels();
describe.current.tags("desktop");

test("beginnings that no list tells are asked for once", async () => {
    const server = new MailServer();
    server.add({ snippet: "" });
    server.add({ snippet: "Told at once." });
    server.add({ snippet: "" });
    server.late = { 101: "Told later." };
    serve(server, ["snippets"]);
    await openApp();
    await waitUntil(() => queryAllTexts(".o_email_snippet").join() === ",Told at once.,Told later.");
    server.tell([101]);
    await advanceTime(500);
    expect.verifySteps(["snippets [[103,101]]"]);
});

test("beginnings that could not be had are asked for again", async () => {
    const server = new MailServer();
    server.add({ snippet: "" });
    server.late = { 101: "Told later." };
    serve(server, ["snippets"]);
    let isBroken = true;
    onRpc("crm.mail.app.email", "snippets", ({ args }) => {
        if (isBroken) {
            expect.step("failed");
            throw makeServerError({ message: "Not now." });
        }
        return server.snippets(...args);
    });
    await openApp();
    await waitFor(".o_email_row");
    await animationFrame();
    isBroken = false;
    await advanceTime(40_000);
    await waitUntil(() => queryAllTexts(".o_email_snippet").join() === "Told later.");
    expect.verifySteps(["failed"]);
});

test("a mailbox that gets into trouble says so, and no longer when it is out of it", async () => {
    const server = new MailServer();
    server.add();
    serve(server, ["open"]);
    await openApp();
    await waitFor(".o_email_row");
    const { state } = server;
    server.state = { ...state, state: "trouble", message: "Sign in again." };
    await advanceTime(40_000);
    await waitFor(".o_email_banner[data-kind=trouble]:contains(Sign in again.)");
    server.state = state;
    server.add();
    await advanceTime(40_000);
    await waitUntil(() => !document.querySelector(".o_email_banner"));
    await waitUntil(() => document.querySelectorAll(".o_email_row").length === 2);
    await advanceTime(40_000);
    expect.verifySteps(["open []", "open []", "open []"]);
});

test("the mailbox is watched as long as the app is open", async () => {
    const server = new MailServer();
    server.add();
    serve(server, ["watch"]);
    await openApp();
    await waitFor(".o_email_row");
    await advanceTime(40_000);
    await advanceTime(40_000);
    expect.verifySteps(["watch []", "watch []", "watch []"]);
});
