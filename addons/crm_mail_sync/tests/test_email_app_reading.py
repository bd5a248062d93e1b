# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a message says in the app Email, whether it is archived or lies in the mailbox only."""

from base64 import b64decode
from email.message import EmailMessage

from odoo.tests import tagged

from tests.html.bodies import vectors
from tests.html.browser import oracle

from ..email_app import crm_mail_item_content
from ..mailsync.errors import ConnectionLost
from .browser_case import memory_without_limit
from .email_app_case import OWN, EmailAppCase

STRANGER = "Bo <bo@elsewhere.test>"
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@tagged("post_install", "-at_install")
class TestEmailAppReading(EmailAppCase):
    def deliver_html(self, html, *, files=(), subject="Page", sender=STRANGER, picture=None):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, OWN, subject
        message["Message-ID"] = f"<{subject.replace(' ', '.')}@mail.test>"
        message.set_content("Plain.")
        message.add_alternative(html, subtype="html")
        if picture:
            message.get_payload()[1].add_related(picture, "image", "png", cid="<pic@mail.test>")
        for name, kind, content in files:
            message.add_attachment(content, *kind.split("/"), filename=name)
        return self.server.deliver(message.as_bytes(), received=1_770_000_000)

    def body(self, subject="Page", **kwargs):
        return self.call("body", self.item(subject).id, **kwargs)

    def test_hostile_letters_run_and_fetch_nothing(self):
        """Each vector as a message that is not archived, through the call that the app makes."""
        hostile = vectors()
        for name, html in hostile.items():
            self.deliver_html(html.encode("utf-8", "replace").decode(), subject=name)
        self.scan()
        self.assertFalse(self.letters())
        shown = {name: self.body(name)["document"] for name in hostile}
        self.assertTrue(all(shown.values()))
        with memory_without_limit(), oracle() as chromium:
            self.assertEqual(chromium.culprits(shown, "sandbox"), {})

    def test_pictures_elsewhere_are_loaded_when_they_are_wanted(self):
        self.deliver_html('<p>Hi</p><img src="https://pixel.example/a.png">')
        self.scan()
        body = self.body()
        self.assertTrue(body["has_remote_images"])
        self.assertNotIn("pixel.example", body["document"])
        self.assertIn('src="https://pixel.example/a.png"', self.body(show_images=True)["document"])
        self.assertNotIn("pixel.example", self.body()["document"])
        self.call("always_images", "bo@elsewhere.test", True)
        body = self.body()
        self.assertTrue(body["always_images"] and body["shows_images"])
        self.assertIn("pixel.example", body["document"])
        self.call("always_images", "bo@elsewhere.test", False)
        self.assertNotIn("pixel.example", self.body()["document"])

    def test_files_and_pictures_of_the_text_lead_to_the_owner_s_route(self):
        files = [
            ("offer.pdf", "application/pdf", b"%PDF-1.4"),
            ("page.html", "text/html", b"<script>alert(1)</script>"),
        ]
        html = '<p>See <img src="cid:pic@mail.test"></p>'
        for subject, sender in (("Kept", "anna@acme-scan.test"), ("Left", STRANGER)):
            self.deliver_html(html, files=files, subject=subject, sender=sender, picture=PNG)
        self.scan()
        for subject in ("Kept", "Left"):
            body = self.body(subject)
            self.assertEqual([file["name"] for file in body["files"]], ["offer.pdf", "page.html"], subject)
            self.assertEqual([bool(file["preview_url"]) for file in body["files"]], [True, False])
            self.assertIn("<img", body["document"])
            self.assertNotIn("cid:", body["document"])
            for file in body["files"]:
                self.assertTrue(file["url"].startswith(f"/crm_mail_sync/item/{self.item(subject).id}/file/"))
            self.assertTrue(self.item(subject).has_files)

    def test_a_message_that_is_not_to_be_had_says_why(self):
        remote_id = self.deliver_html("<p>Hi</p>")
        self.scan()
        self.server.fail_next(ConnectionLost(), "fetch")
        self.assertIn("ended the connection", self.body()["error"])
        self.server.delete(remote_id)
        body = self.body()
        self.assertIn("not in your mailbox any more", body["error"])
        self.assertEqual(body["document"], "")

    def test_what_was_opened_is_kept_for_a_day_and_bounded(self):
        for number in range(4):
            self.deliver_html(f"<p>{number}</p>" + "x" * 1000, subject=f"Page {number}")
        self.scan()
        kept = "SELECT count(*) FROM crm_mail_item_content"
        for number in range(4):
            self.body(f"Page {number}")
        self.cr.execute(kept)
        self.assertEqual(self.cr.fetchone()[0], 4)
        self.cr.execute("UPDATE crm_mail_item_content SET fetched = fetched - interval '25 hours' WHERE item_id = %s",
                        [self.item("Page 0").id])  # fmt: skip
        self.env["crm.mail.item"]._gc_contents()
        self.cr.execute(kept)
        self.assertEqual(self.cr.fetchone()[0], 3)
        self.cr.commit()
        self.patch(crm_mail_item_content, "_MOST_MESSAGES", 2)
        self.body("Page 0")
        self.cr.execute(kept)
        self.assertEqual(self.cr.fetchone()[0], 2)
        self.assertIsNotNone(self.item("Page 0")._kept_content__(), "the newest stays")

    def test_what_is_archived_tells_its_beginning_and_its_files(self):
        self.deliver("Kept", body="All that was said.")
        self.deliver_html("<p>See below</p>", files=[("a.txt", "text/plain", b"a")], sender="anna@acme-scan.test")
        self.scan()
        rows = {row["subject"]: row for row in self.rows()}
        self.assertEqual((rows["Kept"]["snippet"], rows["Kept"]["has_files"]), ("All that was said.", False))
        self.assertEqual((rows["Page"]["snippet"], rows["Page"]["has_files"]), ("See below", True))
        self.assertEqual(self.subjects(query="below"), ["Page"])

    def test_beginnings_are_asked_for_when_they_are_shown(self):
        self.deliver("Left", sender=STRANGER, body="Only the server knows this line.")
        self.scan()
        item = self.item("Left")
        self.assertEqual(self.rows()[0]["snippet"], "")
        self.assertEqual(self.call("snippets", item.ids), {item.id: "Only the server knows this line."})
        self.assertEqual(self.rows()[0]["snippet"], "Only the server knows this line.")
        self.assertEqual(self.subjects(query="knows"), ["Left"])

    def test_quotes_are_folded(self):
        self.deliver_html('<p>New</p><blockquote type="cite">Old</blockquote>')
        self.scan()
        self.assertIn('<details class="cms-quote"', self.body()["document"])
