# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does who writes, in a real browser."""

import re

from playwright.sync_api import expect

from odoo.tests import tagged

from ..mailsync import mime
from .draft_ui_case import DraftUiCase


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
        letter = mime.read_letter(self.server.sent[0])
        self.assertEqual(len(self.server.sent), 1)
        self.assertEqual(
            sorted(person.normalized for person in letter.head.by_role("to", "cc")),
            ["astrid@lindqvist.example", "ben@else.example", "info@lindqvist.example"],
        )
        self.assertEqual([(f.name, f.content) for f in letter.files], [("Angebot für Köln.pdf", b"%PDF-1.7 offer")])
        self.assertRegex(letter.text, re.compile("Dear Astrid.*Olga Owner", re.S))
        self.assertEqual(self.server.remote_ids("Drafts"), [])
