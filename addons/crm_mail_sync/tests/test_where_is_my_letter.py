# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter that is missed is found with all that became of it, filed if its owner says so, and nobody else's."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user, tagged

from ..mailsync.errors import ConnectionLost, MessageUnreadable
from ..models.trace_asked import Asked
from .scan_case import START, letter
from .trace_case import CUSTOMER, OWNER, STRANGER, TraceCase


@tagged("post_install", "-at_install")
class TestWhereIsMyLetter(TraceCase):
    def deliver(self, sender=STRANGER, folder="INBOX", **fields):
        return self.server.deliver(letter(sender, OWNER, **fields), folder, received=START.timestamp())

    def test_what_was_typed_is_understood(self):
        for text, message_id, address, domain, words in (
            ("<a.b@x.test>", "a.b@x.test", "a.b@x.test", "", ()),
            (" Anna@Acme.test ", "Anna@Acme.test", "anna@acme.test", "", ()),
            ("Anna Acme <anna@acme.test>", "", "anna@acme.test", "", ()),
            ("<20260302.1234(x@host>", "20260302.1234(x@host", "", "", ()),
            ("@acme.test", "", "", "acme.test", ()),
            ("acme.test", "", "", "acme.test", ("acme", "test")),
            ("Re: Angebot für Köln!", "", "", "", ("Re", "Angebot", "für", "Köln")),
            ("  ", "", "", "", ()),
        ):
            asked = Asked.of(text)
            self.assertEqual(asked.message_id, message_id, text)
            self.assertEqual((asked.address, asked.domain, asked.words), (address, domain, words), text)

    def test_a_skipped_message_is_found_by_everything_that_is_known_of_it(self):
        self.deliver(subject="Angebot für Köln", message_id="<one@else-scan.test>")
        self.deliver("other@different.test", subject="Something else")
        self.scan()
        for text in ("one@else-scan.test", "<one@else-scan.test>", STRANGER, "Nobody <nobody@else-scan.test>",
                     "@else-scan.test", "else-scan.test", "ANGEBOT koln", "angebot"):  # fmt: skip
            hit = self.find_one(text)
            self.assertEqual((hit["state"], hit["people"]), ("skipped", STRANGER), text)
        self.assertEqual(self.find("angebot berlin"), [])
        self.assertEqual(self.find("somebody@else-scan.test"), [])
        self.assertEqual(self.find(""), [])
        self.assertEqual(len(self.find(STRANGER, day=date(2026, 3, 3))), 1)
        self.assertEqual(self.find(STRANGER, day=date(2026, 3, 9)), [])

    def test_the_trail_of_a_skipped_message_says_why_address_by_address(self):
        colleague = new_test_user(
            self.env, login="scan.colleague", email="carol@scan-own.test", groups="base.group_user"
        )
        self.cr.commit()
        self.server.deliver(letter(STRANGER, OWNER, "x@gmail.com", colleague.email, subject="Offer"))
        self.scan()
        told = self.told(self.find_one("offer"))
        for sentence in (
            "Arrived in the directory INBOX of owner@scan-own.test.",
            "Not archived. None of its addresses belongs to a customer or a lead.",
            "nobody@else-scan.test: no customer, contact or lead has this address. "
            "else-scan.test is no customer's domain.",
            "gmail.com is a public mail provider",
            "carol@scan-own.test is one of us",
            "You can file it all the same.",
        ):
            self.assertIn(sentence, told)
        self.assertNotIn("owner@scan-own.test:", told)

    def test_a_decision_that_would_be_another_today_is_said_to_be(self):
        self.deliver(subject="Offer")
        self.scan()
        hit = self.find_one("offer")
        self.assertIn("You can file it all the same", self.told(hit))
        self.cr.execute("UPDATE crm_mail_copy SET create_date = create_date - interval '1 day'")
        self._partner(name="Nora", email=STRANGER)
        self.cr.commit()
        told = self.told(hit)
        self.assertIn("nobody@else-scan.test belongs to Nora.", told)
        self.assertIn("after the message had been looked at", told)
        self.assertIn("Today it would be: file it now.", told)

    def test_a_switch_that_is_off_is_named(self):
        self.mailbox.sync_clients = False
        self.cr.commit()
        self.deliver(CUSTOMER, subject="Offer")
        self.scan()
        told = self.told(self.find_one("offer"))
        self.assertIn("belongs to Acme, Anna. “Sync clients” is off in this mailbox.", told)
        self.assertIn("You can file it all the same", told)

    def test_domains_are_told_as_the_scan_takes_them(self):
        new_test_user(self.env, login="scan.colleague", email="carol@gmail.com")
        self.env["crm.mail.domain"].create({"partner_id": self.acme.id, "domain": "trace-scan.test"})
        self.mailbox.sync_clients = False
        self.cr.commit()
        people = ("x@gmail.com", "x@mail.gmail.com", "robot@lists.scan-own.test", "x@sub.trace-scan.test")
        self.server.deliver(letter(STRANGER, OWNER, *people, subject="Offer"))
        self.scan()
        told = self.told(self.find_one("offer"))
        for sentence in (
            "x@gmail.com: no customer, contact or lead has this address. gmail.com is a public mail provider",
            "x@mail.gmail.com: no customer, contact or lead has this address. gmail.com is a public mail provider",
            "lists.scan-own.test is our own domain.",
            "But trace-scan.test is the domain of Acme. “Sync clients” is off in this mailbox.",
        ):
            self.assertIn(sentence, told)

    def test_an_archived_letter_is_found_and_its_links_are_told(self):
        self.deliver(CUSTOMER, subject="Offer for the hall", message_id="<two@acme-scan.test>")
        self.scan()
        for text in ("hall offer", CUSTOMER, "two@acme-scan.test", "acme-scan.test"):
            hit = self.find_one(text)
            self.assertEqual((hit["state"], hit["title"]), ("kept", "Offer for the hall"), text)
        told = self.told(hit)
        self.assertIn("Archived as a letter.", told)
        self.assertIn("Linked to Acme, Anna: Customer's contact.", told)
        self.assertIn("stands with", told)
        self.letters().link_ids.is_undone = True
        told = self.told(hit)
        self.assertIn("The link to Acme, Anna was undone.", told)
        self.assertIn("belongs to no record", told)

    def test_what_was_set_aside_is_told_with_the_servers_words(self):
        message = self.deliver(CUSTOMER, subject="Offer")
        self.server.break_message(message, MessageUnreadable(server_text="mailbox corrupt"))
        for _try in range(3):
            self.scan()
        told = self.told(self.find_one("offer"))
        self.assertIn("Set aside after three tries.", told)
        self.assertIn("The server says: “mailbox corrupt”", told)
        self.server.break_message(message, None)
        outcome = self.file(self.find_one("offer"))
        self.assertEqual((outcome["is_done"], outcome["tone"]), (True, "success"))
        self.assertEqual(len(self.letters()), 1)

    def test_a_message_that_waits_is_found(self):
        self.deliver(subject="Offer")
        self.scan()
        self.copies()._set_pending()
        hit = self.find_one("offer")
        self.assertEqual(hit["state"], "pending")
        self.assertIn("about to be archived", self.told(hit))

    def test_what_is_filed_is_archived_whatever_the_rules_say(self):
        self.deliver(subject="Offer")
        self.deliver(subject="Not asked for", sender="third@else-scan.test")
        self.scan()
        self.mailbox.sync_leads = False
        self.cr.commit()
        outcome = self.file(self.find_one("offer"))
        self.assertEqual(outcome["tone"], "success")
        self.assertIn("belongs to no record yet", outcome["text"])
        [email] = self.letters()
        self.assertEqual((email.subject, email.id), ("Offer", outcome["email_id"]))
        [copy] = self.copies("kept")
        self.assertEqual((copy.reason, copy.is_wanted), ("asked", True))
        self.assertIn("you asked for it to be filed", self.told(self.find_one("offer")))
        self.scan()
        self.assertEqual(len(self.letters()), 1)

    def test_what_is_filed_is_assigned_as_it_was_asked_for(self):
        self.deliver(subject="Offer")
        self.scan()
        self.lead.user_id = self.user
        self.cr.commit()
        outcome = self.file(self.find_one("offer"), {"res.partner": self.acme.ids, "crm.lead": self.lead.ids})
        self.assertIn("It stands with Acme, New hall", outcome["text"])
        links = self.letters().link_ids
        self.assertEqual(links.mapped("reason"), ["manual", "manual"])
        self.assertEqual(links.maker_id, self.user)
        self.assertEqual(links.pointer_id, self.letters().pointer_id)
        self.assertFalse(self.copies("kept").wanted_targets)

    def test_what_is_filed_and_assigned_can_be_undone(self):
        self.deliver(subject="Offer")
        self.scan()
        self.file(self.find_one("offer"), {"res.partner": self.acme.ids})
        [assignment] = self.env["crm.mail.assignment"].with_user(self.user).search([])
        self.assertEqual((assignment.scope, assignment.letter_count), ("letter", 1))
        assignment.action_undo()
        self.assertFalse(self.letters().is_linked_partner)

    def test_what_cannot_be_assigned_any_more_is_filed_and_says_so(self):
        for subject, number in (("Offer", 0), ("Other", 1)):
            self.deliver(subject=subject, number=number)
        self.scan()
        self.lead.user_id = self.user
        gone = self._partner(name="Gone")
        self.cr.commit()
        begun = [
            self.trace.file_now(self.find_one(subject)["copy_ids"], targets)["copy_id"]
            for subject, targets in (("offer", {"crm.lead": self.lead.ids}), ("other", {"res.partner": gone.ids}))
        ]
        self.lead.user_id = self.env.ref("base.user_admin")
        gone.unlink()
        self.cr.commit()
        self.scan()
        for copy_id in begun:
            outcome = self.trace.filing(copy_id)
            self.assertEqual(outcome["tone"], "warning")
            self.assertIn("could not be assigned", outcome["text"])
        self.assertEqual(len(self.letters()), 2)
        self.assertFalse(self.letters().link_ids)

    def test_only_what_its_owner_may_see_can_be_assigned(self):
        self.deliver(subject="Offer")
        self.scan()
        hit = self.find_one("offer")
        self.lead.user_id = self.env.ref("base.user_admin")
        self.cr.commit()
        for targets in ({"crm.lead": self.lead.ids}, {"res.users": self.user.ids}):
            with self.assertRaises(UserError):
                self.trace.file_now(hit["copy_ids"], targets)
        self.assertFalse(self.copies().filtered("is_wanted"))

    def test_what_has_gone_says_so(self):
        message = self.deliver(subject="Offer")
        self.scan()
        self.server.delete(message)
        self.scan()
        hit = self.find_one("offer")
        self.assertIn("has left this directory", self.told(hit))
        outcome = self.file(hit)
        self.assertEqual((outcome["is_done"], outcome["tone"]), (True, "danger"))
        self.assertIn("no longer in the directory INBOX", outcome["text"])
        self.assertFalse(self.letters())
        self.assertIn("Gone before it was archived", self.told(self.find_one("offer")))

    def test_the_same_message_in_two_directories_is_one_hit(self):
        message = self.deliver(subject="Offer")
        self.scan()
        self.server.move(message, "Sent")
        self.scan()
        hit = self.find_one("offer")
        self.assertEqual(len(hit["copy_ids"]), 2)
        self.assertEqual(self.file(hit)["tone"], "success")

    def test_a_mailbox_that_cannot_be_scanned_says_so(self):
        self.deliver(subject="Offer")
        self.scan()
        hit = self.find_one("offer")
        self.mailbox.scan_active = False
        with self.assertRaises(UserError):
            self.trace.file_now(hit["copy_ids"])
        self.mailbox.scan_active = True
        begun = self.trace.file_now(hit["copy_ids"])
        self.assertFalse(begun["is_done"])
        self.mailbox._set_failed(ConnectionLost())
        outcome = self.trace.filing(begun["copy_id"])
        self.assertTrue(outcome["is_done"])
        self.assertIn("as soon as the mailbox is scanned again", outcome["text"])

    def test_what_nobody_scans_is_found_on_the_server_and_filed(self):
        self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent").selected = False
        self.cr.commit()
        self.deliver(folder="Sent", subject="Offer for Köln", message_id="<three@else-scan.test>")
        self.scan()
        self.assertEqual(self.find("offer"), [])
        for text in ("offer koln", STRANGER, "<three@else-scan.test>"):
            answer = self.trace.ask_server(self.mailbox.id, text)
            [hit] = answer["hits"]
            self.assertEqual((hit["title"], hit["folder"]), ("Offer for Köln", "Sent"), text)
            self.assertIn("this directory is not scanned", hit["note"])
        begun = self.trace.file_found(
            self.mailbox.id, hit["folder_id"], hit["remote_id"], {"res.partner": self.acme.ids}
        )
        self.cr.commit()
        self.scan()
        self.assertEqual(self.trace.filing(begun["copy_id"])["tone"], "success")
        self.assertEqual(self.letters().link_ids.partner_id, self.acme)
        self.scan()
        self.assertEqual((len(self.letters()), len(self.copies())), (1, 1))
        [hit] = self.trace.ask_server(self.mailbox.id, "offer")["hits"]
        self.assertEqual((hit["note"], hit["can_file"]), ("Archived", False))

    def test_a_server_that_cannot_be_asked_says_why(self):
        self.server.fail_next(ConnectionLost(), "search")
        answer = self.trace.ask_server(self.mailbox.id, "offer")
        self.assertEqual(answer["hits"], [])
        self.assertIn("ended the connection", answer["error"])

    def test_where_was_looked_is_told(self):
        self.mailbox.folder_ids.filtered(lambda f: f.name == "Sent").selected = False
        self.scan()
        [told] = self.trace.find("nothing of the kind")["mailboxes"]
        self.assertEqual((told["address"], told["state"]), (OWNER, "up_to_date"))
        self.assertTrue(told["last_scan"])
        self.assertEqual(
            {folder["name"]: (folder["selected"], folder["can_pick"]) for folder in told["folders"]},
            {"INBOX": (True, True), "Sent": (False, True)},
        )

    def test_nobody_learns_of_what_lies_in_somebody_elses_mailbox(self):
        self.deliver(subject="Offer", message_id="<four@else-scan.test>")
        self.mailbox.visibility = "private"
        self.deliver(CUSTOMER, subject="Private hall")
        message = self.deliver(CUSTOMER, subject="Broken hall")
        self.server.break_message(message, MessageUnreadable())
        self.cr.commit()
        self.scan()
        hits = [*self.find("offer"), *self.find("hall")]
        self.assertEqual(len(hits), 3)
        admin = new_test_user(self.env, login="scan.admin", groups="base.group_user,base.group_system")
        seller = new_test_user(self.env, login="scan.seller", groups="sales_team.group_sale_manager")
        for user in (admin, seller):
            for text in ("offer", "hall", STRANGER, CUSTOMER, "four@else-scan.test", "else-scan.test"):
                self.assertEqual(self.find(text, user=user), [], (user.login, text))
            self.assertEqual(self.trace.with_user(user).find("offer")["mailboxes"], [])
            for hit in hits:
                with self.assertRaises(AccessError):
                    self.trail(hit, user)
                with self.assertRaises(AccessError):
                    self.trace.with_user(user).file_now(hit["copy_ids"])
                with self.assertRaises(AccessError):
                    self.trace.with_user(user).filing(hit["copy_ids"][0])
            with self.assertRaises(UserError):
                self.trace.with_user(user).ask_server(self.mailbox.id, "offer")
            with self.assertRaises(UserError):
                self.trace.with_user(user).file_found(self.mailbox.id, self.mailbox.folder_ids[0].id, "1")

    def test_a_colleague_reads_of_a_shown_letter_what_he_may(self):
        self.deliver(CUSTOMER, subject="Offer for the hall")
        self.scan()
        seller = new_test_user(self.env, login="scan.seller", groups="sales_team.group_sale_manager")
        hit = self.find_one("hall", user=seller)
        self.assertEqual(hit["copy_ids"], [])
        texts = [event["text"] for event in self.trail(hit, seller)["events"]]
        self.assertIn(f"It lies in the mailbox of {self.user.name}.", texts)
        self.assertIn("Linked to Acme, Anna: Customer's contact.", texts)

    def test_portal_users_cannot_ask(self):
        portal = new_test_user(self.env, login="scan.portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self.trace.with_user(portal).find("offer")
