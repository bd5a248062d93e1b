# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Assignments that hold for the future, through real scans: what is shown before is what is done, then and later."""

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..mailsync.errors import ConnectionLost
from .scan_case import ScanCase, letter

OWN = "owner@scan-own.test"
ELSA = "elsa@elsewhere-scan.test"
OTTO = "otto@elsewhere-scan.test"


@tagged("post_install", "-at_install")
class TestLearned(ScanCase):
    def setUp(self):
        super().setUp()
        self.bygg = self._partner(name="Bygg", is_company=True)
        self.cr.commit()

    def deliver(self, *messages, mailbox=None):
        server = self.servers[(mailbox or self.mailbox).address]
        for message in messages:
            server.deliver(message)
        self.scan(mailbox)

    def letter_about(self, subject):
        return self.letters().filtered(lambda e: e.subject == subject)

    def first_letter(self):
        """A letter of Elsa's, in the archive since a customer gets it too."""
        self.deliver(
            letter(ELSA, OWN, "info@acme-scan.test", subject="First", message_id="<first@mail.test>"),
        )
        return self.letter_about("First")

    def assign(self, letters, scope, target=None, user=None, **options):
        """By the wizard, as the user; the counts that it showed for the scope."""
        wizard = self.env["crm.mail.assign.wizard"].with_user(user or self.user)
        with Form(wizard.with_context(default_email_ids=letters.ids)) as form:
            form.partner_ids.add(target or self.bygg)
            form.scope = scope
        shown = next(s for s in form.record.scopes if s["value"] == scope)
        action = form.record.action_apply()
        self.cr.commit()
        self.env.invalidate_all()
        return self.env["crm.mail.assignment"].browse(action["params"]["assignment_id"]), shown

    def undo(self, assignment):
        assignment.with_user(assignment.user_id).action_undo()
        self.cr.commit()
        self.env.invalidate_all()

    def test_an_address_for_past_and_future_and_its_undo(self):
        self.deliver(
            letter(ELSA, OWN, subject="Skipped one"),
            letter(OWN, ELSA, subject="Skipped answer"),
            letter(OTTO, OWN, subject="Of somebody else"),
        )
        first = self.first_letter()
        self.assertEqual(self.letters(), first)
        assignment, shown = self.assign(first, "address")
        self.assertEqual((shown["letters"], shown["waiting"]), ("1", "2"))
        self.assertEqual((assignment.letter_count, assignment.fetched_count), (1, 2))
        self.assertEqual(assignment.learned, ELSA)
        self.deliver(letter(ELSA, OWN, subject="Future"))
        reasons = {link.subject: reason for link, reason in self.links_of(self.bygg).items()}
        self.assertEqual(
            reasons, {"First": "manual", "Skipped one": "learned", "Skipped answer": "learned", "Future": "learned"}
        )
        self.assertEqual(self.bygg.mail_link_ids.assignment_id, assignment)
        self.assertEqual(len(self.copies("skipped")), 1)
        self.undo(assignment)
        self.assertFalse(self.bygg.mail_link_ids)
        self.assertEqual(self.links_of(self.acme), {first: "customer_main"})
        self.deliver(letter(ELSA, OWN, subject="After the undo"))
        self.assertFalse(self.letter_about("After the undo"))

    def test_a_domain_and_nothing_below_it(self):
        self.deliver(
            letter(OTTO, OWN, subject="Same domain"), letter("x@sub.elsewhere-scan.test", OWN, subject="Below it")
        )
        assignment, shown = self.assign(self.first_letter(), "domain")
        self.assertEqual((shown["letters"], shown["waiting"]), ("1", "1"))
        self.assertEqual(assignment.fetched_count, 1)
        self.deliver(
            letter("new@elsewhere-scan.test", OWN, subject="New"),
            letter("new@sub.elsewhere-scan.test", OWN, subject="New below it"),
        )
        subjects = set(self.bygg.mail_link_ids.email_id.mapped("subject"))
        self.assertEqual(subjects, {"First", "Same domain", "New"})

    def test_a_mailbox_that_waits_for_its_server_goes_on_waiting(self):
        self.deliver(letter(ELSA, OWN, subject="Skipped one"))
        first = self.first_letter()
        self.mailbox._set_failed(ConnectionLost(retry_after=3600))
        due = self.mailbox.next_run
        assignment, _shown = self.assign(first, "address")
        self.assertEqual(assignment.fetched_count, 1)
        self.assertEqual((self.mailbox.state, self.mailbox.next_run), ("waiting", due))

    def test_a_conversation(self):
        first = self.first_letter()
        self.deliver(
            letter(
                OTTO,
                OWN,
                "anna@acme-scan.test",
                subject="Answer",
                message_id="<2@mail.test>",
                In_Reply_To="<first@mail.test>",
            ),
            letter(ELSA, OWN, "info@acme-scan.test", subject="Another matter"),
        )
        answer = self.letter_about("Answer")
        assignment, shown = self.assign(answer, "thread")
        self.assertEqual(shown["letters"], "2")
        self.assertEqual(self.bygg.mail_link_ids.email_id, first | answer)
        self.deliver(
            letter(
                "third@nobody-scan.test", OWN, subject="Late", In_Reply_To="<2@mail.test>", message_id="<3@mail.test>"
            )
        )
        self.deliver(letter("anna@acme-scan.test", OWN, subject="Later", In_Reply_To="<3@mail.test>"))
        subjects = set(self.bygg.mail_link_ids.email_id.mapped("subject"))
        self.assertEqual(subjects, {"First", "Answer", "Late", "Later"})
        self.undo(assignment)
        self.assertFalse(self.bygg.mail_link_ids)
        self.assertIn(self.anna, self.letter_about("Later").link_ids.partner_id)

    def test_moving_for_good_and_its_undo(self):
        self.deliver(letter("anna@acme-scan.test", OWN, subject="Past"))
        past = self.letter_about("Past")
        link = past.link_ids.filtered(lambda k: k.partner_id == self.acme)
        wizard = self.env["crm.mail.assign.wizard"].with_user(self.user)
        with Form(wizard.with_context(default_email_ids=past.ids, default_link_id=link.id)) as form:
            form.partner_ids.add(self.bygg)
            form.scope = "address"
        assignment = self.env["crm.mail.assignment"].browse(form.record.action_apply()["params"]["assignment_id"])
        self.cr.commit()
        self.deliver(letter("anna@acme-scan.test", OWN, subject="Future"))
        both = past | self.letter_about("Future")
        self.assertEqual(self.shown(self.bygg), both)
        self.assertFalse(self.shown(self.acme))
        self.assertEqual(self.shown(self.anna), both)
        self.undo(assignment)
        self.assertFalse(self.shown(self.bygg))
        self.assertEqual(self.shown(self.acme), both, "the rules say so for what came meanwhile, too")
        self.assertEqual(set(self.links_of(self.acme).values()), {"customer_contact"})

    def shown(self, record):
        return record.mail_link_ids.filtered(lambda link: not link.is_undone).email_id

    def test_a_salesperson_teaches_all_mailboxes_and_others_only_their_own(self):
        clerk = new_test_user(self.env, login="scan.clerk", groups="base.group_user", email="clerk@scan-own.test")
        self.records |= clerk.partner_id
        theirs = self._mailbox(clerk, address="clerk@scan-own.test")
        self.cr.commit()
        first = self.first_letter()
        assignment, _shown = self.assign(first, "address")
        self.deliver(letter(ELSA, "clerk@scan-own.test", subject="To the clerk"), mailbox=theirs)
        self.assertIn(self.letter_about("To the clerk"), self.bygg.mail_link_ids.email_id)
        self.undo(assignment)
        self.deliver(
            letter(OTTO, "clerk@scan-own.test", "info@acme-scan.test", subject="Otto to the clerk"), mailbox=theirs
        )
        taught, _shown = self.assign(self.letter_about("Otto to the clerk"), "address", user=clerk)
        self.assertFalse(taught.is_for_company)
        self.deliver(letter(OTTO, OWN, subject="Otto to the owner"))
        self.deliver(letter(OTTO, "clerk@scan-own.test", subject="Otto again"), mailbox=theirs)
        self.assertFalse(self.letter_about("Otto to the owner"))
        self.assertIn(self.letter_about("Otto again"), self.bygg.mail_link_ids.email_id)

    def test_skipped_messages_of_others_are_not_fetched(self):
        colleague = new_test_user(
            self.env, login="scan.colleague", groups="base.group_user", email="colleague@scan-own.test"
        )
        self.records |= colleague.partner_id
        theirs = self._mailbox(colleague, address="colleague@scan-own.test")
        self.cr.commit()
        self.deliver(letter(ELSA, "colleague@scan-own.test", subject="Between us"), mailbox=theirs)
        assignment, shown = self.assign(self.first_letter(), "address")
        self.assertEqual((shown["waiting"], assignment.fetched_count), ("0", 0))
        self.scan(theirs)
        self.assertFalse(self.letter_about("Between us"))

    def test_what_is_everybodys_cannot_be_learned(self):
        first = self.first_letter().with_user(self.user)
        for scope, learned in (
            ("domain", "gmail.com"),
            ("domain", "scan-own.test"),
            ("address", OWN),
            ("address", ""),
        ):
            with self.subTest(learned=learned), self.assertRaises(UserError):
                first._assign({"res.partner": self.bygg.ids}, scope=scope, learned=learned)
        self.deliver(letter("someone@gmail.com", OWN, "info@acme-scan.test", subject="Public"))
        wizard = self.env["crm.mail.assign.wizard"].with_user(self.user)
        scopes = wizard.new({"email_ids": [(6, 0, self.letter_about("Public").ids)]}).scopes
        self.assertEqual([s["value"] for s in scopes], ["letter", "thread", "address"])

    def test_a_mailbox_without_leads_learns_nothing_of_leads(self):
        self.mailbox.sync_leads = False
        self.lead.user_id = self.user
        self.cr.commit()
        self.first_letter().with_user(self.user)._assign({"crm.lead": self.lead.ids}, scope="address", learned=ELSA)
        self.cr.commit()
        self.deliver(letter(ELSA, OWN, subject="Not wanted"))
        self.assertFalse(self.letter_about("Not wanted"))

    def test_merged_leads_keep_what_was_learned(self):
        self.lead.user_id = self.user
        twin = self.env["crm.lead"].create(
            {"name": "Twin", "email_from": "twin@lead-scan.test", "user_id": self.user.id, "type": "opportunity"}
        )
        self.first_letter().with_user(self.user)._assign({"crm.lead": twin.ids}, scope="address", learned=ELSA)
        (self.lead | twin)._merge_opportunity(auto_unlink=True)
        self.cr.commit()
        self.deliver(letter(ELSA, OWN, subject="After the merge"))
        left = (self.lead | twin).exists()
        self.assertEqual(len(left), 1)
        self.assertIn(self.letter_about("After the merge"), left.mail_link_ids.email_id)

    def test_two_people_at_once_meet_a_conflict_and_the_second_try_counts(self):
        first = self.first_letter()
        targets = {"res.partner": self.bygg.ids}
        with self.registry.cursor() as other:
            other.execute("SELECT count(*) FROM crm_mail_link")
            mine = first.with_user(self.user)._assign(targets)
            self.cr.commit()
            theirs = first.with_env(self.env(cr=other, user=self.user.id))
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                theirs._assign(targets)
            other.rollback()
            theirs.env.transaction.clear()
            second = theirs._assign(targets).id
        self.cr.commit()
        self.undo(mine)
        self.assertEqual(self.shown(self.bygg), first, "the other one said so, too")
        self.undo(mine.browse(second))
        self.assertFalse(self.bygg.mail_link_ids)

    def test_a_letter_filed_while_its_rule_is_undone(self):
        """A scan that has begun before the undo files by the rule; its letters are taken back all the same."""
        assignment, _shown = self.assign(self.first_letter(), "address")
        self.servers[self.mailbox.address].deliver(letter(ELSA, OWN, subject="Just then"))
        with self.registry.cursor() as other:
            undone = assignment.with_env(self.env(cr=other, user=self.user.id))
            # The request's view of the database is that of before the scan.
            other.execute("SELECT count(*) FROM crm_mail_link")
            self.scan()
            self.assertIn(self.letter_about("Just then"), self.bygg.mail_link_ids.email_id)
            self.cr.commit()
            undone.action_undo()
        self.cr.commit()
        self.env.invalidate_all()
        self.assertFalse(self.bygg.mail_link_ids)
