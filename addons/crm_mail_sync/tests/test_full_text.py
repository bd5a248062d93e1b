# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Words find the same letters on each of the ways that PostgreSQL is led, however many letters hold them."""

from unittest.mock import patch

from odoo.tests import tagged

from ..mailsync.letter import Address, Head
from ..mailsync.reading import _search_text
from ..models import full_text
from .common import LetterCase

# Most candidates, how many of the newest make a word frequent: few letters, frequent words, many of old letters.
WAYS = {"few": (20_000, 100), "frequent": (0, 0), "old": (0, 100)}


@tagged("post_install", "-at_install")
class TestFullText(LetterCase):
    def setUp(self):
        super().setUp()
        self.shared = self.make_letter([self.contact], html="<p>Überraschung am Berg</p>", subject="Résumé of June")
        self.headed = self.make_letter([self.contact], html="<p>Überraschung</p>", subject="June", visibility="subject")
        self.private = self.make_letter([self.contact], html="<p>Überraschung</p>", visibility="private")
        self.other = self.make_letter([self.contact], html="<p>Nothing of it</p>", subject="Offer, june")

    def assertFound(self, field, words, letters, user=None):
        emails = self.env["crm.mail.email"].with_user(user or self.owner)
        for way, (candidates, frequent) in WAYS.items():
            with (
                self.subTest(way=way, field=field, words=words, user=emails.env.user.login),
                patch.object(full_text, "_MOST_CANDIDATES", candidates),
                patch.object(full_text, "_FREQUENT", frequent),
            ):
                domain = [(field, "ilike", words)]
                self.assertEqual(set(emails.search(domain).ids), set(letters.ids))
                self.assertEqual(emails.search_count(domain), len(letters))
                self.assertEqual(emails.search(domain, limit=1).ids, letters.sorted("date", reverse=True).ids[:1])

    def test_text_within_ones_rights(self):
        everything = self.shared | self.headed | self.private
        self.assertFound("text_search", "uberrasch", everything)
        self.assertFound("text_search", "uberraschung berg", self.shared)
        self.assertFound("text_search", "uberrasch ber", self.shared)
        self.assertFound("text_search", "it's \\ berg", self.shared.browse())
        self.assertFound("text_search", "Überrasch", self.shared, self.salesman)
        self.assertFound("text_search", "june", self.shared | self.headed | self.other, self.salesman)
        self.assertFound("text_search", "june", self.shared.browse(), self.clerk)
        self.assertFound("text_search", "--", self.shared.browse())

    def test_subject_within_ones_rights(self):
        self.private.head_ids.subject = "June, in secret"
        self._index(self.private)
        self.assertFound("subject_search", "june", self.shared | self.headed | self.private | self.other)
        self.assertFound("subject_search", "june", self.shared | self.headed | self.other, self.salesman)
        self.assertFound("subject_search", "of june", self.shared, self.salesman)
        self.assertFound("subject_search", "berg", self.shared.browse(), self.salesman)

    def test_person_by_beginnings_within_ones_rights(self):
        seen = self.shared | self.headed | self.other
        self.assertFound("person_search", "astr", seen | self.private)
        self.assertFound("person_search", "astrid lindq", seen, self.salesman)
        self.assertFound("person_search", "letter_owner@ours.example", seen | self.private)
        self.assertFound("person_search", "letter lindqvist", seen.browse())
        self.assertFound("person_search", "june", seen.browse())
        self.assertFound("person_search", "astrid", seen.browse(), self.clerk)

    def test_letters_by_what_was_learned(self):
        self.other.with_user(self.owner)._assign(
            {"res.partner": self.company.ids}, scope="domain", learned="lindqvist.example"
        )
        emails = self.env["crm.mail.email"].with_user(self.owner)
        view = self.env.ref("crm_mail_sync.crm_mail_email_view_search").arch
        self.assertIn("assignment_id.learned", view)
        found = emails.search([("link_ids", "any", [("assignment_id.learned", "ilike", "lindqvist")])])
        self.assertIn(self.other, found)
        self.assertFalse(emails.search([("link_ids", "any", [("assignment_id.learned", "ilike", "other.example")])]))


@tagged("post_install", "-at_install")
class TestSearchText(LetterCase):
    def found(self, words):
        people = (
            Address("Zoë Berg", "zoe.berg@sub.lindqvist.example", "from"),
            Address("", "info@lindqvist.example", "to"),
        )
        text = _search_text(Head(subject="", addresses=people), "")
        self.env.cr.execute(
            "SELECT to_tsvector('simple', %s) @@ %s::tsquery", (text, full_text._asked(self.env, words))
        )
        return self.env.cr.fetchone()[0]

    def test_an_address_is_found_by_the_beginning_of_each_part(self):
        for words in (
            "zoe.b",
            "berg",
            "sub.lindq",
            "lindq",
            "zoe.berg@sub.l",
            "info@lindq",
            "info@lindqvist.example",
            "Zoë",
        ):
            self.assertTrue(self.found(words), words)
        for words in ("oe.berg", "qvist", "indqvist.example"):
            self.assertFalse(self.found(words), words)
