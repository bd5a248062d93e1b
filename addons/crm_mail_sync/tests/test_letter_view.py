# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters in full: the form, the list, the search, their files; by the web client and by bare requests."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import NOON, LetterCase, LetterFactory

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
PAGE = b"<html><script>document.title='run'</script></html>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="run"</script></svg>'


@tagged("post_install", "-at_install")
class TestLetter(LetterCase):
    def frame(self, letter, user=None, **params):
        return letter.with_user(user or self.salesman).get_letter_frame(**params)

    def test_frame_shows_the_whole_letter(self):
        long_text = "<p>line</p>" * 10_000
        letter = self.make_letter([self.contact], html=f"{long_text}<p>the end</p>")
        document = self.frame(letter)["document"]
        self.assertIn("the end", document)
        self.assertIn("Content-Security-Policy", document)

    def test_remote_images_only_when_asked_for(self):
        letter = self.make_letter([self.contact], html='<img data-cms-src="https://pixel.example/a.png">')
        closed = self.frame(letter)
        self.assertTrue(closed["has_remote_images"])
        self.assertNotIn("pixel.example", closed["document"])
        self.assertIn(' src="https://pixel.example/a.png"', self.frame(letter, show_images=True)["document"])
        self.assertFalse(self.frame(self.make_letter([self.contact]))["has_remote_images"])

    def test_pictures_of_the_letter_by_content_id(self):
        letter = self.make_letter(
            [self.contact],
            html='<img src="cid:a%20b@x"><img src="cid:drawing@x"><img src="cid:missing@x">',
            files=[
                {"name": "a.png", "raw": PICTURE, "mimetype": "image/png", "description": "a b@x"},
                {"name": "d.svg", "raw": DRAWING, "mimetype": "image/svg+xml", "description": "drawing@x"},
            ],
        )
        files = letter.content_ids.file_ids
        picture = files.filtered(lambda f: f.name == "a.png")
        drawing = files - picture
        document = self.frame(letter)["document"]
        self.assertIn(f"/web/image/{picture.id}", document)
        self.assertNotIn(f"/web/image/{drawing.id}", document)
        self.assertNotIn("cid:", document)
        self.assertFalse(letter.with_user(self.salesman).file_ids)

    def test_who_may_open_it(self):
        letter = self.make_letter([self.contact], visibility="private", files=[{"name": "a.txt", "raw": b"a"}])
        self.assertIn("Dear all", self.frame(letter, self.owner)["document"])
        self.assertEqual(letter.with_user(self.owner).file_ids.mapped("name"), ["a.txt"])
        for user in (self.salesman, self.salesman_all, self.clerk, self.admin, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.frame(letter, user)

    def test_people_by_role(self):
        letter = self.make_letter([self.contact]).with_user(self.salesman)
        self.assertEqual(letter.from_line, "Astrid Lindqvist <astrid@lindqvist.example>")
        self.assertEqual(letter.to_line, "Letter Owner <letter_owner@ours.example>")
        self.assertEqual(letter.cc_line, "info@lindqvist.example")
        self.assertFalse(letter.bcc_line)

    def test_search_by_text_within_ones_rights(self):
        mine = self.make_letter([self.contact], html="<p>Überraschung im Hafen</p>", visibility="private")
        shared = self.make_letter([self.contact], html="<p>Überraschung am Berg</p>")
        for user, words, found in (
            (self.owner, "uberraschung", mine | shared),
            (self.salesman, "Überrasch", shared),
            (self.salesman, "hafen", mine.browse()),
            (self.clerk, "uberraschung", mine.browse()),
        ):
            with self.subTest(user=user.login, words=words):
                letters = self.env["crm.mail.email"].with_user(user)
                self.assertEqual(letters.search([("text_search", "ilike", words)]), found.with_user(user))

    def test_count_and_list_agree_with_rights(self):
        self.make_letter([self.contact])
        self.make_letter([self.contact], visibility="private")
        undone = self.make_letter([self.company])
        self.link(undone, self.contact, is_undone=True)
        for user, count in ((self.owner, "2"), (self.salesman, "1"), (self.clerk, "")):
            with self.subTest(user=user.login):
                contact = self.contact.with_user(user)
                contact.invalidate_recordset()
                self.assertEqual(contact.letter_count or "", count)
                letters = self.env["crm.mail.email"].with_user(user)
                domain = contact.action_open_letters()["domain"]
                self.assertEqual(letters.search_count(domain), int(count or 0))

    def test_new_customer_has_no_letters(self):
        self.assertFalse(self.env["res.partner"].new({"name": "New"}).letter_count)


@tagged("post_install", "-at_install")
class TestLetterFiles(LetterFactory, HttpCase):
    """What a browser gets for the address of a file."""

    def setUp(self):
        super().setUp()
        self.letter = self.make_letter(
            [self.contact],
            files=[
                {"name": "page.html", "raw": PAGE, "mimetype": "text/html"},
                {"name": "drawing.svg", "raw": DRAWING, "mimetype": "image/svg+xml"},
                {"name": "picture.png", "raw": PICTURE, "mimetype": "image/png"},
            ],
        )
        self.files = {f.name: f for f in self.letter.content_ids.file_ids}

    def open(self, path, **params):
        query = "&".join(f"{key}={value}" for key, value in params.items())
        return self.url_open(f"{path}?{query}")

    def test_readers_get_the_bytes(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        for name, content in (("page.html", PAGE), ("drawing.svg", DRAWING), ("picture.png", PICTURE)):
            response = self.open(f"/web/content/{self.files[name].id}", download="true")
            self.assertEqual((response.status_code, response.content), (200, content))
            self.assertTrue(response.headers["Content-Disposition"].startswith("attachment"))

    def test_pages_and_drawings_are_never_shown(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        for name in ("page.html", "drawing.svg"):
            for route in ("content", "image"):
                for wanted in ("", "text/html", "image/svg%2Bxml", "application/xhtml%2Bxml"):
                    with self.subTest(name=name, route=route, wanted=wanted):
                        path = f"/web/{route}/{self.files[name].id}"
                        response = self.open(path, mimetype=wanted, filename=name)
                        self.assertEqual(response.headers["Content-Type"], "application/octet-stream")
                        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_pictures_are_shown(self):
        self.authenticate(self.salesman.login, self.salesman.login)
        response = self.open(f"/web/image/{self.files['picture.png'].id}")
        self.assertEqual((response.headers["Content-Type"], response.content), ("image/png", PICTURE))

    def test_others_get_nothing(self):
        for user in (self.clerk, self.admin, self.portal, None):
            self.authenticate(user and user.login, user and user.login)
            for file in self.files.values():
                with self.subTest(user=user and user.login, file=file.name):
                    self.assertEqual(self.open(f"/web/content/{file.id}").status_code, 404)
                    self.assertNotEqual(self.open(f"/web/image/{file.id}").content, file.raw)
                    archive = self.url_open("/mail/attachment/zip", data={"file_ids": file.id, "zip_name": "all.zip"})
                    self.assertNotEqual(archive.status_code, 200)

    def rpc(self, route, **params):
        return self.url_open(route, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()

    def test_routes_of_messages(self):
        pointer = self.letter.pointer_id
        for user in (self.owner, self.admin, self.clerk, self.portal):
            self.authenticate(user.login, user.login)
            with self.subTest(user=user.login):
                self.rpc("/mail/message/update_content", message_id=pointer.id, update_data={"body": "Forged"})
                self.rpc("/mail/message/reaction", message_id=pointer.id, content="👍", action="add")
                for name in ("page.html", "picture.png"):
                    self.rpc("/mail/attachment/delete", attachment_id=self.files[name].id)
                pointer.invalidate_recordset()
                self.assertFalse(pointer.body)
                self.assertFalse(pointer.reaction_ids)
                self.assertEqual(len(self.letter.content_ids.file_ids.exists()), 3)

    def test_thread_route_is_closed_to_others(self):
        for user, sees in ((self.salesman, True), (self.clerk, False), (self.portal, False)):
            self.authenticate(user.login, user.login)
            for model, record in (("crm.mail.email", self.letter), ("res.partner", self.contact)):
                answer = self.rpc("/mail/thread/messages", thread_model=model, thread_id=record.id)
                found = self.letter.pointer_id.id in answer.get("result", {}).get("messages", [])
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(found, sees)
                    self.assertEqual(self.letter.subject in str(answer), sees)

    def test_link_to_the_message_opens_the_letter(self):
        for user, sees in ((self.salesman, True), (self.clerk, False)):
            self.authenticate(user.login, user.login)
            response = self.url_open(f"/mail/message/{self.letter.pointer_id.id}", allow_redirects=False)
            self.assertEqual("crm.mail.email" in response.headers.get("Location", ""), sees)


@tagged("post_install", "-at_install")
class TestLetterTours(LetterFactory, HttpCase):
    def test_chatter(self):
        self.make_letter([self.contact], subject="Oldest letter", date=NOON - timedelta(days=900))
        for number in range(30):
            self.make_letter([self.contact], date=NOON - timedelta(days=number + 10))
        self.post(self.contact, "Called her", NOON)
        self.make_letter(
            [self.contact],
            subject="Newest letter",
            direction="sent",
            date=NOON + timedelta(days=1),
            html="<p>The <b>bold offer</b></p>",
            files=[{"name": "offer.pdf", "raw": b"%PDF-1.4", "mimetype": "application/pdf"}],
        )
        self.start_tour(f"/odoo/res.partner/{self.contact.id}", "crm_mail_sync_chatter", login=self.salesman.login)

    def test_list(self):
        now = fields.Datetime.now()  # above whatever letters there are
        self.make_letter([self.contact], subject="Harbour crane", html="<p>Zweiundvierzig Tonnen</p>", date=now)
        self.make_letter([self.contact], subject="Roof repair", date=now)
        self.start_tour("/odoo/synced-emails", "crm_mail_sync_list", login=self.salesman.login)
