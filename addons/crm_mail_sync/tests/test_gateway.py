# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's gateway works as without us, and what it brought is shown once, whoever came first."""

import email

from odoo.tests import tagged

from .gateway_case import SUPPORT, GatewayCase, headers
from .scan_case import letter

CUSTOMER = "anna@acme-scan.test"


@tagged("post_install", "-at_install")
class TestGatewayReceives(GatewayCase):
    def _ticket(self):
        everybody = [f"{box.address}" for box in self.boxes]
        return letter(CUSTOMER, SUPPORT, *everybody, subject="It leaks")

    def _assert_ticket_once(self, lead, content):
        message_id = email.message_from_bytes(content)["Message-ID"]
        self.assertEqual((lead.name, lead.email_normalized), ("It leaks", CUSTOMER))
        self.assertEqual(self.env["mail.message"].search([("message_id", "=", message_id)]).res_id, lead.id)
        # One letter of five mailboxes, and none where the message itself is.
        found = self.letters()
        self.assertEqual(len(found), 1)
        self.assertEqual(found.owner_ids, self.boxes.user_id)
        self.assertEqual(self.page(self.anna), [found])
        self.assertEqual(self.page(self.acme), [found])
        self.assertEqual([m.message_id for m in self.page(lead)], [message_id])
        self.assertEqual(self.count(self.anna), (1, 1))
        self.assertEqual(self.count(lead), (0, 0))

    def test_archive_first(self):
        content = self._ticket()
        self.deliver(content)
        self.scan_boxes()
        lead = self.receive(content)
        self._assert_ticket_once(lead, content)
        self.scan_boxes()
        self._assert_ticket_once(lead, content)

    def test_gateway_first(self):
        content = self._ticket()
        lead = self.receive(content)
        lead.user_id = self.user
        self.deliver(content)
        self.scan_boxes()
        self.assertEqual(lead.mail_link_ids.mapped("reason"), ["lead_main"])
        self._assert_ticket_once(lead, content)

    def test_counts_and_searches_follow_what_comes_later(self):
        """A letter is on a lead; then the gateway brings the same message there."""
        content = letter("lead@lead-scan.test", SUPPORT, "owner@scan-own.test", body="Zebra crossing")
        self.deliver(content, self.mailbox)
        self.scan()
        self.assertEqual((self.page(self.lead), self.count(self.lead)), ([self.letters()], (1, 1)))
        self.env["mail.thread"].message_process("crm.lead", content, thread_id=self.lead.id)
        alias = self.env["mail.alias"].search([("alias_full_name", "=", SUPPORT)])
        self.assertTrue(alias)
        message_id = email.message_from_bytes(content)["Message-ID"]
        message = self.env["mail.message"].search([("message_id", "=", message_id)])
        message.res_id = self.lead.id
        self.env.invalidate_all()
        self.assertEqual((self.page(self.lead), self.count(self.lead)), ([message], (0, 0)))
        found = self.page(self.lead, search_term="zebra")
        self.assertEqual(found, [message])
        told = (
            self.env["mail.message"]
            .with_user(self.user)
            ._message_fetch(None, thread=self.lead.with_user(self.user), search_term="zebra")
        )
        self.assertEqual(told["count"], 1)
        message.unlink()
        self.env.invalidate_all()
        self.assertEqual((self.page(self.lead), self.count(self.lead)), ([self.letters()], (1, 1)))

    def test_a_reply_goes_where_it_would_go_without_an_archive(self):
        """Neither an archived letter nor its message in chatters is anything that the gateway follows."""
        content = letter(CUSTOMER, "owner@scan-own.test", subject="Private talk")
        self.deliver(content, self.mailbox)
        self.scan()
        archived = self.letters()
        for number, ancestor in enumerate((f"<{archived.message_id}>", archived.pointer_id.message_id)):
            reply = letter(CUSTOMER, SUPPORT, subject=f"Re: {number}", In_Reply_To=ancestor, References=ancestor)
            lead = self.receive(reply)
            self.assertEqual(lead.name, f"Re: {number}")
        self.assertEqual(self.page(self.anna), [archived])

    def test_a_reply_to_odoos_own_mail_updates_its_record(self):
        sent, message = self.post(self.lead, partner_ids=self.anna.ids)
        self.deliver(sent[0], self.mailbox, folder="Sent")
        self.scan()
        reply = letter(CUSTOMER, SUPPORT, "owner@scan-own.test", In_Reply_To=message.message_id)
        self.deliver(reply, self.mailbox)
        self.scan()
        self.assertEqual(self.receive(reply), self.lead)
        shown = self.page(self.lead)
        # The reply is of March, as its header says.
        self.assertEqual(shown[0], message)
        self.assertEqual((shown[1]._name, shown[1].parent_id), ("mail.message", message))


@tagged("post_install", "-at_install")
class TestOdooSends(GatewayCase):
    def test_no_message_id_of_a_letter_is_given_away(self):
        self.mailbox.visibility = "private"
        for number in range(3):
            self.deliver(letter("lead@lead-scan.test", "owner@scan-own.test", number=number), self.mailbox)
        self.scan()
        archived = self.letters()
        self.assertEqual(len(self.lead.mail_link_ids), 3)
        sent, message = self.post(self.lead, partner_ids=self.anna.ids)
        outgoing = email.message_from_bytes(sent[0])
        self.assertTrue(outgoing["References"].endswith(message.message_id))
        for found in archived:
            self.assertNotIn(found.message_id, outgoing["References"])
            self.assertNotIn(found.pointer_id.message_id, str(outgoing))

    def _assert_once(self, sent, message, record):
        """Odoo's own message in the record's chatter, and no letter beside it."""
        self.deliver(sent[0], *self.boxes[:3])
        self.deliver(sent[0], *self.boxes[3:], folder="Sent")
        self.scan_boxes()
        self.assertEqual(self.page(record), [message])
        self.assertEqual(self.count(record), (0, 0))

    def test_sent_from_a_lead_to_its_customer(self):
        self.lead.partner_id = self.anna
        self.cr.commit()
        sent, message = self.post(self.lead, partner_ids=self.anna.ids)
        self._assert_once(sent, message, self.lead)
        # The customer's own chatter has no such message, so it has the letter.
        self.assertEqual(self.page(self.anna), [self.letters()])
        self.assertEqual(self.letters().sudo().odoo_message_id, message)

    def test_sent_from_a_customer(self):
        sent, message = self.post(self.anna, partner_ids=self.anna.ids)
        self._assert_once(sent, message, self.anna)
        self.assertEqual(self.page(self.acme), [self.letters()])

    def test_a_relay_that_gives_mail_another_message_id(self):
        self.lead.partner_id = self.anna
        self.cr.commit()
        sent, message = self.post(self.lead, partner_ids=self.anna.ids)
        relayed = headers(sent[0], Message_ID="<0100018f@email.amazonses.test>")
        self._assert_once([relayed], message, self.lead)
        self.assertEqual(self.page(self.anna), [self.letters()])
        # Gone from the lead's chatter, it is a letter there again.
        message.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.page(self.lead), [self.letters()])

    def test_sent_to_somebody_whom_no_rule_knows(self):
        """It belongs to the record that it was sent from, and so do the answers."""
        stranger = self._partner(name="Builder", email="builder@site-scan.test")
        sent, message = self.post(self.lead, partner_ids=stranger.ids)
        stranger.unlink()
        self.cr.commit()
        self.deliver(sent[0], self.mailbox, folder="Sent")
        answer = letter("builder@site-scan.test", "owner@scan-own.test", In_Reply_To=message.message_id, number=1)
        self.deliver(answer, self.mailbox)
        self.scan()
        self.scan()
        reasons = {link.email_id.direction: link.reason for link in self.lead.mail_link_ids}
        self.assertEqual(reasons, {"sent": "odoo", "received": "thread"})
        answered = self.letters().filtered(lambda e: e.direction == "received")
        self.assertEqual(self.page(self.lead), [message, answered])

    def test_sent_to_somebody_unknown_and_kept_out_by_a_rule_that_goes(self):
        rule = self.env["crm.mail.rule"].create({"kind": "folder", "value": "Sent", "user_id": False})
        stranger = self._partner(name="Builder", email="builder@site-scan.test")
        sent, _message = self.post(self.lead, partner_ids=stranger.ids)
        stranger.unlink()
        self.cr.commit()
        self.deliver(sent[0], self.mailbox, folder="Sent")
        self.scan()
        self.assertEqual(self.copies().reason, "excluded")
        rule.unlink()
        self.scan()
        self.assertEqual(self.lead.mail_link_ids.mapped("reason"), ["odoo"])

    def test_a_private_mailbox_stays_private(self):
        self.mailbox.visibility = "private"
        stranger = self._partner(name="Builder", email="builder@site-scan.test")
        sent, _message = self.post(self.lead, partner_ids=stranger.ids)
        self.deliver(sent[0], self.mailbox, folder="Sent")
        self.scan()
        found = self.letters().with_user(self.boxes[1].user_id)
        self.assertTrue(self.lead.mail_link_ids)
        self.assertFalse(found.search([("id", "in", found.ids)]))

    def test_a_record_of_another_company_gets_no_letter(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere scan"})
        stranger = self._partner(name="Builder", email="builder@site-scan.test")
        sent, _message = self.post(self.lead, partner_ids=stranger.ids)
        stranger.unlink()
        self.lead.write({"user_id": False, "team_id": False, "company_id": elsewhere.id})
        self.cr.commit()
        self.deliver(sent[0], self.mailbox, folder="Sent")
        self.scan()
        self.lead.company_id = False
        self.assertFalse(self.letters())

    def test_forged_headers_open_nothing(self):
        """Whoever got a mail of Odoo's knows its Message-IDs, and the record's number can be guessed."""
        stranger = self._partner(name="Builder", email="builder@site-scan.test")
        sent, message = self.post(self.lead, partner_ids=stranger.ids)
        stranger.unlink()
        self.cr.commit()
        objects = f"crm.lead-{self.lead.id}"
        forged = letter("evil@else-scan.test", "owner@scan-own.test", X_Odoo_Objects=objects, number=1)
        for message_id, references in (
            (message.message_id, ""),
            ("<new@else-scan.test>", message.message_id),
            ("<other@else-scan.test>", "<1.2-openerp-3-crm.lead@nowhere>"),
        ):
            self.deliver(headers(forged, Message_ID=message_id, References=references or None), self.mailbox)
        # Said to be from Odoo, with nothing that Odoo knows.
        self.deliver(
            letter("owner@scan-own.test", "evil@else-scan.test", X_Odoo_Objects=objects, number=2), self.mailbox
        )
        self.scan()
        self.assertFalse(self.letters())
        self.assertEqual(set(self.copies().mapped("reason")), {"nobody_known"})
        self.assertTrue(sent)

    def test_a_customers_letter_is_not_taken_for_odoos(self):
        """He answers with a program that copies header fields, or means to have his letter overlooked."""
        self.lead.partner_id = self.anna
        self.cr.commit()
        sent, message = self.post(self.lead, partner_ids=self.anna.ids)
        answer = letter(
            CUSTOMER,
            "owner@scan-own.test",
            References=message.message_id,
            X_Odoo_Objects=f"crm.lead-{self.lead.id}",
        )
        self.deliver(answer, self.mailbox)
        self.scan()
        self.assertTrue(sent)
        self.assertFalse(self.letters().sudo().odoo_message_id)
        self.assertIn(self.letters(), self.page(self.lead))


@tagged("post_install", "-at_install")
class TestOdooNotifies(GatewayCase):
    def _notified(self, **values):
        """A message that Odoo tells two colleagues by mail."""
        colleagues = self.boxes.user_id.filtered(lambda u: u.login in ("scan.c0", "scan.c1"))
        colleagues.notification_type = "email"
        return self.post(self.lead, partner_ids=colleagues.partner_id.ids, **values)

    def _assert_nobodys(self, sent):
        self.assertTrue(sent)
        self.scan_all_letters()
        for content in sent:
            self.deliver(content)
        self.scan_boxes()
        self.assertFalse(self.letters())
        copies = self.env["crm.mail.copy"].search([("mailbox_id", "in", self.boxes.ids)])
        self.assertEqual(set(copies.mapped("reason")), {"odoo_notification"})

    def test_a_note_is_nobodys_letter(self):
        sent, _message = self._notified(subtype_xmlid="mail.mt_note")
        self._assert_nobodys(sent)

    def test_a_message_told_to_colleagues_is_nobodys_letter(self):
        sent, _message = self._notified()
        self._assert_nobodys(sent)

    def test_an_assignment_is_nobodys_letter(self):
        other = self.boxes[1].user_id
        other.notification_type = "email"
        with self.sending() as sent:
            self.lead.with_user(self.user).sudo().user_id = other
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
            self.cr.commit()
        self._assert_nobodys(sent)

    def test_what_a_customer_wrote_and_odoo_told_on_is_one_letter(self):
        """Odoo gives its mail the customer's own Message-ID."""
        other = self.boxes[1].user_id
        other.notification_type = "email"
        self.lead.message_subscribe(other.partner_id.ids)
        self.lead.partner_id = self.anna
        self.cr.commit()
        _sent, first = self.post(self.lead, partner_ids=self.anna.ids)
        answer = letter(CUSTOMER, SUPPORT, "owner@scan-own.test", In_Reply_To=first.message_id, number=1)
        with self.sending() as told:
            self.assertEqual(self.receive(answer), self.lead)
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
            self.cr.commit()
        self.assertTrue(told)
        self.deliver(answer, self.mailbox)
        for content in told:
            self.deliver(content, self.boxes[1])
        self.scan_boxes()
        self.assertEqual(self.page(self.anna), [self.letters()])
        self.assertEqual(len(self.letters()), 1)
