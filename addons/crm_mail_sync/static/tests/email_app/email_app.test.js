/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { advanceTime, animationFrame, Deferred, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst, waitFor, waitUntil } from "@odoo/hoot-dom";
import { contains, makeServerError, onRpc, patchTranslations } from "@web/../tests/web_test_helpers";

import { defineMailModels, MailServer, openApp, openLiveApp, serve } from "./mail_server";

defineMailModels();
describe.current.tags("desktop");

const ROW = ".o_email_row";

function subjects() {
    return queryAllTexts(".o_email_row .o_email_subject");
}

/** Whether style sheets are there or not. */
function squeezed(text) {
    return text.replaceAll(/\s/g, "");
}

function unreadInInbox() {
    return squeezed(queryFirst("[data-folder='1'] .o_email_count")?.textContent || "");
}

function frameText(id) {
    const frame = queryFirst(`.o_email_message[data-message="${id}"] iframe`);
    return frame?.contentDocument?.querySelector("#which")?.textContent;
}

/** With all that is asked for in each of them. */
async function secondsPass(count) {
    for (let second = 0; second < count; second++) {
        await advanceTime(1000);
        await animationFrame();
    }
}

async function opened(id) {
    await contains(`${ROW}[data-item="${id}"]`).click();
    await waitUntil(() => frameText(id));
}

test("folders have their roles' names, the tree, and what is unread", async () => {
    const server = new MailServer();
    server.add({ is_seen: false });
    server.add({ folder_id: 5, is_seen: false });
    serve(server);
    await openApp();
    await waitFor(ROW);
    expect(queryAllTexts(".o_email_folder").map(squeezed)).toEqual([
        ...["Inbox1unread", "Unread", "Starred", "Everything", "Sent", "Trash", "Kunden", "顧客1unread"],
    ]);
    expect("[data-folder='5']").toHaveAttribute("aria-level", "2");
    expect("[data-folder='1']").toHaveAttribute("aria-selected", "true");
    await contains("[data-folder='4']").focus();
    await press("ArrowLeft");
    await waitUntil(() => !queryFirst("[data-folder='5']"));
    await press("ArrowRight");
    await contains("[data-folder='5']").click();
    await waitUntil(() => subjects().join() === "Order 102");
});

test("a conversation is read: older read messages are folded, what was opened is read at once", async () => {
    const server = new MailServer();
    for (let number = 0; number < 7; number++) {
        server.add({ thread: 1, subject: "Order", is_seen: number < 6 });
    }
    serve(server);
    await openApp();
    expect(unreadInInbox()).toBe("1unread");
    await opened(107);
    expect(`${ROW}.o_email_unread`).toHaveCount(0);
    expect(".o_email_message").toHaveCount(3);
    expect(".o_email_message.o_email_expanded").toHaveCount(1);
    expect(".o_email_folded").toHaveText("4 older emails");
    expect("[data-folder='1'] .o_email_count").toHaveCount(0);
    await contains(".o_email_folded").click();
    expect(".o_email_message").toHaveCount(7);
    await contains(".o_email_message[data-message='102'] .o_email_fold").click();
    await waitUntil(() => frameText(102) === "102 false");
    expect(".o_email_message[data-message='102'] iframe").toHaveAttribute(
        "sandbox",
        "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    );
    expect.verifySteps(['act ["read",[107]]']);
});

test("archiving is seen at once, the next one is read, and it can be undone", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add());
    serve(server);
    await openApp();
    await opened(103);
    await contains(".o_email_reading [data-command=archive]").click();
    await waitUntil(() => frameText(102));
    expect(subjects()).toEqual(["Order 102", "Order 101"]);
    expect.verifySteps(['act ["archive",[103],null,1]']);
    await contains(".o_notification button:contains(Undo)").click();
    await waitUntil(() => subjects().length === 3);
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    expect.verifySteps(['act ["move",[103],1,6]']);
});

test("what is archived stays in the list of everything, what is deleted does not", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add());
    serve(server);
    await openApp();
    await contains(".o_email_folder[data-folder=all]").click();
    await waitUntil(() => subjects().length === 3);
    await contains(`${ROW}[data-item="102"] input`).click();
    await contains(".o_email_bar [data-command=archive]").click();
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    await waitFor(".o_notification:contains(Archived.)");
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    await contains(".o_email_bar [data-command=delete]").click();
    expect(subjects()).toEqual(["Order 103", "Order 101"]);
    await waitFor(".o_notification:contains(trash)");
    expect.verifySteps(['act ["archive",[102],null,null]', 'act ["delete",[102],null,null]']);
});

test("what is done one after the other reaches the mailbox one after the other", async () => {
    const server = new MailServer();
    [1, 2].forEach(() => server.add({ is_seen: false }));
    serve(server, []);
    const first = new Deferred();
    onRpc("crm.mail.app.email", "act", async ({ args }) => {
        expect.step(`${args[0]} ${args[1]}`);
        await (args[0] === "read" && first);
        return server.act(...args);
    });
    await openApp();
    await contains(`${ROW}[data-item="101"] input`).click();
    await contains(".o_email_bar [data-command=read]").click();
    await contains(".o_email_bar [data-command=unread]").click();
    await contains(".o_email_bar [data-command=archive]").click();
    expect(unreadInInbox()).toBe("1unread");
    expect.verifySteps(["read 101"]);
    first.resolve();
    await waitFor(".o_notification:contains(Archived.)");
    expect.verifySteps(["unread 101", "archive 101"]);
    expect(server.messages[0].is_seen).toBe(false);
    expect(unreadInInbox()).toBe("1unread");
});

test("what could not be taken back can be taken back later", async () => {
    const server = new MailServer();
    [1, 2].forEach(() => server.add());
    serve(server);
    await openApp();
    await contains(`${ROW}[data-item="101"] input`).click();
    await contains(".o_email_bar [data-command=archive]").click();
    await waitFor(".o_notification:contains(Archived.)");
    server.refusal = "The server is being restarted.";
    await press("z");
    await waitFor(".o_notification:contains(being restarted)");
    server.refusal = "";
    await press("z");
    await waitUntil(() => subjects().length === 2);
    const undo = 'act ["move",[101],1,6]';
    expect.verifySteps(['act ["archive",[101],null,1]', undo, undo]);
});

test("what the provider refuses comes back, and is told", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add());
    server.refusal = "The server does not let this folder be changed.";
    const answer = new Deferred();
    serve(server);
    onRpc("crm.mail.app.email", "act", async () => {
        await answer;
        throw makeServerError({ message: server.refusal });
    });
    await openApp();
    await contains(`${ROW}[data-item="102"] input`).click();
    await contains(`${ROW}[data-item="103"] .o_email_star button`).click();
    await contains(".o_email_bar [data-command=delete]").click();
    expect(subjects()).toEqual(["Order 103", "Order 101"]);
    expect(`${ROW}[data-item="103"] .o_email_star button`).toHaveAttribute("aria-pressed", "true");
    answer.resolve();
    await waitFor(".o_notification:contains(does not let this folder be changed)");
    await waitUntil(() => subjects().length === 3);
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    expect(`${ROW}[data-item="103"] .o_email_star button`).toHaveAttribute("aria-pressed", "false");
    expect(`${ROW}[data-item="102"] input`).toBeChecked();
});

test("rows are chosen one by one, by range, and all", async () => {
    const server = new MailServer();
    [1, 2, 3, 4].forEach(() => server.add());
    serve(server);
    await openApp();
    await contains(`${ROW}[data-item="104"] input`).click();
    await contains(`${ROW}[data-item="102"] input`).click({ shiftKey: true });
    expect(".o_email_chosen").toHaveText("3 selected");
    expect(".o_email_select_all").toHaveProperty("indeterminate", true);
    await contains(".o_email_select_all").click();
    expect(".o_email_chosen").toHaveCount(0);
    expect(".o_email_select_all").not.toBeChecked();
    await contains(".o_email_select_all").click();
    expect(".o_email_chosen").toHaveText("4 selected");
    await contains(".o_email_bar [data-command=unread]").click();
    expect(`${ROW}.o_email_unread`).toHaveCount(4);
    expect.verifySteps(['act ["unread",[104,103,102,101],null,1]']);
});

test("what comes and changes on the other side is shown without a reload", async () => {
    const server = new MailServer();
    [1, 2].forEach(() => server.add());
    serve(server, []);
    await openLiveApp();
    await opened(101);
    await contains(`${ROW}[data-item="101"] input`).click();
    const id = server.add({ is_seen: false, subject: "Brand new" });
    server.messages[0].is_flagged = true;
    server.add({ thread: 101, subject: "Re: Order 101" });
    server.tell([id, 101, 104]);
    await animationFrame();
    await advanceTime(1000);
    await waitUntil(() => subjects().includes("Brand new"));
    expect(subjects()).toEqual(["Re: Order 101", "Brand new", "Order 102"]);
    expect(unreadInInbox()).toBe("1unread");
    expect(".o_email_app > [aria-live=polite]").toHaveText("New email from Customer Nr. 103: Brand new");
    await waitUntil(() => frameText(104));
    expect(`${ROW}[data-item="104"]`).toHaveClass("o_email_open");
    expect(`${ROW}[data-item="104"] input`).toBeChecked();
});

test("thousands are scrolled through, page by page, with few rows in the page", async () => {
    const server = new MailServer();
    for (let number = 0; number < 300; number++) {
        server.add();
    }
    serve(server, []);
    await openApp();
    await waitFor(ROW);
    const scroller = queryFirst(".o_email_scroller");
    // Style sheets are not part of these tests.
    Object.assign(scroller.style, { height: "600px", overflow: "auto" });
    const loaded = () => Number(queryFirst(".o_email_rows").getAttribute("aria-rowcount"));
    await waitUntil(() => {
        scroller.scrollTop = scroller.scrollHeight;
        return loaded() === 300;
    }, { timeout: 5000 });
    await waitFor(`${ROW}[data-item="101"]`);
    expect(document.querySelectorAll(ROW).length).toBeLessThan(100);
    scroller.scrollTop = 0;
    await waitFor(`${ROW}[data-item="400"]`);
});

test("searching as one types keeps what was found before until there is more", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add());
    serve(server, ["conversations"]);
    await openApp();
    await waitFor(ROW);
    const slow = new Deferred();
    onRpc("crm.mail.app.email", "conversations", async ({ args }) => {
        expect.step(`conversations ${JSON.stringify(args)}`);
        await slow;
        return server.conversations(...args);
    });
    await contains(".o_email_search_input").edit("Order 103", { confirm: false });
    await advanceTime(300);
    await waitFor(".o_email_scroller[aria-busy=true]");
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    slow.resolve();
    await waitUntil(() => subjects().length === 1);
    await contains(".o_email_bar button:contains(Inbox)").click();
    await contains(".o_email_search_input").edit("nothing", { confirm: "Enter" });
    await waitFor(".o_email_empty:contains(Nothing was found.)");
    await contains(".o_email_search_clear").click();
    await waitUntil(() => subjects().length === 3);
    expect.verifySteps([
        'conversations [1,"","",null,50]',
        'conversations ["all","Order 103","",null,50]',
        'conversations [1,"Order 103","",null,50]',
        'conversations [1,"nothing","",null,50]',
        'conversations [1,"","",null,50]',
    ]);
});

test("a slow answer for the folder before does not replace this one's", async () => {
    const server = new MailServer();
    server.add({ subject: "In the inbox" });
    server.add({ folder_id: 2, subject: "Sent" });
    serve(server, []);
    const slow = new Deferred();
    onRpc("crm.mail.app.email", "conversations", async ({ args }) => {
        if (args[0] === 1) {
            await slow;
        }
        return server.conversations(...args);
    });
    await openApp();
    await contains("[data-folder='2']").click();
    await waitUntil(() => subjects().join() === "Sent");
    slow.resolve();
    await animationFrame();
    expect(subjects()).toEqual(["Sent"]);
});

test("an error is told, and can be tried again", async () => {
    const server = new MailServer();
    server.add();
    serve(server, []);
    let isBroken = true;
    onRpc("crm.mail.app.email", "conversations", ({ args }) => {
        if (isBroken) {
            throw makeServerError({ message: "The database is being restored." });
        }
        return server.conversations(...args);
    });
    await openApp();
    await waitFor(".o_email_error:contains(The database is being restored.)");
    isBroken = false;
    await contains(".o_email_error button").click();
    await waitUntil(() => subjects().length === 1);
});

test("a connection that is lost for a moment is asked again, not told", async () => {
    const server = new MailServer();
    server.add();
    serve(server, []);
    let lost = { open: 2, conversations: 3 };
    for (const method of ["open", "conversations"]) {
        onRpc("crm.mail.app.email", method, ({ args }) => {
            expect.step(method);
            return lost[method]-- > 0 ? new Response("", { status: 502 }) : server[method](...args);
        });
    }
    await openApp();
    await secondsPass(6);
    await waitFor(ROW);
    expect.verifySteps([...Array(3).fill("open"), ...Array(4).fill("conversations")]);
    lost = { open: 0, conversations: 4 };
    await contains("[data-folder='2']").click();
    await secondsPass(4);
    await waitFor(".o_email_error:contains(The server could not be reached.)");
    expect.verifySteps(Array(4).fill("conversations"));
});

test("without a mailbox one is offered", async () => {
    const server = new MailServer();
    server.state = { state: "no_mailbox", message: "Connect your mailbox to read it here.", mailbox: null };
    serve(server);
    await openApp();
    await waitFor(".o_email_state:contains(Connect your mailbox)");
    expect(".o_email_new_mailbox").toHaveText("New mailbox");
    expect(".o_email_write").toHaveCount(0);
});

test("a mailbox in trouble says so above what it has; one that is only read cannot be changed", async () => {
    const server = new MailServer();
    server.add();
    const mailbox = { id: 9, can_act: false, why_not_act: "Only read.", why_not_send: "No server for sending." };
    server.state = { state: "trouble", message: "Sign in again.", mailbox };
    serve(server);
    await openApp();
    await waitFor(".o_email_banner[data-kind=trouble]:contains(Sign in again.)");
    await opened(101);
    expect(".o_email_reading [data-command=archive]").toHaveCount(0);
    await press("e");
    await waitFor(".o_notification:contains(Only read.)");
    await contains(".o_email_reply").click();
    await waitFor(".o_notification:contains(No server for sending.)");
    expect(subjects()).toEqual(["Order 101"]);
});

test("what one reads among the unread stays in sight until one goes on", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add({ is_seen: false }));
    serve(server, []);
    await openLiveApp();
    await contains("[data-folder='unread']").click();
    await opened(102);
    server.tell([102]);
    await animationFrame();
    await advanceTime(1000);
    expect(subjects()).toEqual(["Order 103", "Order 102", "Order 101"]);
    await opened(101);
    server.tell([101]);
    await animationFrame();
    await advanceTime(1000);
    await waitUntil(() => subjects().join() === "Order 103,Order 101");
});

/** Answers of a method, each held back until it is let go. */
function holdBack(server, method) {
    const held = [];
    onRpc("crm.mail.app.email", method, async ({ args }) => {
        const answer = JSON.parse(JSON.stringify(server[method](...args)));
        const asked = new Deferred();
        held.push(asked);
        await asked;
        return answer;
    });
    return held;
}

test("an answer that was asked for before something was done does not undo it on the screen", async () => {
    const server = new MailServer();
    [1, 2, 3].forEach(() => server.add());
    serve(server, []);
    await openLiveApp();
    await waitFor(ROW);
    const lists = holdBack(server, "conversations");
    server.messages[0].is_flagged = true;
    server.tell([101]);
    await animationFrame();
    await advanceTime(1000);
    await waitUntil(() => lists.length === 1);
    await contains(`${ROW}[data-item="102"] input`).click();
    await contains(".o_email_bar [data-command=archive]").click();
    await waitFor(".o_notification:contains(Archived.)");
    lists[0].resolve();
    await waitUntil(() => lists.length === 2);
    expect(subjects()).toEqual(["Order 103", "Order 101"]);
    lists[1].resolve();
    await waitFor(`${ROW}[data-item="101"] .o_email_star [aria-pressed=true]`);
    expect(subjects()).toEqual(["Order 103", "Order 101"]);
});

test("changes are fetched one after the other, and the last one is shown", async () => {
    const server = new MailServer();
    server.add();
    serve(server, []);
    await openLiveApp();
    await waitFor(ROW);
    const lists = holdBack(server, "conversations");
    for (const subject of ["Second", "Third"]) {
        server.tell([server.add({ subject })]);
        await animationFrame();
        await advanceTime(1000);
    }
    await waitUntil(() => lists.length);
    // The newer one first, if they were under way together.
    lists.toReversed().forEach((list) => list.resolve());
    await waitUntil(() => lists.length === 2);
    lists[1].resolve();
    await waitUntil(() => subjects().length === 3);
    await animationFrame();
    expect(subjects()).toEqual(["Third", "Second", "Order 101"]);
});

test("what is read is as its row in the list, whichever of them comes first", async () => {
    const server = new MailServer();
    [1, 2].forEach(() => server.add());
    serve(server, []);
    await openLiveApp();
    await opened(102);
    const lists = holdBack(server, "conversations");
    server.messages[1].chips = [{ model: "res.partner", id: 5, name: "Roses Ltd" }];
    server.tell([102]);
    await animationFrame();
    await advanceTime(1000);
    await waitUntil(() => lists.length === 1);
    await animationFrame();
    lists[0].resolve();
    await waitFor(".o_email_reading .o_email_chip:contains(Roses Ltd)");
    await contains(".o_email_message_star").click();
    expect(`${ROW}[data-item="102"] .o_email_star button`).toHaveAttribute("aria-pressed", "true");
});

test("what is refused while the list comes anew is listed once", async () => {
    const server = new MailServer();
    [1, 2].forEach(() => server.add());
    serve(server, []);
    const [lists, acts] = [[], new Deferred()];
    await openApp();
    await contains(".o_email_search_input").edit("Order", { confirm: "Enter" });
    await waitUntil(() => subjects().length === 2);
    lists.push(holdBack(server, "conversations"));
    onRpc("crm.mail.app.email", "act", async () => {
        await acts;
        throw makeServerError({ message: "Not now." });
    });
    await contains(".o_email_search_input").edit("Order 10", { confirm: "Enter" });
    await waitUntil(() => lists[0].length === 1);
    await contains(`${ROW}[data-item="102"] input`).click();
    await contains(".o_email_bar [data-command=delete]").click();
    expect(subjects()).toEqual(["Order 101"]);
    lists[0][0].resolve();
    await waitUntil(() => subjects().length === 2);
    acts.resolve();
    await waitFor(".o_notification:contains(Not now.)");
    await waitUntil(() => lists[0].length === 2);
    expect(subjects()).toEqual(["Order 102", "Order 101"]);
    lists[0][1].resolve();
    await animationFrame();
    expect(subjects()).toEqual(["Order 102", "Order 101"]);
});

test("a page that is asked for while the list is brought up to date does not end it", async () => {
    const server = new MailServer();
    for (let number = 0; number < 25; number++) {
        server.add();
    }
    serve(server, []);
    const slow = new Deferred();
    let isSecondPage = true;
    onRpc("crm.mail.app.email", "conversations", async ({ args }) => {
        const answer = server.conversations(...args);
        if (args[3] === 10 && isSecondPage) {
            isSecondPage = false;
            await slow;
        }
        return answer;
    });
    await openLiveApp();
    await waitFor(ROW);
    server.messages.at(-1).is_flagged = true;
    server.tell([125]);
    await animationFrame();
    await advanceTime(1000);
    await waitFor(`${ROW}[data-item="125"] .o_email_star [aria-pressed=true]`);
    slow.resolve();
    await waitFor(".o_email_rows[aria-rowcount='25']", { timeout: 2000 });
});

test("what lies in the trash is deleted for good, and asked for before", async () => {
    const server = new MailServer();
    server.add({ folder_id: 3 });
    serve(server);
    await openApp();
    await contains("[data-folder='3']").click();
    await contains(`${ROW}[data-item="101"] input`).click();
    await contains(".o_email_bar [data-command=delete]").click();
    await waitFor(".modal:contains(cannot be undone)");
    expect.verifySteps([]);
    await contains(".modal button:contains(Delete)").click();
    await waitFor(".o_email_empty");
    await waitFor(".o_notification:contains(Deleted for good.)");
    expect.verifySteps(['act ["delete",[101],null,3]']);
});

test("a trash that empties itself offers to take out, not to delete for good", async () => {
    const server = new MailServer();
    server.state.mailbox.deletes_for_good = false;
    server.add({ folder_id: 3 });
    serve(server);
    await openApp();
    await contains("[data-folder='3']").click();
    await contains(`${ROW}[data-item="101"] input`).click();
    await waitFor(".o_email_bar [data-command=move]");
    expect(".o_email_bar [data-command=delete]").toHaveCount(0);
    await contains(".o_email_bar [data-command=move]").click();
    await waitFor(".modal:contains(Inbox)");
    expect(".modal:contains(Sent)").toHaveCount(0);
});

test("what buttons do is said in one's language", async () => {
    const terms = { Star: "Stern", "Remove star": "Stern entfernen", Unfold: "Ausklappen", "Close (u)": "Weg (u)" };
    patchTranslations({ crm_mail_sync: terms });
    const server = new MailServer();
    [true, false].forEach((is_flagged) => server.add({ thread: 1, is_flagged }));
    server.add();
    serve(server);
    await openApp();
    await opened(102);
    expect(`${ROW}[data-item="102"] .o_email_star button`).toHaveAttribute("title", "Stern entfernen");
    expect(`${ROW}[data-item="103"] .o_email_star button`).toHaveAttribute("title", "Stern");
    expect(".o_email_message[data-message='102'] .o_email_message_star").toHaveAttribute("title", "Stern");
    expect(".o_email_message[data-message='101'] .o_email_fold").toHaveAttribute("aria-label", "Ausklappen");
    expect(".o_email_back").toHaveAttribute("title", "Weg (u)");
});

test("buttons of what one has no right to are not there", async () => {
    const server = new MailServer();
    server.add({ email_id: 5 });
    server.rights = { contact: false, lead: false, task: false };
    serve(server);
    await openApp();
    await opened(101);
    await contains(".o_email_reading_bar .o_email_more").click();
    await waitFor(".o_email_menu [data-command=exclude]");
    expect(".o_email_menu [data-command=lead]").toHaveCount(0);
    expect(".o_email_menu [data-command=contact]").toHaveCount(0);
    expect(".o_email_menu [data-command=private]").toHaveCount(1);
});

test("remote images: once, always, and no longer", async () => {
    const server = new MailServer();
    server.add();
    server.add();
    server.bodies[101] = { has_remote_images: true };
    server.bodies[102] = { has_remote_images: true };
    serve(server, ["body", "always_images"]);
    await openApp();
    await opened(101);
    await contains(".o_email_show_images").click();
    await waitUntil(() => frameText(101) === "101 true");
    expect(".o_email_images").toHaveCount(0);
    expect.verifySteps(["body [101,false]", "body [101,true]"]);
    await contains(`${ROW}[data-item="102"]`).click();
    await waitUntil(() => frameText(102) === "102 false");
    server.bodies[102] = { has_remote_images: true, always_images: true, shows_images: true };
    await contains(".o_email_always_images").click();
    await waitUntil(() => frameText(102) === "102 true");
    expect(".o_email_images").toHaveCount(0);
    expect.verifySteps(["body [102,false]", 'always_images ["c102@roses.example",true]', "body [102,true]"]);
    server.bodies[102] = { has_remote_images: true };
    await contains(".o_email_never_images").click();
    await waitUntil(() => frameText(102) === "102 false");
    await waitFor(".o_email_show_images");
    expect.verifySteps(['always_images ["c102@roses.example",false]', "body [102,false]"]);
});

test("what came back unsent, or lies here only, is told and opened", async () => {
    const server = new MailServer();
    server.add({});
    server.left = [
        { id: 71, subject: "Tulips", error: "The mailbox is full." },
        { id: 72, subject: "", error: "" },
    ];
    serve(server);
    onRpc("crm.mail.draft", "undo_send", ({ args }) => {
        expect.step(`open ${args}`);
        throw makeServerError({ message: "Gone." });
    });
    await openApp();
    await waitFor(".o_email_left_draft");
    expect(queryAllTexts(".o_email_left_draft span")).toEqual([
        "“Tulips” was not sent. The mailbox is full.",
        "“(no subject)” is kept in Odoo only, for this mailbox takes no drafts from here.",
    ]);
    await contains(".o_email_left_draft button").click();
    await waitUntil(() => queryAllTexts(".o_email_left_draft").length === 1);
    await expect.waitForSteps(["open 71"]);
});
