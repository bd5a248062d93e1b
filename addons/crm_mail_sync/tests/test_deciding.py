# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a scan keeps, and what it leaves out for which reason: the table of the rules, internal mail."""

from itertools import product

from odoo.tests import tagged

from .deciding_case import OWN, STRANGER, DecidingCase
from .scan_case import letter

FIELDS = ("From", "To", "Cc", "Bcc", "Reply-To", "Sender")


@tagged("post_install", "-at_install")
class TestTableOfRules(DecidingCase):
    def setUp(self):
        super().setUp()
        lead = {"name": "Fair", "type": "opportunity"}
        self.contact_lead = self.env["crm.lead"].create(
            {**lead, "partner_id": self._partner(name="Lone", email="lone@contact-scan.test").id}
        )
        # Without writing it to the contact, as the ORM would.
        self.env.flush_all()
        self.cr.execute(
            "UPDATE crm_lead SET email_from = 'main@scan.test', email_normalized = 'main@scan.test' WHERE id = %s",
            (self.contact_lead.id,),
        )
        self.env.invalidate_all()
        self.cr.commit()

    def test_each_rule_decides_alone_in_each_field_of_letters_received_and_sent(self):
        rules = {
            "info@acme-scan.test": ("partner_id", self.acme, "customer_main"),
            "anna@acme-scan.test": ("partner_id", self.anna, "customer_contact"),
            "lead@lead-scan.test": ("lead_id", self.lead, "lead_main"),
            "lone@contact-scan.test": ("lead_id", self.contact_lead, "lead_contact"),
            "new@eu.acme-scan.test": ("partner_id", self.acme, "customer_domain"),
        }
        expected = {}
        table = product(rules, FIELDS, ("received", "sent"))
        for number, (address, field, direction) in enumerate(table):
            if (field, direction) == ("From", "sent"):
                continue
            subject = f"{address} {field} {direction}"
            expected[subject] = (direction, *rules[address])
            self._deliver(subject, address, field, direction, number)
        self.scan()
        self.assertEqual(set(self.letters().mapped("subject")), set(expected))
        for found in self.letters():
            direction, column, target, reason = expected[found.subject]
            link = found.link_ids.filtered(lambda li, c=column, t=target: li[c] == t)
            self.assertEqual((found.direction, link.reason), (direction, reason), found.subject)

    def _deliver(self, subject, address, field, direction, number):
        fields = {"From": STRANGER, "To": OWN} if direction == "received" else {"From": OWN, "To": STRANGER}
        lines = [f"{name}: {value}" for name, value in {**fields, field: address, "Subject": subject}.items()]
        lines += [f"Message-ID: <{number}@scan.test>", f"Date: Mon, 2 Mar 2026 09:{number:02}:00 +0000"]
        content = "\r\n".join([*lines, "", "Dear all"]).encode()
        self.server.deliver(content, "INBOX" if direction == "received" else "Sent")

    def test_the_most_specific_domain_wins_and_public_ones_are_nobodys(self):
        europe = self._partner(name="Acme Europe", is_company=True, website="https://eu.acme-scan.test")
        self.env["ir.config_parameter"].set_param("crm_mail_sync.public_domains", "town-scan.test")
        town = self._partner(name="Shop", is_company=True, email="shop@town-scan.test")
        self.cr.commit()
        self.assertFalse(town.mail_domain_ids)
        for number, address in enumerate(("x@a.eu.acme-scan.test", "x@us.acme-scan.test", "x@town-scan.test")):
            self.server.deliver(letter(address, OWN, subject=address, number=number))
        self.scan()
        self.assertEqual(self.links_of(europe).keys(), self._with_subject("x@a.eu.acme-scan.test"))
        self.assertEqual(self.links_of(self.acme).keys(), self._with_subject("x@us.acme-scan.test"))
        self.assertEqual(self.copies("skipped").mapped("reason"), ["nobody_known"])

    def _with_subject(self, subject):
        return {found for found in self.letters() if found.subject == subject}

    def test_a_domain_that_was_removed_or_whose_customer_is_archived_decides_no_more(self):
        self.acme.mail_domain_ids.unlink()
        beta = self._partner(name="Beta", is_company=True, website="beta-scan.test")
        beta.active = False
        self.cr.commit()
        self.server.deliver(letter("new@acme-scan.test", OWN))
        self.server.deliver(letter("new@beta-scan.test", OWN, number=1))
        self.scan()
        self.assertEqual(self.copies().mapped("reason"), ["nobody_known"] * 2)


@tagged("post_install", "-at_install")
class TestInternalMail(DecidingCase):
    def _deliver(self):
        other = self.env["res.users"].create({"name": "Other", "login": "scan.other", "email": "other@scan-own.test"})
        self.cr.commit()
        self.server.deliver(letter(other.email, OWN, message_id="<root@scan-own.test>"))
        self.server.deliver(letter(OWN, "third@scan-own.test", "x@sub.scan-own.test", number=1), "Sent")
        self.server.deliver(letter(OWN, STRANGER, number=2, subject="Out"), "Sent")

    def test_it_stays_out_even_where_all_is_scanned(self):
        self.scan_all_letters()
        self._deliver()
        self.scan()
        self.assertEqual(self.letters().subject, "Out")
        self.assertEqual(self.copies("skipped").mapped("reason"), ["internal"] * 2)

    def test_the_setting_lets_it_in_and_takes_up_what_was_left_out(self):
        self.scan_all_letters()
        self._deliver()
        self.scan()
        self.env["ir.config_parameter"].set_param("crm_mail_sync.archive_internal", True)
        self.scan()
        self.assertEqual(len(self.letters()), 3)
        self.assertFalse(self.copies("skipped"))

    def test_talk_among_ourselves_about_a_customers_letter_does_not_follow_it(self):
        self.server.deliver(letter("anna@acme-scan.test", OWN, message_id="<root@acme-scan.test>"))
        self.server.deliver(letter(OWN, "third@scan-own.test", number=1, In_Reply_To="<root@acme-scan.test>"), "Sent")
        self.scan()
        self.assertEqual(self.letters().email_from, "anna@acme-scan.test")

    def test_a_customers_letter_to_an_alias_is_the_customers(self):
        domain = self.env["mail.alias.domain"].create({"name": "alias-scan.test"})
        self.addCleanup(self._remove_domain, domain)
        self.cr.commit()
        self.server.deliver(letter("anna@acme-scan.test", "sales@alias-scan.test"))
        self.server.deliver(letter(OWN, "catchall@alias-scan.test", number=1), "Sent")
        self.scan()
        self.assertEqual(self.letters().email_from, "anna@acme-scan.test")
        self.assertEqual(self.copies("skipped").reason, "internal")

    def _remove_domain(self, domain):
        self.cr.rollback()
        # Odoo gave it to whatever has an alias.
        self.env["mail.alias"].search([("alias_domain_id", "=", domain.id)]).alias_domain_id = False
        domain.unlink()
        self.cr.commit()

    def test_a_user_at_a_public_provider_makes_nobody_else_there_a_colleague(self):
        self.env["res.users"].create({"name": "Free", "login": "scan.free", "email": "free@inbox.lt"})
        self._partner(name="Lina", email="lina@inbox.lt")
        self.scan_all_letters()
        self.cr.commit()
        self.server.deliver(letter("lina@inbox.lt", OWN))
        self.server.deliver(letter("jonas@inbox.lt", OWN, number=1))
        self.server.deliver(letter("free@inbox.lt", OWN, number=2))
        self.scan()
        self.assertEqual(set(self.letters().mapped("email_from")), {"lina@inbox.lt", "jonas@inbox.lt"})

    def test_a_customer_at_the_domain_of_a_user_who_works_with_us_stays_a_customer(self):
        self.env["res.users"].create({"name": "Expert", "login": "scan.expert", "email": "expert@acme-scan.test"})
        self.cr.commit()
        self.server.deliver(letter("anna@acme-scan.test", OWN, subject="Customer"))
        self.server.deliver(letter("expert@acme-scan.test", OWN, number=1))
        self.scan()
        self.assertEqual(self.letters().subject, "Customer")

    def test_a_record_of_a_customer_at_our_own_domain_is_no_customer(self):
        company = self.env.company
        before = company.email
        company.email = "info@ours-scan.test"
        self.addCleanup(self._set_email, company, before)
        double = self._partner(name="Ours again", is_company=True, email="office@ours-scan.test")
        self.cr.commit()
        self.server.deliver(letter("office@ours-scan.test", OWN))
        self.server.deliver(letter("new@ours-scan.test", OWN, STRANGER, number=1))
        self.scan()
        self.assertFalse(double.mail_domain_ids)
        self.assertFalse(self.letters())
        self.assertEqual(set(self.copies().mapped("reason")), {"internal", "nobody_known"})

    def _set_email(self, company, email):
        self.cr.rollback()
        company.email = email
        self.cr.commit()


@tagged("post_install", "-at_install")
class TestKinds(DecidingCase):
    def test_bulk_mail_and_automatic_replies_are_tagged(self):
        fields = {
            "Letter": {},
            "Newsletter": {"List_Unsubscribe": "<https://acme-scan.test/off>"},
            "List": {"List_Id": "<desks.acme-scan.test>"},
            "Bulk": {"Precedence": "bulk"},
            "Away": {"Auto_Submitted": "auto-replied"},
            "Away too": {"Auto_Submitted": "auto-replied", "Precedence": "bulk"},
            "Old style": {"X_Autoreply": "yes"},
            "Not automatic": {"Auto_Submitted": "no"},
        }
        for number, (subject, more) in enumerate(fields.items()):
            self.server.deliver(letter("info@acme-scan.test", OWN, subject=subject, number=number, **more))
        self.scan()
        self.assertEqual(
            {found.subject: found.kind for found in self.letters()},
            {
                "Letter": "personal",
                "Newsletter": "bulk",
                "List": "bulk",
                "Bulk": "bulk",
                "Away": "automatic",
                "Away too": "automatic",
                "Old style": "automatic",
                "Not automatic": "personal",
            },
        )


@tagged("post_install", "-at_install")
class TestConversations(DecidingCase):
    """Replies from unknown addresses that name no ancestor, by the provider's own conversation."""

    def test_a_reply_follows_the_conversation_whichever_of_them_is_met_first(self):
        for number, thread in enumerate(("early", "late")):
            reply = letter("anna@home-scan.test", OWN, subject=f"Re {thread}", number=10 * number + 5)
            first = letter("anna@acme-scan.test", OWN, subject=thread, number=10 * number)
            for content in (first, reply) if thread == "early" else (reply, first):
                self.server.deliver(content, thread_id=thread)
                self.scan()
        self.server.deliver(letter("anna@home-scan.test", OWN, subject="Alone", number=30), thread_id="other")
        self.scan()
        links = self.links_of(self.acme)
        self.assertEqual({found.subject for found in links}, {"early", "Re early", "late", "Re late"})
        self.assertEqual(sorted(links.values()), ["customer_contact"] * 2 + ["thread"] * 2)
        self.assertEqual(self.copies("skipped").mapped("reason"), ["nobody_known"])

    def test_a_conversation_is_good_in_one_mailbox_only(self):
        self.server.deliver(letter("anna@acme-scan.test", OWN), thread_id="same")
        self.scan()
        other = self.env["res.users"].create({"name": "Other", "login": "scan.other", "email": "other@scan-own.test"})
        mailbox = self._mailbox(other, "other@scan-own.test")
        self.servers[mailbox.address].deliver(letter(STRANGER, mailbox.address, number=1), thread_id="same")
        self.scan(mailbox)
        self.assertEqual(len(self.letters()), 1)

    def test_addresses_say_more_and_an_undone_link_says_nothing(self):
        self.server.deliver(letter("anna@acme-scan.test", OWN), thread_id="one")
        self.scan()
        beta = self._partner(name="Beta", is_company=True, email="info@beta-scan.test")
        self.server.deliver(letter("info@beta-scan.test", OWN, number=1), thread_id="one")
        self.scan()
        self.assertEqual(len(self.links_of(self.acme)), 1)
        self.assertEqual(list(self.links_of(beta).values()), ["customer_main"])
        self.letters().link_ids.is_undone = True
        self.server.deliver(letter(STRANGER, OWN, number=2), thread_id="one")
        self.scan()
        self.assertEqual(self.copies("skipped").reason, "nobody_known")
