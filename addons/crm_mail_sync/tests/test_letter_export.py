# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters as files: the original for its owner, else what the archive has; and all letters of a record in one file."""

import mailbox
import tracemalloc
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..mailsync import mime
from ..mailsync.errors import ConnectionLost
from ..mailsync.letter import File, Letter
from ..mailsync.rebuild import eml, rebuild
from ..models import letter_box
from ..models.letter_box import LetterBox
from .access_case import ROLES, AccessWorld, word_of
from .scan_case import ScanCase, letter

PICTURE = b"\x89PNG\r\n\x1a\n\x00picture"
FILE = bytes(range(256)) * 40


def with_files(sender, *to):
    """The bytes of a letter with everything: text and HTML, a picture in it, a file, a blind copy."""
    head = mime.read_head(letter(sender, *to, subject="Größe: Angebot", Bcc="boss@scan-own.test"))
    parts = (
        File("logo.png", "image/png", PICTURE, content_id="logo@x", inline=True),
        File("Angebot für Åsa.bin", "application/octet-stream", FILE),
    )
    message = rebuild(Letter(head, text="Grüße\n\nFrom me", html='<p>Grüße <img src="cid:logo@x"></p>', files=parts))
    message["X-Original"] = "yes"
    return eml(message)


@tagged("post_install", "-at_install")
class TestOriginals(ScanCase):
    def setUp(self):
        super().setUp()
        self.content = with_files("anna@acme-scan.test", "owner@scan-own.test")
        self.server.deliver(self.content)
        self.scan()
        self.letter = self.letters()

    def _as(self, user):
        return self.letter.with_env(self.env(user=user.id, su=False))

    def _fetched(self, user):
        original = self._as(user)._original__()
        self.cr.commit()
        return original and original.fetch()

    def test_the_owner_gets_the_very_bytes(self):
        self.assertEqual(self._fetched(self.user), self.content)

    def test_nobody_else_is_led_to_the_mailbox(self):
        other = self.env["res.users"].create({"name": "Other", "login": "scan.other"})
        self.assertIsNone(self._as(other)._original__())
        self.mailbox.with_user(self.user).reader_ids = other
        self.assertEqual(self._fetched(other), self.content)

    def test_what_is_gone_or_not_to_be_had_now_is_rebuilt(self):
        self.mailbox._set_disconnected()
        self.assertIsNone(self._as(self.user)._original__())
        self.mailbox._set_connected()
        with patch.object(self.server, "session", side_effect=ConnectionLost()):
            self.assertIsNone(self._fetched(self.user))
        copy = self.copies()
        for values in ({"header_key": "of another message"}, {"is_stale": True}, {"is_removed": True}):
            copy.write(values)
            self.assertIsNone(self._fetched(self.user))

    def test_the_rebuilt_letter_is_the_archived_one(self):
        raw = eml(self._as(self.user)._rebuilt())
        before, after = mime.read_letter(self.content), mime.read_letter(raw)
        self.assertEqual(message_from_bytes(raw)["X-Archive"], "rebuilt")
        for name in ("message_id", "date", "subject"):
            self.assertEqual(getattr(after.head, name), getattr(before.head, name))
        people = [{(a.role, a.name, a.normalized) for a in found.head.addresses} for found in (before, after)]
        self.assertEqual(*people)
        self.assertIn("Grüße", after.text)
        self.assertIn("cid:logo@x", after.html)
        files = [{(f.name, f.content_type, f.content, f.content_id) for f in found.files} for found in (before, after)]
        self.assertEqual(*files)
        shown = message_from_bytes(raw, policy=policy.default)
        self.assertEqual(next(iter(shown.iter_attachments())).get_content(), FILE)

    def test_blind_copies_are_the_owners_secret(self):
        other = self.env["res.users"].create({"name": "Other", "login": "scan.other"})
        other.group_ids += self.env.ref("sales_team.group_sale_salesman")
        for user, expected in ((self.user, {"boss@scan-own.test"}), (other, set())):
            head = mime.read_head(eml(self._as(user)._rebuilt()))
            self.assertEqual({a.normalized for a in head.by_role("bcc")}, expected)

    def test_a_letter_of_plain_text_stays_one(self):
        self.server.deliver(letter("anna@acme-scan.test", "owner@scan-own.test", body="Only\n> text", number=1))
        self.scan()
        plain = (self.letters() - self.letter).with_env(self.env(user=self.user.id, su=False))
        self.assertEqual(plain._rebuilt().get_content_type(), "text/plain")
        self.assertEqual(mime.read_letter(eml(plain._rebuilt())).text.strip(), "Only\n> text")


@tagged("post_install", "-at_install")
class TestLetterBox(ScanCase):
    """All letters of a customer in a file that the standard library reads."""

    def setUp(self):
        super().setUp()
        self.sent = {}
        for number in range(6):
            content = with_files("anna@acme-scan.test", "owner@scan-own.test")
            subject = f"Letter {number}"
            message = message_from_bytes(content)
            for name, value in (("Subject", subject), ("Message-ID", f"<{number}@scan.test>")):
                message.replace_header(name, value)
            self.sent[subject] = message.as_bytes()
            self.server.deliver(self.sent[subject])
        self.scan()
        self.folder = Path(self.enterContext(TemporaryDirectory()))

    def box(self, record, user=None, **kwargs):
        record = record.with_env(self.env(user=(user or self.user).id, su=False))
        path = self.folder / "letters.mbox"
        with path.open("wb") as file:
            file.writelines(LetterBox(record, **kwargs))
        box = mailbox.mbox(path, create=False)
        return [box.get_bytes(key) for key in sorted(box.iterkeys())]

    def test_read_by_the_standard_library(self):
        with patch.object(letter_box, "_AT_ONCE", 4):
            found = [mime.read_letter(raw) for raw in self.box(self.anna)]
        self.assertEqual({read.head.subject for read in found}, set(self.sent))
        for read in found:
            before = mime.read_letter(self.sent[read.head.subject])
            self.assertEqual(read.head.message_id, before.head.message_id)
            self.assertEqual({f.content for f in read.files}, {PICTURE, FILE})
            self.assertIn("Grüße", read.text)

    def test_a_box_that_gets_large_ends_and_says_where_it_goes_on(self):
        with patch.object(letter_box, "_AT_ONCE", 2), patch.object(letter_box, "MOST_LETTERS", 4):
            first = self.box(self.anna)
            self.assertEqual(len(first), 5)
            notice = mime.read_letter(first[-1])
            address, _, behind = notice.text.strip().rpartition("?behind=")
            self.assertTrue(address.endswith(f"/crm_mail_sync/letters/res.partner/{self.anna.id}.mbox"))
            rest = self.box(self.anna, behind=int(behind))
        subjects = [mime.read_head(raw).subject for raw in (*first[:-1], *rest)]
        self.assertEqual(sorted(subjects), sorted(self.sent))

    def test_behind_a_link_of_another_record_it_begins_at_the_beginning(self):
        strangers = self.acme.mail_link_ids.sorted("date")
        undone = self.anna.mail_link_ids.sorted("date")[0]
        undone.is_undone = True
        self.cr.commit()
        for link in (strangers[0], strangers[-1], undone):
            self.assertEqual(len(self.box(self.anna, behind=link.id)), 5)

    def test_a_box_that_takes_long_ends_too(self):
        with patch.object(letter_box, "MOST_SECONDS", -1):
            self.assertEqual(len(self.box(self.anna)), 1)

    def test_who_loses_his_right_meanwhile_gets_no_more(self):
        other = self.env["res.users"].create({"name": "Other", "login": "scan.other"})
        other.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.cr.commit()
        self.assertEqual(len(self.box(self.anna, other)), 6)
        record = self.anna.with_env(self.env(user=other.id, su=False))
        with patch.object(letter_box, "_AT_ONCE", 2):
            chunks = iter(LetterBox(record))
            got = next(chunks)
            self.mailbox.with_user(self.user).visibility = "private"
            self.cr.commit()
            got += b"".join(chunks)
        self.assertEqual(got.count(b"\nX-Archive: rebuilt"), 2)

    def test_many_letters_in_little_memory(self):
        self.env.cr.execute(
            """
            WITH first AS (SELECT l.partner_id, e.* FROM crm_mail_link l JOIN crm_mail_email e ON e.id = l.email_id
                            WHERE l.partner_id = %(partner)s LIMIT 1),
            letters AS (
                INSERT INTO crm_mail_email (identity, date, direction, kind, visibility, mailbox_visibility, company_id)
                SELECT 'many ' || n, first.date - n * interval '1 minute', direction, kind, visibility, visibility,
                       company_id
                  FROM first, generate_series(1, 1300) n RETURNING id, date
            ), heads AS (
                INSERT INTO crm_mail_head (email_id, subject) SELECT id, 'Many ' || id FROM letters
            ), contents AS (
                INSERT INTO crm_mail_content (email_id, html, text)
                SELECT id, '<p>' || repeat('word ' || id || ' ', 1000) || '</p>', 'Text' FROM letters
            ), owners AS (
                INSERT INTO crm_mail_email_owner_rel (email_id, user_id) SELECT id, %(user)s FROM letters
            )
            INSERT INTO crm_mail_link (email_id, partner_id, reason, date, is_undone)
            SELECT id, %(partner)s, 'customer_main', date, FALSE FROM letters
            """,
            {"partner": self.anna.id, "user": self.user.id},
        )
        self.cr.commit()
        record = self.anna.with_env(self.env(user=self.user.id, su=False))
        box = LetterBox(record)
        total = letters = 0
        # Counting memory makes it many times slower than it is.
        patience = patch.object(letter_box, "MOST_SECONDS", 3600)
        patience.start()
        self.addCleanup(patience.stop)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        for chunk in box:
            total += len(chunk)
            letters += chunk.count(b"\nX-Archive: rebuilt")
        _now, peak = tracemalloc.get_traced_memory()
        # A mark that two chunks share is counted in neither.
        self.assertLessEqual(letters, 1306)
        self.assertGreater(letters, 1200)
        self.assertGreater(total, 13_000_000)
        self.assertLess(peak, 12_000_000)


@tagged("post_install", "-at_install")
class TestExportRights(AccessWorld, HttpCase):
    def _sign_in(self, role):
        login = None if role == "public" else self.users[role].login
        self.authenticate(login, login)

    def _answer(self, path):
        with mute_logger("odoo.http"):
            return self.url_open(path, timeout=60, allow_redirects=False)

    def test_letters_are_files_for_their_readers_only(self):
        for role in ROLES:
            self._sign_in(role)
            for name, found in self.letters.items():
                answer = self._answer(f"/crm_mail_sync/letter/{found.id}.eml")
                with self.subTest(role=role, letter=name):
                    self.assertEqual(answer.status_code == 200, role in self.readers[name])
                    self.assertEqual(word_of(name) in answer.text, role in self.readers[name])

    def test_boxes_hold_what_their_readers_may_read(self):
        threads = {"res.partner": self.company, "crm.lead": self.leads["own"]}
        for role, (model, record) in product(ROLES, threads.items()):
            self._sign_in(role)
            answer = self._answer(f"/crm_mail_sync/letters/{model}/{record.id}.mbox")
            for name, found in self.letters.items():
                targets = found.link_ids.filtered(lambda link: not link.is_undone)
                linked = record in (targets.lead_id if model == "crm.lead" else targets.partner_id)
                may_open = model == "res.partner" or role in self.readers["own_lead"] - {"owner"}
                with self.subTest(role=role, model=model, letter=name):
                    expected = role in self.readers[name] and linked and may_open
                    self.assertEqual(word_of(name) in answer.text, expected)

    def test_only_targets_have_boxes(self):
        self._sign_in("manager")
        for path in (
            f"res.users/{self.users['owner'].id}.mbox",
            "res.partner/999999999.mbox",
            f"res.partner/{self.company.id}.mbox?behind=x",
            "no.model/1.mbox",
        ):
            self.assertEqual(self._answer(f"/crm_mail_sync/letters/{path}").status_code, 404)

    def test_a_file_is_offered_to_be_saved(self):
        self._sign_in("salesman")
        found = self.letters["customer"]
        found.head_ids.subject = 'a/../b: "c"\r\nSet-Cookie: x'
        answer = self._answer(f"/crm_mail_sync/letter/{found.id}.eml")
        self.assertEqual(answer.headers["Content-Type"], "message/rfc822")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment;"))
        self.assertIn("a%20..%20b%20c%20Set-Cookie%20x.eml", answer.headers["Content-Disposition"])
        self.assertNotIn("Set-Cookie: x", str(answer.headers))
