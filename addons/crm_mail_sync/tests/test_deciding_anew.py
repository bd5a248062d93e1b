# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was left out for a reason that holds no more is decided by its copy: none is lost, or fetched in vain."""

from datetime import timedelta

from odoo.tests import tagged

from .deciding_case import DecidingCase
from .rematch_case import OWN, RematchCase
from .scan_case import START, letter

ELSA = "elsa@elsewhere-scan.test"
STRANGER = "stranger@else-scan.test"
ROOT = "<root@acme-scan.test>"


class DecidingAnewCase(DecidingCase, RematchCase):
    def deliver(self, content, days=0):
        self.server.deliver(content, received=(START + timedelta(days=days)).timestamp())

    def since(self, days):
        self.mailbox.scan_since = (START + timedelta(days=days)).date() if days is not None else False
        self.cr.commit()

    def reason(self, subject):
        """Why the message of this subject is where it is; the mailbox has to be Main."""
        return self.copies().filtered(lambda copy: copy.subject == subject).reason

    def fetched(self):
        """Bytes that scans have fetched of messages so far."""
        return self.server.traffic.bytes_received


@tagged("post_install", "-at_install")
class TestAfterARule(DecidingAnewCase):
    def test_what_was_learned_counts_when_a_rule_goes(self):
        self.deliver(letter(ELSA, OWN, self.anna.email, subject="First"))
        self.scan()
        self.letters().with_user(self.user)._assign({"res.partner": self.acme.ids}, scope="address", learned=ELSA)
        rule = self.rule("address", ELSA)
        self.deliver(letter(ELSA, OWN, subject="Second", number=1))
        self.scan()
        self.assertEqual(self.copies("skipped").reason, "excluded")
        rule.unlink()
        self.scan()
        second = self.letters().filtered(lambda found: found.subject == "Second")
        self.assertEqual(second.link_ids.mapped("reason"), ["learned"])

    def test_only_replies_to_what_is_archived_are_fetched_when_a_rule_goes(self):
        rule = self.rule("domain", "else-scan.test")
        self.deliver(letter(self.anna.email, OWN, message_id=ROOT))
        for number, ancestor in enumerate((ROOT, "<nobody@knows.test>"), 1):
            self.deliver(letter(STRANGER, OWN, number=number, In_Reply_To=ancestor))
        self.scan()
        self.assertEqual(self.copies("skipped").mapped("reason"), ["excluded"] * 2)
        rule.unlink()
        before = self.fetched()
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])
        self.assertEqual(self.copies("skipped").reason, "nobody_known")
        self.assertEqual(self.fetched() - before, self.letters().filtered(lambda e: STRANGER in e.email_from).size)

    def test_what_another_rule_means_too_stays_out_and_says_so(self):
        first, second = self.rule("address", self.anna.email), self.rule("header", "offer", header="subject")
        self.deliver(letter(self.anna.email, OWN))
        self.scan()
        copy = self.copies()
        (first if copy.rule_id == first else second).unlink()
        self.scan()
        self.assertEqual((copy.reason, copy.rule_id), ("excluded", (first | second).exists()))
        before = self.fetched()
        self.scan()
        self.assertEqual(self.fetched(), before)

    def test_what_is_older_than_the_start_waits_for_an_earlier_one(self):
        rule = self.rule("address", self.anna.email)
        self.deliver(letter(self.anna.email, OWN))
        self.scan()
        self.since(3)
        rule.unlink()
        before = self.fetched()
        self.scan()
        self.assertEqual((self.copies().reason, self.fetched()), ("before_start", before))
        self.since(0)
        self.scan()
        self.assertEqual(len(self.letters()), 1)


@tagged("post_install", "-at_install")
class TestAfterAnEarlierStart(DecidingAnewCase):
    def test_replies_to_what_is_archived_come_too(self):
        self.since(3)
        self.deliver(letter(self.anna.email, OWN, message_id=ROOT), days=4)
        self.deliver(letter(STRANGER, OWN, number=1, In_Reply_To=ROOT))
        self.deliver(letter(STRANGER, OWN, number=2))
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.since(0)
        before = self.fetched()
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])
        self.assertEqual(self.fetched() - before, self.letters().filtered(lambda e: STRANGER in e.email_from).size)

    def test_replies_in_the_conversation_come_too(self):
        self.since(3)
        moments = {"root": START + timedelta(days=4), "reply": START}
        for sender, name in ((self.anna.email, "root"), (STRANGER, "reply")):
            self.server.deliver(letter(sender, OWN), received=moments[name].timestamp(), thread_id="one")
        self.scan()
        self.assertEqual(len(self.letters()), 1)
        self.since(0)
        self.scan()
        self.assertEqual(sorted(self.links_of(self.acme).values()), ["customer_contact", "thread"])

    def test_a_message_whose_header_could_not_be_read_is_fetched(self):
        self.since(3)
        self.deliver(letter(self.anna.email, OWN))
        self.scan()
        self.env.flush_all()
        self.cr.execute("UPDATE crm_mail_copy SET addresses = NULL, message_id = NULL, search_keys = NULL")
        self.since(0)
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_what_a_rule_keeps_out_is_fetched_once(self):
        rule = self.rule("address", self.anna.email)
        self.since(3)
        self.deliver(letter(self.anna.email, OWN))
        self.scan()
        self.since(0)
        self.scan()
        self.assertEqual((self.copies().reason, self.copies().rule_id), ("excluded", rule))
        before = self.fetched()
        self.scan()
        self.assertEqual(self.fetched(), before)


@tagged("post_install", "-at_install")
class TestAfterALaterContact(DecidingAnewCase):
    def test_mail_of_a_colleague_by_his_domain_who_turns_out_to_be_a_customer(self):
        self.deliver(letter("freelancer@scan-own.test", OWN))
        self.scan()
        self.assertEqual(self.copies().reason, "internal")
        freelancer = self._partner(name="Free", email="freelancer@scan-own.test")
        self.work_off()
        self.scan()
        self.assertEqual(list(self.links_of(freelancer).values()), ["customer_main"])

    def test_what_has_expired_does_not_come_back_without_a_reason(self):
        self.scan_all_letters()
        self.bring(STRANGER)
        self.scan()
        self.letters()._copies()._expire()
        self.letters().unlink()
        self.env["crm.mail.rematch"]._search_for(self.mailbox)
        self.work_off()
        self.assertEqual(self.copies().mapped("reason"), ["expired"])
        self._partner(name="Stranger", email=STRANGER)
        self.work_off()
        self.assertEqual(self.copies().mapped("state"), ["pending"])

    def test_what_is_older_than_the_start_is_not_fetched_before_that_is_moved(self):
        self.deliver(letter(STRANGER, OWN))
        self.deliver(letter(STRANGER, OWN, number=1), days=4)
        self.scan()
        self.since(3)
        self.work_off()
        stranger = self._partner(name="Stranger", email=STRANGER)
        self.work_off()
        self.assertEqual(sorted(copy.reason or "" for copy in self.copies()), ["", "before_start"])
        self.scan()
        self.assertEqual(len(self.links_of(stranger)), 1)
        self.since(0)
        self.scan()
        self.assertEqual(len(self.links_of(stranger)), 2)

    def test_what_was_taught_fetches_nothing_that_is_older_than_the_start(self):
        self.deliver(letter(ELSA, OWN))
        self.deliver(letter(ELSA, OWN, self.anna.email, number=1), days=4)
        self.scan()
        self.since(3)
        self.work_off()
        assigned = {"res.partner": self.acme.ids}
        assignment = self.letters().with_user(self.user)._assign(assigned, scope="address", learned=ELSA)
        self.cr.commit()
        self.assertEqual((assignment.fetched_count, len(self.copies("pending"))), (0, 0))
        self.since(0)
        self.work_off()
        self.scan()
        self.assertEqual(len(self.letters()), 2)
