/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { isAddress, parsePeople, withoutDoubles } from "@crm_mail_sync/email_app/composer/addresses";
import { DockStore } from "@crm_mail_sync/email_app/composer/dock_store";
import { Dock } from "@crm_mail_sync/email_app/composer/dock";
import { missingText } from "@crm_mail_sync/email_app/composer/missing";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, Deferred, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst, setInputFiles, waitFor, waitForNone, waitUntil } from "@odoo/hoot-dom";
import { reactive } from "@odoo/owl";
import {
    contains,
    makeMockEnv,
    makeServerError,
    mountWithCleanup,
    onRpc,
    patchTranslations,
} from "@web/../tests/web_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const EMPTY = {
    kind: "new",
    state: "writing",
    subject: "",
    to: [],
    cc: [],
    bcc: [],
    body: "<p><br></p><p>Olga</p>",
    quote: "",
    files: [],
    most_bytes: 1000,
    error: "",
    targets: [],
    from: { name: "Olga", address: "olga@ours.test" },
};
const ANNA = { name: "Anna", address: "anna@acme.test" };

/** What stands for the server: drafts that are kept as they were saved last. */
class DraftServer {
    drafts = {};
    fates = [];

    constructor() {
        onRpc("crm.mail.draft", "begin", ({ args: [kind] }) => this.add({ kind, ...this.next }));
        onRpc("crm.mail.draft", "save", ({ args: [id, values] }) => {
            expect.step(`save ${Object.keys(values).sort()}`);
            return Object.assign(this.drafts[id], values);
        });
        onRpc("crm.mail.draft", "send_later", ({ args: [id, values] }) => {
            Object.assign(this.drafts[id], values);
            expect.step(`send ${this.drafts[id].to.map((person) => person.address)}`);
            return { undo_until: "", undo_seconds: 10, draft_id: id };
        });
        onRpc("crm.mail.draft", "undo_send", ({ args: [id] }) => this.drafts[id]);
        onRpc("crm.mail.draft", "send_now", () => {
            expect.step("send_now");
            return this.fates.shift();
        });
        onRpc("crm.mail.draft", "discard", () => {
            expect.step("discard");
            return true;
        });
        onRpc("crm.mail.draft", "recipients", () => [{ ...ANNA, partner_id: 7 }]);
    }

    add(values) {
        const id = Object.keys(this.drafts).length + 1;
        this.drafts[id] = { id, ...EMPTY, ...values };
        return this.drafts[id];
    }
}

async function openWindow(server, values = {}) {
    server.next = values;
    const env = await makeMockEnv();
    const store = reactive(new DockStore(env.services));
    await mountWithCleanup(Dock, { props: { store } });
    await store.open({ kind: values.kind || "new" });
    await waitFor(".o-crm-mail-composer .o-crm-mail-body");
    return store;
}

test("people are parsed from what is typed and pasted", () => {
    expect(parsePeople('Anna <anna@acme.test>; "Berg, Ben" <ben@acme.test>, cleo@acme.test\nnobody')).toEqual([
        ANNA,
        { name: "Berg, Ben", address: "ben@acme.test" },
        { name: "", address: "cleo@acme.test" },
        { name: "", address: "nobody" },
    ]);
    expect(withoutDoubles([ANNA, { name: "", address: "ANNA@acme.test" }])).toEqual([ANNA]);
    expect(["a@b.test", "ä@münchen.test"].every(isAddress)).toBe(true);
    expect(["a@b", "a b@c.test", "@c.test", "a@b.test,"].some(isAddress)).toBe(false);
});

test("what may have been forgotten is told", async () => {
    await makeMockEnv();
    const letter = { subject: "Offer", files: [] };
    expect(missingText(letter, "Dear Anna", 0)).toBe("");
    expect(missingText(letter, "The offer is attached.", 0)).toMatch(/no file is attached/);
    expect(missingText({ ...letter, files: [{}] }, "The offer is attached.", 0)).toBe("");
    expect(missingText({ ...letter, subject: "" }, "", 0)).toMatch(/subject is empty/);
    expect(missingText({ ...letter, files: [{}] }, "", 1)).toMatch(/still on its way/);
});

test("recipients are found, typed, pasted and removed by keyboard", async () => {
    await openWindow(new DraftServer());
    const input = ".o-crm-mail-recipients input";
    expect(input).toBeFocused();
    await contains(input).edit("ann", { confirm: false });
    await advanceTime(200);
    await waitFor(".o-autocomplete--dropdown-item:contains(Anna)");
    await press("Enter");
    await animationFrame();
    expect(queryAllTexts(".o_tag")).toEqual(["Anna"]);
    await contains(input).edit("ben@acme.test", { confirm: "Enter" });
    await contains(input).edit("nobody", { confirm: false });
    await press(",");
    await animationFrame();
    expect(queryAllTexts(".o_tag")).toEqual(["Anna", "ben@acme.test", "nobody"]);
    expect(".o_tag:last").toHaveClass("o_tag_color_1");
    expect(input).toHaveValue("");
    await press("Backspace");
    await animationFrame();
    expect(queryAllTexts(".o_tag")).toEqual(["Anna", "ben@acme.test"]);
    await advanceTime(2000);
    expect.verifySteps(["save to"]);
});

test("an address that is still being typed is sent, and kept when the window is closed", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { to: [ANNA], subject: "Offer" });
    const input = ".o-crm-mail-recipients input";
    await contains(input).edit("ben@acme.test", { confirm: false });
    await press(["ctrl", "Enter"]);
    await waitUntil(() => !store.letters.length);
    expect.verifySteps(["send anna@acme.test,ben@acme.test"]);
    await waitForNone(".o-crm-mail-composer");
    server.next = {};
    await store.open({ kind: "new" });
    await contains(input).edit("cleo@acme.test", { confirm: false });
    await press("Escape");
    await waitUntil(() => !store.letters.length);
    expect(server.drafts[2].to).toEqual([{ name: "", address: "cleo@acme.test" }]);
    expect.verifySteps(["save to"]);
});

test("what is typed is saved when the typing pauses, and all that was changed goes with the letter", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { to: [ANNA] });
    await contains(".o-crm-mail-subject").edit("Off", { confirm: false });
    await advanceTime(1000);
    await contains(".o-crm-mail-subject").edit("Offer", { confirm: false });
    expect.verifySteps([]);
    await advanceTime(1600);
    expect.verifySteps(["save subject"]);
    expect(".o-crm-mail-saving").toHaveText("Saved");
    await contains(".o-crm-mail-subject").edit("Offer 2", { confirm: false });
    await press(["ctrl", "Enter"]);
    await waitUntil(() => !store.letters.length);
    expect(server.drafts[1].subject).toBe("Offer 2");
    expect.verifySteps(["send anna@acme.test"]);
    server.fates = [{ state: "sent", error: "", email_id: 5 }];
    await advanceTime(11000);
    expect.verifySteps(["send_now"]);
});

test("a letter that was called back is not sent", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { to: [ANNA], subject: "Offer" });
    await contains(".o-crm-mail-footer .btn-primary").click();
    await waitUntil(() => !store.letters.length);
    await contains(".o_notification button:contains(Undo)").click();
    await waitFor(".o-crm-mail-composer");
    expect(".o-crm-mail-subject").toHaveValue("Offer");
    await advanceTime(12000);
    expect.verifySteps(["send anna@acme.test"]);
});

test("what the server refuses is told, and the letter stays", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { to: [ANNA], subject: "Offer" });
    onRpc("crm.mail.draft", "send_later", () => {
        throw makeServerError({ message: "The files are too large to be sent." });
    });
    await contains(".o-crm-mail-footer .btn-primary").click();
    await waitFor(".alert:contains(too large)");
    expect(store.letters).toHaveLength(1);
    expect(".o-crm-mail-footer .btn-primary").toBeEnabled();
});

test("a version that is being saved is not overtaken by the next", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { to: [ANNA] });
    const first = new Deferred();
    let isFirst = true;
    onRpc("crm.mail.draft", "save", async ({ args: [, values] }) => {
        if (isFirst) {
            isFirst = false;
            await first;
        }
        expect.step(`stored ${values.subject}`);
        return { ...EMPTY, id: 1 };
    });
    const [letter] = store.letters;
    letter.set("subject", "one");
    const saved = letter.save();
    await waitUntil(() => letter.saving === "saving");
    letter.set("subject", "two");
    const sent = letter.send();
    first.resolve();
    await Promise.all([saved, sent]);
    expect.verifySteps(["stored one", "send anna@acme.test"]);
    expect(server.drafts[1].subject).toBe("two");
});

test("closed untouched it is gone, closed after typing it is kept, discarded it is asked for", async () => {
    const server = new DraftServer();
    const store = await openWindow(server);
    await contains("button[aria-label^='Close']").click();
    expect.verifySteps(["discard"]);
    server.next = { to: [ANNA] };
    await store.open({ kind: "new" });
    await waitFor(".o-crm-mail-composer .o-crm-mail-body");
    await contains(".o-crm-mail-subject").edit("Offer", { confirm: false });
    await contains("button[aria-label^='Close']").click();
    await waitUntil(() => !store.letters.length);
    expect.verifySteps(["save subject"]);
    await store.open({ draftId: 2 });
    await waitFor(".o-crm-mail-composer .o-crm-mail-body");
    await contains("button[aria-label^='Close']").click();
    expect(store.letters).toHaveLength(0);
    expect.verifySteps([]);
});

test("the quote is folded, and becomes text of the letter", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, {
        kind: "reply",
        to: [ANNA],
        quote: '<div class="gmail_quote"><blockquote type="cite">Shall we?</blockquote></div>',
    });
    expect(".o-crm-mail-body").not.toHaveText(/Shall we/);
    await contains(".o-crm-mail-quote").click();
    expect(".o-crm-mail-body blockquote").toHaveText("Shall we?");
    expect(".o-crm-mail-quote").toHaveCount(0);
    await store.letters[0].save();
    expect(server.drafts[1].quote).toBe("");
    expect(server.drafts[1].body).toMatch(/Shall we\?/);
    expect.verifySteps(["save body,quote"]);
});

test("files that are chosen together come one after the other, and none is forgotten", async () => {
    const server = new DraftServer();
    await openWindow(server, { to: [ANNA], subject: "Offer" });
    const first = new Deferred();
    const files = [];
    const upload = async () => {
        const id = files.length + 1;
        files.push({ id, name: `${id}.pdf`, mimetype: "application/pdf", size: 1 });
        const answer = { files: [...files] };
        expect.step(`upload ${id}`);
        await (id === 1 && first);
        return answer;
    };
    onRpc("/crm_mail_sync/draft/1/upload", upload, { pure: true });
    await contains("input[type=file]", { visible: false }).click();
    await setInputFiles([new File(["1"], "1.pdf"), new File(["2"], "2.pdf")]);
    await waitFor(".o-crm-mail-file [role=progressbar]");
    expect.verifySteps(["upload 1"]);
    await contains(".o-crm-mail-footer .btn-primary").click();
    await waitFor(".modal:contains(still on its way)");
    await contains(".modal button:contains(Go on writing)").click();
    first.resolve();
    await waitUntil(() => queryAllTexts(".o-crm-mail-file a").join() === "1.pdf,2.pdf");
    expect(".o-crm-mail-file").toHaveCount(2);
    expect.verifySteps(["upload 2"]);
});

test("who presses twice gets one window", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { subject: "One" });
    server.next = { kind: "reply", subject: "Two" };
    await Promise.all([1, 2].map(() => store.open({ kind: "reply", itemId: 5 })));
    expect(store.letters.map(({ subject }) => subject)).toEqual(["One", "Two"]);
    await store.open({ kind: "reply", itemId: 5 });
    await Promise.all(["a@acme.test", "b@acme.test"].map((to) => store.open({ kind: "new", to })));
    expect(store.letters).toHaveLength(5);
});

test("what buttons do is said in one's language", async () => {
    patchTranslations({ crm_mail_sync: { "Full screen": "Groß", "Remove %s": "%s entfernen" } });
    await openWindow(new DraftServer(), { files: [{ id: 1, name: "a.pdf", mimetype: "application/pdf", size: 1 }] });
    expect(".o-crm-mail-enlarge").toHaveAttribute("title", "Groß");
    expect(".o-crm-mail-enlarge").toHaveAttribute("aria-label", "Groß");
    expect(".o-crm-mail-file button").toHaveAttribute("aria-label", "a.pdf entfernen");
});

test("templates are those for who was entered last", async () => {
    const server = new DraftServer();
    await openWindow(server, { subject: "Offer" });
    onRpc("crm.mail.draft", "templates", ({ args: [id] }) =>
        server.drafts[id].to.map(({ name }) => ({ id: 3, name: "Directions", record: name }))
    );
    await contains(".o-crm-mail-recipients input").edit("Anna <anna@acme.test>,", { confirm: "Enter" });
    await contains("button[aria-label=Templates]").click();
    await waitFor(".o-crm-mail-templates:contains(Anna)");
    expect.verifySteps(["save to"]);
});

test("several windows: one is small, another fills the screen", async () => {
    const server = new DraftServer();
    const store = await openWindow(server, { subject: "One" });
    server.next = { subject: "Two" };
    await store.open({ kind: "new" });
    await waitFor(".o-crm-mail-composer:eq(1)");
    await contains(".o-crm-mail-composer:contains(Two) [aria-label='Minimise']").click();
    expect(".o-crm-mail-composer:contains(Two)").toHaveClass("o-crm-mail-minimised");
    await contains(".o-crm-mail-composer:eq(0) [aria-label='Full screen']").click();
    expect(".o-crm-mail-composer:eq(0)").toHaveClass("o-crm-mail-full");
    await contains(".o-crm-mail-title:contains(Two)").click();
    expect(".o-crm-mail-composer:contains(Two)").not.toHaveClass("o-crm-mail-minimised");
});

test("a letter that comes back says why, once each time it was sent, and can be opened", async () => {
    const server = new DraftServer();
    server.add({ subject: "Offer", to: [ANNA], error: "Nobody has this address." });
    const store = await openWindow(server);
    await store.close(store.letters[0]);
    expect.verifySteps(["discard"]);
    const told = [];
    store.services.notification = { add: (text, options) => told.push([text, options]) && (() => {}) };
    store.tellNotSent({ id: 1, subject: "Offer", error: "Nobody has this address." });
    store.tellNotSent({ id: 1, subject: "Offer", error: "Nobody has this address." });
    expect(told).toHaveLength(1);
    expect(told[0][0]).toBe("Nobody has this address.");
    await told[0][1].buttons[0].onClick();
    await waitFor(".alert:contains(Nobody has this address.)");
    expect(queryFirst(".o-crm-mail-subject").value).toBe("Offer");
    server.fates = [{ state: "writing", error: "Nobody has this address.", email_id: false }];
    await contains(".o-crm-mail-footer .btn-primary").click();
    await waitUntil(() => !store.letters.length);
    await advanceTime(11000);
    store.tellNotSent({ id: 1, subject: "Offer", error: "Nobody has this address." });
    expect(told.map(([text]) => text.toString())).toEqual([
        ...["Nobody has this address.", "Email sent.", "Nobody has this address."],
    ]);
    expect.verifySteps(["send anna@acme.test", "send_now"]);
});
