# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way of a message: what is kept, linked, skipped, and that a scan is calm about everything else."""

import email
import email.policy

from odoo.tests import tagged

from ..mailsync.errors import FolderUnreadable, MessageUnreadable, ServerUnavailable, WrongCredentials
from .scan_case import ScanCase, letter


@tagged("post_install", "-at_install")
class TestScan(ScanCase):
    def test_letters_of_customers_and_leads_are_kept_and_strangers_are_not(self):
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test", subject="Main"))
        self.server.deliver(letter("anna@acme-scan.test", "owner@scan-own.test", subject="Contact"))
        self.server.deliver(letter("new@acme-scan.test", "owner@scan-own.test", subject="Domain"))
        self.server.deliver(letter("lead@lead-scan.test", "owner@scan-own.test", subject="Lead"))
        self.server.deliver(letter("nobody@else-scan.test", "owner@scan-own.test"))
        self.scan()
        reasons = {link.email_id.subject: link.reason for link in self.acme.mail_link_ids}
        self.assertEqual(
            reasons,
            {"Main": "customer_main", "Contact": "customer_contact", "Domain": "customer_domain"},
        )
        self.assertEqual(self.anna.mail_link_ids.email_id.subject, "Contact")
        self.assertEqual(self.lead.mail_link_ids.mapped("reason"), ["lead_main"])
        self.assertEqual(len(self.letters()), 4)
        self.assertEqual(self.copies("skipped").reason, "nobody_known")

    def test_sent_letters_are_archived_like_received_ones(self):
        self.server.deliver(letter("owner@scan-own.test", "anna@acme-scan.test"), "Sent")
        self.scan()
        self.assertEqual(self.letters().direction, "sent")
        self.assertEqual(self.links_of(self.acme), {self.letters(): "customer_contact"})

    def test_what_a_colleague_wrote_was_sent_in_whosever_mailbox_it_is_found(self):
        other = self._other_user()
        self.server.deliver(letter(other.email, "anna@acme-scan.test", "owner@scan-own.test"))
        self.scan()
        self.assertEqual(self.letters().direction, "sent")

    def test_each_switch_decides(self):
        for clients, leads, expected in (
            (True, False, {"partner"}),
            (False, True, {"lead"}),
            (False, False, set()),
            (True, True, {"partner", "lead"}),
        ):
            self.mailbox.write({"sync_clients": clients, "sync_leads": leads})
            self.server.deliver(letter("info@acme-scan.test", "lead@lead-scan.test"))
            before = self.letters()
            self.scan()
            links = (self.letters() - before).link_ids
            kinds = {"partner" for link in links if link.partner_id}
            kinds |= {"lead" for link in links if link.lead_id}
            self.assertEqual(kinds, expected)

    def test_scan_all_archives_letters_of_nobody_for_their_owner(self):
        self.scan_all_letters()
        self.server.deliver(letter("nobody@else-scan.test", "owner@scan-own.test"))
        self.scan()
        self.assertEqual(self.letters().owner_ids, self.user)
        self.assertFalse(self.letters().link_ids)

    def test_a_reply_from_an_unknown_address_follows_its_thread(self):
        first = letter("anna@acme-scan.test", "owner@scan-own.test", message_id="<root@acme-scan.test>")
        reply = letter(
            "anna.private@home-scan.test", "owner@scan-own.test", number=5,
            message_id="<reply@home-scan.test>", In_Reply_To="<root@acme-scan.test>",
        )  # fmt: skip
        later = letter(
            "brother@home-scan.test", "owner@scan-own.test", number=9,
            In_Reply_To="<reply@home-scan.test>",
        )  # fmt: skip
        for content in (first, reply, later):
            self.server.deliver(content)
        self.scan()
        self.assertEqual(len(self.links_of(self.acme)), 3)
        self.assertEqual((self.mailbox.run_ids.kept, self.mailbox.run_ids.skipped), (3, 0))
        self.assertEqual((self.mailbox.progress_done, self.mailbox.progress_total), (3, 3))
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread", "thread"])

    def test_a_forged_reply_does_not_reach_into_another_users_letters(self):
        self.server.deliver(letter("anna@acme-scan.test", "owner@scan-own.test", message_id="<root@acme-scan.test>"))
        self.scan()
        other = self._mailbox(self._other_user(), "other@scan-own.test")
        self.servers[other.address].deliver(
            letter("evil@home-scan.test", "other@scan-own.test", In_Reply_To="<root@acme-scan.test>")
        )
        self.scan(other)
        self.assertEqual(len(self.links_of(self.acme)), 1)

    def _other_user(self):
        return self.env["res.users"].create({"name": "Other", "login": "scan.other", "email": "other@scan-own.test"})

    def test_colleagues_are_not_customers(self):
        other = self._other_user()
        self.server.deliver(letter(other.email, "owner@scan-own.test"))
        self.server.deliver(letter("third@scan-own.test", "owner@scan-own.test"))
        self.scan()
        self.assertFalse(self.letters())

    def test_drafts_are_no_letters(self):
        self.server.deliver(letter("owner@scan-own.test", "anna@acme-scan.test"), flags=["\\Draft"])
        self.scan()
        self.assertEqual(self.copies().reason, "draft")

    def test_filing_is_silent(self):
        counts = {
            model: self.env[model].search_count([])
            for model in ("mail.mail", "mail.notification", "mail.followers", "mail.tracking.value")
        }
        messages = self.acme.message_ids
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test"))
        self.scan()
        for model, count in counts.items():
            self.assertEqual(self.env[model].search_count([]), count, model)
        self.assertEqual(self.acme.message_ids, messages)
        pointer = self.letters().pointer_id
        self.assertFalse(pointer.message_id.startswith("<root"))
        self.assertNotEqual(pointer.message_id.strip("<>"), self.letters().message_id)

    def test_a_second_scan_changes_nothing(self):
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test"))
        self.scan()
        before = self._rows()
        self.scan()
        self.assertEqual(self._rows(), before)

    def _rows(self):
        rows = []
        for table in ("email", "content", "participant", "link", "copy"):
            self.env.cr.execute(f"SELECT id, xmin::text FROM crm_mail_{table} ORDER BY id")  # pylint: disable=sql-injection
            rows.append((table, self.env.cr.fetchall()))
        return rows

    def test_deletions_and_moves_are_marked_and_never_mirrored(self):
        remote = self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test"))
        self.scan()
        kept = self.letters()
        moved = self.server.move(remote, "Sent")
        self.scan()
        self.assertEqual(self.letters(), kept)
        self.assertEqual(self.copies().mapped("email_id"), kept)
        self.server.delete(moved)
        self.scan()
        self.assertEqual(self.letters(), kept)
        self.assertTrue(all(self.copies().mapped("is_removed")))

    def test_a_renumbered_folder_is_recognised_without_fetching_again(self):
        for number in range(20):
            self.server.deliver(
                letter("info@acme-scan.test", "owner@scan-own.test", number=number, subject=f"No {number}")
            )
        self.scan()
        before = {copy.id: copy.email_id for copy in self.copies()}
        self.server.reset("INBOX")
        received = self.server.traffic.bytes_received
        self.scan()
        self.assertEqual({copy.id: copy.email_id for copy in self.copies()}, before)
        self.assertEqual(self.server.traffic.bytes_received, received)
        self.assertFalse(any(self.copies().mapped("is_stale")))

    def test_one_message_in_two_mailboxes_is_one_letter_of_two_owners(self):
        content = letter("info@acme-scan.test", "owner@scan-own.test", "other@scan-own.test")
        other = self._mailbox(self._other_user(), "other@scan-own.test")
        self.server.deliver(content)
        self.servers[other.address].deliver(content)
        self.scan()
        self.scan(other)
        self.assertEqual(self.letters().owner_ids, self.user | other.user_id)
        self.assertEqual(len(self.links_of(self.acme)), 1)

    def test_two_messages_with_the_same_header_are_two_letters(self):
        same = {"message_id": "<same@acme-scan.test>"}
        self.server.deliver(
            letter("info@acme-scan.test", "owner@scan-own.test", body="Yes, we order fifty desks.", **same)
        )
        self.server.deliver(
            letter("info@acme-scan.test", "owner@scan-own.test", body="No, do not deliver anything at all.", **same)
        )
        self.scan()
        self.scan()
        self.assertEqual(len(self.letters()), 2)

    def test_two_messages_that_differ_in_a_file_only_are_two_letters(self):
        to = ("info@acme-scan.test", "owner@scan-own.test")
        body = "Please find the drawing attached, as promised in our call this morning."
        for content in (b"first drawing", b"second drawing"):
            message = email.message_from_bytes(
                letter(*to, body=body, message_id="<file@acme-scan.test>"), policy=email.policy.default
            )
            message.add_attachment(content, maintype="application", subtype="pdf", filename="a.pdf")
            self.server.deliver(message.as_bytes())
        self.scan()
        files = self.letters().content_ids.file_ids
        self.assertEqual(set(files.mapped("raw")), {b"first drawing", b"second drawing"})

    def test_files_are_kept_byte_for_byte_wherever_attachments_lie(self):
        to = ("info@acme-scan.test", "owner@scan-own.test")
        content = bytes(range(256)) * 20
        for number, place in enumerate(("file", "db")):
            self.env["ir.config_parameter"].set_param("ir_attachment.location", place)
            message = email.message_from_bytes(letter(*to, subject=place, number=number), policy=email.policy.default)
            message.add_attachment(content, maintype="image", subtype="png", filename="a.png")
            message.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
            self.server.deliver(message.as_bytes())
            self.scan()
            kept = self.letters().filtered(lambda found, place=place: found.subject == place)
            files = {file.name: file for file in kept.content_ids.file_ids}
            self.assertEqual(files["a.png"].raw, content)
            self.assertFalse(files["empty.pdf"].raw)
            self.assertEqual(bool(files["a.png"].store_fname), place == "file")

    def test_who_forges_a_letter_he_does_not_know_does_not_get_to_read_it(self):
        same = {"message_id": "<secret@acme-scan.test>", "subject": "Terms"}
        to = ("info@acme-scan.test", "owner@scan-own.test")
        self.server.deliver(letter(*to, body="The secret price is 4711. " * 9, **same))
        self.scan()
        secret = self.letters()
        other = self._mailbox(self._other_user(), "other@scan-own.test")
        for body in ("The", "The secret price is", "The secret price is 4712. " * 9, "The secret price is 4711. " * 8):
            self.servers[other.address].deliver(letter(*to, body=body, **same))
        self.scan(other)
        self.assertEqual(secret.owner_ids, self.user)

    def test_a_lists_footer_does_not_make_another_letter(self):
        same = {"message_id": "<list@acme-scan.test>", "subject": "Fair in May"}
        to = ("info@acme-scan.test", "owner@scan-own.test")
        body = "We show the new desks in May and would be glad to see you at our stand. " * 4
        self.server.deliver(letter(*to, body=body, **same))
        self.scan()
        other = self._mailbox(self._other_user(), "other@scan-own.test")
        footer = "\n-- \nYou get this because you are on the list."
        self.servers[other.address].deliver(letter(*to, body=body + footer, **same))
        self.scan(other)
        self.assertEqual(self.letters().owner_ids, self.user | other.user_id)

    def test_a_message_that_cannot_be_had_is_set_aside_and_can_be_retried(self):
        bad = self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test", subject="Bad"))
        self.server.deliver(letter("info@acme-scan.test", "owner@scan-own.test", subject="Good", number=1))
        self.server.break_message(bad, MessageUnreadable(server_text="no such luck"))
        self.scan()
        self.assertEqual(self.letters().subject, "Good")
        self.assertEqual(self.mailbox.state, "partly_failed")
        self.assertEqual(self.copies("failed").reason_text, "no such luck")
        self.server.break_message(bad, None)
        self.mailbox.action_retry_failed()
        self.scan()
        self.assertEqual(set(self.letters().mapped("subject")), {"Good", "Bad"})
        self.assertEqual(self.mailbox.state, "up_to_date")

    def test_a_folder_that_cannot_be_opened_does_not_stop_the_others(self):
        self.server.deliver(letter("owner@scan-own.test", "info@acme-scan.test"), "Sent")
        self.server.fail_next(FolderUnreadable())
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.assertTrue(self.mailbox.folder_ids.filtered("error_message"))

    def test_directories_made_later_are_shown_and_wait_to_be_picked(self):
        self.server.add_folder("Customers", "Acme")
        self.scan()
        later = self.mailbox.folder_ids.filtered("is_new")
        self.assertEqual(later.complete_name, "Customers / Acme")
        self.assertFalse(later.selected)

    def test_a_dead_server_makes_the_mailbox_wait_and_a_wrong_password_ask(self):
        self.server.fail_next(ServerUnavailable(), "sign_in")
        self.scan()
        self.assertEqual(self.mailbox.state, "waiting")
        self.assertTrue(self.mailbox.next_run)
        self.server.fail_next(WrongCredentials(server_text="LOGIN failed"), "sign_in")
        self.scan()
        self.assertEqual(self.mailbox.state, "sign_in")
        self.assertFalse(self.mailbox.next_run)
        self.assertEqual(self.mailbox.server_text, "LOGIN failed")
        self.scan()
        self.assertEqual(self.mailbox.state, "up_to_date")

    def test_broken_and_hostile_messages_are_archived_like_others(self):
        for number, content in enumerate(
            (
                b"From: info@acme-scan.test\r\nSubject: =?utf-8?q?a=00b?=\r\n\r\nbody\x00\xff",
                b"From: info@acme-scan.test\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
                b"Content-Type: text/plain; charset=nonsense\n\n\xe4",
                b"From: info@acme-scan.test\n\n",
            )
        ):
            self.server.deliver(content, received=1_700_000_000 + number)
        self.scan()
        self.assertEqual(len(self.copies("kept")), 3)
        self.assertEqual(len(self.letters()), 3)
