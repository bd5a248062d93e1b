# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What mail does to a scan that was not foreseen: one message may be set aside, the others are archived."""

import random
import string
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..mailsync import reader_process
from ..mailsync.reader_process import ReaderProcess
from ..scan import lister
from ..scan.files import FileKeeper
from ..scan.following import follows
from .query_plan import plan_of
from .scan_case import ScanCase, letter

CUSTOMER = ("info@acme-scan.test", "owner@scan-own.test")


def noise(length, alphabet=string.ascii_letters + string.digits):
    """Text that no index can pack."""
    chance = random.Random(4)
    return "".join(chance.choice(alphabet) for _ in range(length))


@tagged("post_install", "-at_install")
class TestHostileMail(ScanCase):
    """One message may be set aside; the others of its mailbox are archived."""

    def assert_archived_beside(self, hostile):
        self.server.deliver(hostile)
        self.server.deliver(letter(*CUSTOMER, subject="Healthy", number=1))
        self.scan()
        self.assertIn(self.mailbox.state, ("up_to_date", "partly_failed"))
        self.assertIn("Healthy", self.letters().mapped("subject"))
        return self.letters().filtered(lambda letter: letter.subject != "Healthy")

    def test_message_ids_longer_than_an_index_takes(self):
        long = f"<{noise(6000)}@else-scan.test>".encode()
        for sender in (b"nobody@else-scan.test", b"info@acme-scan.test"):
            with self.subTest(sender=sender):
                self.assert_archived_beside(
                    b"From: " + sender + b"\r\nMessage-ID: " + long + b"\r\nIn-Reply-To: " + long + b"\r\n"
                    b"References: " + long + b"\r\n\r\nText\r\n"
                )
        self.assertFalse(self.copies("failed"))

    def test_replies_find_an_ancestor_with_a_long_message_id(self):
        long = f"{noise(6000)}@acme-scan.test".encode()
        self.server.deliver(b"From: info@acme-scan.test\r\nMessage-ID: <" + long + b">\r\n\r\nText\r\n")
        self.server.deliver(b"From: anna@home-scan.test\r\nIn-Reply-To: <" + long + b">\r\n\r\nReply\r\n")
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_main", "thread"])

    def test_addresses_longer_than_an_index_takes(self):
        long = f"{noise(4000)}@{noise(4000).lower()}.test".encode()
        found = self.assert_archived_beside(
            b"From: info@acme-scan.test\r\nTo: " + long + b"\r\nSubject: Long\r\n\r\nText\r\n"
        )
        self.assertEqual(found.mapped("subject"), ["Long"])

    def test_a_lead_of_an_address_longer_than_an_index_takes(self):
        """As Odoo's own gateway makes one of a stranger's mail."""
        lead = self.env["crm.lead"].create({"name": "Long", "email_from": f"{noise(4000).lower()}@lead-scan.test"})
        self.env.flush_all()
        self.assertTrue(lead.exists())
        lead.unlink()

    def test_a_reply_in_another_mailbox_of_the_same_user(self):
        """Its mailbox was scanned before the letter that it answers was known."""
        self.server.deliver(
            letter("friend@home-scan.test", "owner@scan-own.test", number=2, In_Reply_To="<offer@scan-own.test>")
        )
        self.scan()
        other = self._mailbox(self.user, "second@scan-own.test")
        self.servers[other.address].deliver(
            letter("second@scan-own.test", "anna@acme-scan.test", message_id="<offer@scan-own.test>")
        )
        self.scan(other)
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])

    def test_a_reply_whose_only_archived_ancestor_stands_in_the_middle(self):
        """Newest first: the reply is skipped before the letter that it follows is known."""
        chain = [f"<{name}@home-scan.test>" for name in "abcde"]
        chain[2] = "<offer@acme-scan.test>"
        self.server.deliver(letter(CUSTOMER[0], CUSTOMER[1], message_id=chain[2]))
        self.server.deliver(
            letter(
                "friend@home-scan.test", "owner@scan-own.test", number=9,
                In_Reply_To=chain[-1], References=" ".join(chain),
            )
        )  # fmt: skip
        with patch.object(lister, "PAGE", 1):
            self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_main", "thread"])

    def test_conversations_and_ancestors_have_an_index_each(self):
        """Made with IF NOT EXISTS, one that took the other's name would silently not be there."""
        self.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'crm_mail_copy'")
        indexes = [definition for (definition,) in self.cr.fetchall()]
        of_letters = "gin (thread_keys) WHERE ((thread_keys IS NOT NULL) AND (email_id IS NOT NULL))"
        for wanted in ("btree (mailbox_id, conversation)", of_letters, "gin (search_keys)"):
            self.assertTrue([definition for definition in indexes if wanted in definition], wanted)

    def test_followers_are_found_by_an_index(self):
        self.cr.execute(
            """
            INSERT INTO crm_mail_copy (mailbox_id, folder_id, remote_id, state, reason, thread_keys)
            SELECT %s, %s, 'many.' || n, 'skipped', 'nobody_known', ARRAY[n, n / 7, n / 50]::bigint[]
              FROM generate_series(1, 20000) n
            """,
            [self.mailbox.id, self.mailbox.folder_ids[0].id],
        )
        query = SQL("SELECT id FROM crm_mail_copy WHERE %s", follows([5, 123456], self.user.id))
        plan = plan_of(self.cr, query, "crm_mail_copy")
        self.assertIn("crm_mail_copy_thread_keys_idx", plan)
        self.cr.rollback()

    def test_what_means_something_to_a_database_is_stored_as_it_is(self):
        signs = "\\N \\. \\t a\\\\b 'q' \"d\" %s {} 5\u20ac \U0001f600 x\ty"
        found = self.assert_archived_beside(
            letter(*CUSTOMER, subject=f"S {signs[:30]}", body=f"{signs}\n\n\\.\n{signs}")
        )
        content = found.content_ids
        self.assertEqual(content.text.strip(), f"{signs}\n\n\\.\n{signs}")
        self.assertIn("a\\\\b 'q'", content.html)
        self.assertEqual(found.with_user(self.user).subject, f"S {signs[:30]}")

    def test_more_words_than_a_search_index_takes(self):
        chance = random.Random(5)
        words = " ".join(
            "-".join("".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(6)) for _ in range(4))
            for _ in range(12_000)
        )
        found = self.assert_archived_beside(letter(*CUSTOMER, subject="Wordy", body=words))
        self.assertEqual(found.mapped("subject"), ["Wordy"])

    def test_what_the_database_refuses_is_set_aside(self):
        read = reader_process.read

        def too_much(content, *args):
            reading = read(content, *args)
            return replace(reading, message_id=noise(9000)) if b"Hostile" in content else reading

        with (
            patch.object(reader_process, "read", too_much),
            patch.object(ReaderProcess, "_start", side_effect=OSError),
        ):
            self.assert_archived_beside(letter(*CUSTOMER, subject="Hostile"))
        self.assertEqual(self.copies("failed").reason, "cannot_store")

    def test_a_file_that_a_killed_process_left_half_written(self):
        content = noise(5000).encode()
        message = message_from_bytes(letter(*CUSTOMER, subject="File"), policy=policy.default)
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
        attachments = self.env["ir.attachment"]
        _name, path = attachments._get_path(content, attachments._compute_checksum(content))
        Path(path).write_bytes(content[:100])
        self.addCleanup(Path(path).unlink, missing_ok=True)
        found = self.assert_archived_beside(message.as_bytes())
        self.assertEqual(found.content_ids.file_ids.raw, content)

    def test_a_file_that_odoo_collects_before_its_letter_is_stored(self):
        """The daily collection takes away what no attachment names yet; the message is fetched again."""
        message = message_from_bytes(letter(*CUSTOMER, subject="File"), policy=policy.default)
        content = noise(4000).encode()
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename="a.bin")
        keep = FileKeeper.keep
        collected = []

        def lost_once(keeper, file):
            kept = keep(keeper, file)
            if not collected:
                collected.append(Path(self.env["ir.attachment"]._full_path(kept.store_fname)))
                collected[0].unlink()
            return kept

        with patch.object(FileKeeper, "keep", lost_once):
            found = self.assert_archived_beside(message.as_bytes())
        self.assertTrue(collected)
        self.assertEqual(found.content_ids.file_ids.raw, content)
