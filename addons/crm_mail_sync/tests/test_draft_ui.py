# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does who writes, in a real browser."""

import base64
import re

from playwright.sync_api import expect

from odoo.tests import tagged

from ..mailsync import mime
from .draft_ui_case import DraftUiCase
from .scan_case import letter

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OPEN_DRAFT = (
    """itemId => odoo.__WOWL_DEBUG__.root.env.services["crm_mail_sync.composer"].open({ kind: "draft", itemId })"""
)


@tagged("post_install", "-at_install")
class TestDraftUi(DraftUiCase):
    def test_a_letter_is_written_called_back_and_sent(self):
        with self.page(self.owner) as page:
            page.goto(f"/odoo/contacts/{self.contact.id}")
            page.get_by_role("button", name="Write email").click()
            expect(page.get_by_role("dialog", name="New email")).to_be_visible()
            # Its name is the subject's.
            window = page.locator(".o-crm-mail-composer")
            expect(window.locator(".o_tag")).to_have_text("Astrid Lindqvist")
            expect(window).to_contain_text("Will be filed on Lindqvist AB, Astrid Lindqvist")
            expect(window.locator(".o-crm-mail-body")).to_contain_text("Olga Owner")
            window.get_by_role("button", name="Cc", exact=True).click()
            cc = window.get_by_role("group", name="Cc", exact=True).get_by_role("combobox")
            cc.press_sequentially("info@lind")
            page.get_by_role("option", name="info@lindqvist.example").click()
            cc.press_sequentially("ben@else.example,")
            window.get_by_label("Subject").fill("Offer for the warehouse")
            body = window.locator(".o-crm-mail-body")
            body.click()
            body.press("Control+Home")
            page.keyboard.type("Dear Astrid, the offer is attached.")
            expect(window.get_by_role("status")).to_have_text("Saved")
            self.pictures(page, "composer")
            body.press("Control+Enter")
            expect(page.get_by_text("no file is attached")).to_be_visible()
            page.get_by_role("button", name="Go on writing").click()
            window.locator("input[type=file]").set_input_files(
                [{"name": "Angebot für Köln.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 offer"}]
            )
            expect(window.get_by_role("link", name="Angebot für Köln.pdf")).to_be_visible()
            # Long enough to press "Undo", however slow the machine is.
            with self.undo_seconds(600):
                body.press("Control+Enter")
                expect(window).to_have_count(0)
                expect(page.get_by_text("Email sent.")).to_be_visible()
                page.get_by_role("button", name="Undo").click()
                expect(page.get_by_role("dialog", name="Offer for the warehouse")).to_be_visible()
            expect(window.locator(".o_tag")).to_have_count(3)
            expect(window.locator(".o-crm-mail-body")).to_contain_text("the offer is attached")
            window.get_by_role("button", name="Send", exact=True).click()
            shown = page.locator(".o-mail-Message", has_text="Dear Astrid, the offer is attached.")
            expect(shown).to_be_visible()
            self.pictures(page, "composer_filed")
        self.assertEqual(len(self.sent), 1)
        sent = mime.read_letter(self.sent[0])
        self.assertEqual(
            sorted(person.normalized for person in sent.head.by_role("to", "cc")),
            ["astrid@lindqvist.example", "ben@else.example", "info@lindqvist.example"],
        )
        self.assertEqual([(f.name, f.content) for f in sent.files], [("Angebot für Köln.pdf", b"%PDF-1.7 offer")])
        self.assertRegex(sent.text, re.compile("Dear Astrid.*Olga Owner", re.S))
        self.assertEqual(self.server.remote_ids("Drafts"), [])

    def test_a_letter_is_answered_from_the_chatter_and_passed_on(self):
        original = self.make_letter(
            [self.company],
            html='<p>Shall we meet?</p><img src="cid:logo@lindqvist">',
            subject="Meeting",
            files=[
                {"name": "plan.pdf", "raw": b"%PDF plan", "mimetype": "application/pdf"},
                {"name": "logo.png", "raw": PIXEL, "mimetype": "image/png", "description": "logo@lindqvist"},
            ],
        )
        self._template()
        with self.page(self.owner) as page:
            page.goto(f"/odoo/contacts/{self.company.id}")
            message = page.locator(".o-mail-Message", has_text="Shall we meet?")
            message.hover()
            message.get_by_role("button", name="Reply by email").click()
            window = page.locator(".o-crm-mail-composer")
            expect(window.get_by_role("group", name="To", exact=True).locator(".o_tag")).to_have_text(
                "Astrid Lindqvist"
            )
            expect(window.get_by_label("Subject")).to_have_value("Re: Meeting")
            # Who answers begins to write at once.
            expect(window.locator(".o-crm-mail-body")).to_be_focused()
            page.keyboard.type("Gladly.")
            window.get_by_role("button", name="Show the quoted text").click()
            expect(window.locator("blockquote")).to_contain_text("Shall we meet?")
            expect(window.locator("blockquote img")).to_have_js_property("complete", True)
            window.get_by_role("button", name="Templates").click()
            page.get_by_role("menuitem", name="Directions").click()
            expect(window.locator(".o-crm-mail-body")).to_contain_text("Dear Lindqvist AB, turn left.")
            expect(window.get_by_role("link", name="map.txt")).to_be_visible()
            self.pictures(page, "composer_answer")
            window.get_by_role("button", name="Send", exact=True).click()
            expect(page.locator(".o-mail-Message", has_text="Gladly.")).to_be_visible()
            page.goto(f"/odoo/action-crm_mail_sync.crm_mail_email_action/{original.id}")
            page.get_by_role("button", name="Forward").click()
            expect(window.get_by_label("Subject")).to_have_value("Fwd: Meeting")
            expect(window.get_by_role("link", name="plan.pdf")).to_be_visible()
            page.get_by_role("button", name="Reply to all").click()
            expect(window).to_have_count(2)
            self.pictures(page, "composer_two")
            second = page.get_by_role("dialog", name="Re: Meeting")
            second.get_by_role("button", name="Close; the draft is kept").click()
            expect(window).to_have_count(1)
            window.get_by_role("group", name="To", exact=True).get_by_role("combobox").fill("boss@ours.example")
            page.keyboard.press("Enter")
            with page.expect_response("**/crm.mail.draft/send_now"):
                window.get_by_role("button", name="Send", exact=True).click()
        answer, passed_on = map(mime.read_letter, self.sent)
        self.assertRegex(answer.text, re.compile("Gladly.\n.*turn left.\n.*> Shall we meet", re.S))
        self.assertEqual({f.name for f in answer.files}, {"logo.png", "map.txt"})
        self.assertEqual(answer.head.in_reply_to, (original.message_id,))
        self.assertEqual({f.name: f.inline for f in passed_on.files}, {"plan.pdf": False, "logo.png": True})
        self.assertEqual(passed_on.head.subject, "Fwd: Meeting")

    def _template(self):
        file = self.env["ir.attachment"].create({"name": "map.txt", "raw": b"map", "mimetype": "text/plain"})
        self.env["mail.template"].create(
            {
                "name": "Directions",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "How to find us",
                "body_html": '<p>Dear <t t-out="object.name"/>, turn left.</p>',
                "attachment_ids": [(6, 0, file.ids)],
            }
        )

    def test_a_draft_is_kept_when_its_window_is_closed_and_opened_again(self):
        item = self.list_message(letter("Zed <zed@nowhere.example>", self.owner.email, subject="Hello"))
        with self.page(self.owner) as page:
            page.goto("/odoo/email")
            page.get_by_text("Hello").first.click()
            page.get_by_role("button", name="Reply", exact=True).first.click()
            window = page.locator(".o-crm-mail-composer")
            expect(window.locator(".o-crm-mail-body")).to_be_focused()
            page.keyboard.type("Hello Zed")
            page.keyboard.press("Escape")
            expect(window).to_have_count(0)
            [remote_id] = self.server.remote_ids("Drafts")
            self.assertIn("Hello Zed", mime.read_letter(self.server.content(remote_id)).text)
            page.evaluate(OPEN_DRAFT, self._item_of(remote_id).id)
            expect(window.locator(".o-crm-mail-body")).to_contain_text("Hello Zed")
            window.get_by_role("button", name="Minimise").click()
            expect(window.locator(".o-crm-mail-body")).to_be_hidden()
            window.get_by_role("button", name="Re: Hello").click()
            window.get_by_role("button", name="Full screen").click()
            self.picture(page, "composer_full")
            window.get_by_role("button", name="Discard").click()
            with page.expect_response("**/crm.mail.draft/discard"):
                page.locator(".modal", has_text="Discard this draft?").get_by_role("button", name="Discard").click()
            expect(window).to_have_count(0)
        self.assertTrue(item.is_here)
        self.assertEqual(self.server.remote_ids("Drafts"), [])

    def _item_of(self, remote_id):
        self.env.invalidate_all()
        copy = self.env["crm.mail.copy"].search([("remote_id", "=", remote_id)])
        return self.env["crm.mail.item"].search([("copy_id", "=", copy.id)])
