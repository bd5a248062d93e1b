/* Copyright 2026 CRM Mail Sync contributors
 * License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl). */
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, Deferred, describe, expect, test } from "@odoo/hoot";
import { queryFirst, waitFor, waitUntil } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Letter extends models.Model {
    _name = "crm.mail.email";

    subject = fields.Char();
    display_name = fields.Char();

    _records = [
        { id: 1, display_name: "Offer" },
        { id: 2, display_name: "Order" },
    ];
}

defineMailModels();
defineModels([Letter]);
describe.current.tags("desktop");

const QUOTED = "<details><summary>…</summary><div style='height: 500px'>old</div></details>";

function page(body) {
    return `<!DOCTYPE html><html><head><style>body { margin: 0 }</style></head><body>${body}</body></html>`;
}

function mountLetter() {
    return mountView({
        type: "form",
        resModel: "crm.mail.email",
        resId: 1,
        resIds: [1, 2],
        arch: `<form edit="0"><sheet><widget name="crm_mail_letter"/></sheet></form>`,
    });
}

/** Answers with a letter that says which one it is; the call is noted. */
function serveLetters(body = "", hasRemoteImages = false) {
    onRpc("crm.mail.email", "get_letter_frame", ({ args, kwargs }) => {
        const [id] = args[0];
        expect.step(`letter ${id}, images ${kwargs.show_images}`);
        return {
            document: page(`<p id="which">${id} ${kwargs.show_images}</p>${body}`),
            has_remote_images: hasRemoteImages,
        };
    });
}

function frameText() {
    return queryFirst("iframe.o_crm_mail_letter_frame")?.contentDocument.querySelector("#which")?.textContent;
}

test("a letter is shown in a frame without scripts and forms, with a name", async () => {
    serveLetters();
    await mountLetter();
    await waitUntil(() => frameText() === "1 false");
    expect("iframe.o_crm_mail_letter_frame").toHaveAttribute(
        "sandbox",
        "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    );
    expect("iframe.o_crm_mail_letter_frame").toHaveAttribute("title", "Letter: Offer");
    expect(".o_crm_mail_letter_images").toHaveCount(0);
    expect.verifySteps(["letter 1, images false"]);
});

test("the frame is as high as the letter, folded or not", async () => {
    serveLetters(`<div style="height: 300px"></div>${QUOTED}`);
    await mountLetter();
    const height = () => queryFirst("iframe.o_crm_mail_letter_frame").offsetHeight;
    await waitUntil(() => frameText() && height() > 300);
    expect(height()).toBeLessThan(500);
    queryFirst("iframe.o_crm_mail_letter_frame").contentDocument.querySelector("details").open = true;
    await waitUntil(() => height() > 800);
    queryFirst("iframe.o_crm_mail_letter_frame").contentDocument.querySelector("details").open = false;
    await waitUntil(() => height() < 500);
    expect.verifySteps(["letter 1, images false"]);
});

test("remote images are shown when asked for, in this letter only", async () => {
    serveLetters("", true);
    await mountLetter();
    await contains(".o_crm_mail_letter_images button").click();
    await waitUntil(() => frameText() === "1 true");
    expect(".o_crm_mail_letter_images").toHaveCount(0);
    await contains(".o_pager_next").click();
    await waitUntil(() => frameText() === "2 false");
    expect(".o_crm_mail_letter_images").toHaveCount(1);
    expect("iframe.o_crm_mail_letter_frame").toHaveAttribute("title", "Letter: Order");
    expect.verifySteps(["letter 1, images false", "letter 1, images true", "letter 2, images false"]);
});

test("until the letter is there, that is said", async () => {
    const answer = new Deferred();
    onRpc("crm.mail.email", "get_letter_frame", () => answer);
    await mountLetter();
    expect(".o_crm_mail_letter").toHaveAttribute("aria-busy", "true");
    expect(".o_crm_mail_letter_loading[role=status]").toHaveCount(1);
    answer.resolve({ document: page(`<p id="which">here</p>`), has_remote_images: false });
    await waitUntil(() => frameText() === "here");
    expect(".o_crm_mail_letter").toHaveAttribute("aria-busy", "false");
    expect(".o_crm_mail_letter_loading").toHaveCount(0);
});

test("a refusal is told, and can be tried again", async () => {
    let isRefused = true;
    onRpc("crm.mail.email", "get_letter_frame", () => {
        if (isRefused) {
            throw makeServerError({ message: "Only its owners can read this letter." });
        }
        return { document: page(`<p id="which">here</p>`), has_remote_images: false };
    });
    await mountLetter();
    await waitFor(".o_crm_mail_letter [role=alert]:contains(Only its owners can read this letter.)");
    expect("iframe.o_crm_mail_letter_frame").toHaveCount(0);
    isRefused = false;
    await contains(".o_crm_mail_letter [role=alert] button").click();
    await waitUntil(() => frameText() === "here");
    expect(".o_crm_mail_letter [role=alert]").toHaveCount(0);
});

test("a slow answer for the letter before does not replace this one", async () => {
    const slow = new Deferred();
    onRpc("crm.mail.email", "get_letter_frame", async ({ args }) => {
        const [id] = args[0];
        if (id === 1) {
            await slow;
        }
        return { document: page(`<p id="which">${id}</p>`), has_remote_images: false };
    });
    await mountLetter();
    await contains(".o_pager_next").click();
    await waitUntil(() => frameText() === "2");
    slow.resolve();
    await animationFrame();
    expect(frameText()).toBe("2");
});
