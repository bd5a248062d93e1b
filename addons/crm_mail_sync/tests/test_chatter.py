# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters in the chatters of customers and leads: order, pages, rights, and what must stay as it was."""

import random
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .common import NOON, LetterCase


class ChatterCase(LetterCase):
    def fetch(self, thread, user=None, **params):
        """The page that the user's browser is given, as message ids, newest first."""
        messages = self.env["mail.message"].with_user(user or self.salesman)
        return messages._message_fetch(None, thread=thread.with_user(user or self.salesman), **params)["messages"].ids

    def stored(self, letter, user=None):
        """What the user's browser is told of the letter's message."""
        pointer = letter.pointer_id.with_user(user or self.salesman)
        return next(m for m in Store().add(pointer).get_result()["mail.message"] if m["id"] == pointer.id)


@tagged("post_install", "-at_install")
class TestChatterPages(ChatterCase):
    def test_letters_stand_among_comments_by_date(self):
        late = self.make_letter([self.contact], date=NOON + timedelta(days=2))
        comment = self.post(self.contact, "Called her", NOON + timedelta(days=1))
        early = self.make_letter([self.contact], date=NOON)
        expected = [late.pointer_id.id, comment.id, early.pointer_id.id]
        self.assertEqual([i for i in self.fetch(self.contact) if i in expected], expected)

    def test_one_letter_stands_in_several_chatters(self):
        letter = self.make_letter([self.contact, self.company, self.lead])
        for thread in (self.contact, self.company, self.lead):
            self.assertIn(letter.pointer_id.id, self.fetch(thread, self.owner))

    def test_pages_join_without_gap_or_double(self):
        """Whatever the mixture, walking from page to page in either direction gives each message once, in order."""
        rng = random.Random(19)
        partner = self.env["res.partner"].create({"name": "Pages"})
        for _ in range(40):
            # Few dates, so that many are equal.
            date = NOON + timedelta(hours=rng.randrange(12))
            if rng.random() < 0.5:
                self.make_letter([partner], date=date)
            else:
                self.post(partner, "x", date)
        everything = self.fetch(partner, limit=1000)
        messages = self.env["mail.message"].browse(everything)
        self.assertEqual(everything, messages.sorted(lambda m: (m.date, m.id), reverse=True).ids)
        self.assertEqual(len(everything), 40)
        for size in (1, 7, 30):
            self.assertEqual(self._walk_down(partner, size), everything)
            self.assertEqual(self._walk_up(partner, size, everything[-1]), everything[:-1])

    def _walk_down(self, partner, size):
        walked = page = self.fetch(partner, limit=size)
        while len(page) == size:
            page = self.fetch(partner, limit=size, before=walked[-1])
            walked = walked + page
        return walked

    def _walk_up(self, partner, size, lowest):
        walked = page = self.fetch(partner, limit=size, after=lowest)
        while len(page) == size:
            page = self.fetch(partner, limit=size, after=walked[0])
            walked = page + walked
        return walked

    def test_around_a_message(self):
        partner = self.env["res.partner"].create({"name": "Around"})
        letters = [self.make_letter([partner]).pointer_id.id for _ in range(20)]
        around = self.fetch(partner, around=letters[10], limit=8)
        self.assertEqual(around, letters[14:6:-1])

    def test_around_a_message_that_is_gone(self):
        letter = self.make_letter([self.contact])
        self.assertIn(letter.pointer_id.id, self.fetch(self.contact, around=0))
        self.assertEqual(self.fetch(self.contact, before=2**31 - 1), [])

    def test_undone_link_is_not_shown(self):
        letter = self.make_letter([self.company])
        self.link(letter, self.contact, is_undone=True)
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.contact))
        self.assertIn(letter.pointer_id.id, self.fetch(self.company))

    def test_message_of_the_gateway_is_not_shown_twice(self):
        letter = self.make_letter([self.contact, self.company], message_id="same@lindqvist.example")
        brought = self.contact.message_post(body="By the gateway", message_type="email")
        brought.message_id = "<same@lindqvist.example>"
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.contact))
        self.assertIn(brought.id, self.fetch(self.contact))
        self.assertIn(letter.pointer_id.id, self.fetch(self.company), "only where the gateway brought it")

    def test_notifications_only_holds_no_letters(self):
        letter = self.make_letter([self.contact])
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.contact, is_notification=True))
        self.assertIn(letter.pointer_id.id, self.fetch(self.contact, is_notification=False))

    def test_other_threads_are_as_before(self):
        activity = self.env["res.users"].browse(self.salesman.id).partner_id
        message = activity.message_post(body="Plain")
        self.assertIn(message.id, self.fetch(activity))


@tagged("post_install", "-at_install")
class TestChatterSearch(ChatterCase):
    def test_by_text_without_accents_and_by_beginning(self):
        letter = self.make_letter([self.contact], html="<p>Die Lieferung der Türen verzögert sich</p>")
        self.make_letter([self.contact], html="<p>Something else</p>")
        for words in ("Türen", "turen", "lieferung verzog", "LIEFERUNG"):
            self.assertEqual(self.fetch(self.contact, search_term=words), letter.pointer_id.ids, words)
        self.assertEqual(self.fetch(self.contact, search_term="fenster"), [])

    def test_with_comments_counted_and_in_pages(self):
        partner = self.env["res.partner"].create({"name": "Search"})
        expected = []
        for hour in range(6):
            date = NOON + timedelta(hours=hour)
            if hour % 2:
                expected.append(self.post(partner, "about the crane", date).id)
            else:
                expected.append(self.make_letter([partner], html="<p>The crane!</p>", date=date).pointer_id.id)
        self.post(partner, "about the truck", NOON)
        expected.reverse()
        messages = self.env["mail.message"].with_user(self.salesman)
        found = messages._message_fetch(None, thread=partner, search_term="crane", limit=4)
        self.assertEqual((found["count"], found["messages"].ids), (6, expected[:4]))
        self.assertEqual(self.fetch(partner, search_term="crane", before=expected[3], limit=4), expected[4:])

    def test_odd_words_are_harmless(self):
        self.make_letter([self.contact])
        for words in ("'", "\\", "a:*", "!!", "()", "%", "'; --", "<->", "\u2028"):
            self.fetch(self.contact, search_term=words)


@tagged("post_install", "-at_install")
class TestChatterRights(ChatterCase):
    def test_who_sees_a_letter(self):
        shown = self.make_letter([self.contact], html="<p>Zweiundvierzig</p>")
        private = self.make_letter([self.contact], html="<p>Zweiundvierzig</p>", visibility="private")
        for user, letters in (
            (self.owner, shown | private),
            (self.salesman, shown),
            (self.salesman_all, shown),
            (self.clerk, shown.browse()),
            (self.admin, shown.browse()),
        ):
            with self.subTest(user=user.login):
                expected = set(letters.pointer_id.ids)
                self.assertEqual(set(self.fetch(self.contact, user)) & set((shown | private).pointer_id.ids), expected)
                self.assertEqual(set(self.fetch(self.contact, user, search_term="zweiundvierzig")), expected)
                messages = self.env["mail.message"].with_user(user)
                found = messages._message_fetch(None, thread=self.contact.with_user(user), search_term="zweiundvierzig")
                self.assertEqual(found["count"], len(letters))

    def test_letters_of_others_leads(self):
        letter = self.make_letter([self.lead])
        self.assertIn(letter.pointer_id.id, self.fetch(self.lead, self.owner))
        self.assertIn(letter.pointer_id.id, self.fetch(self.lead, self.salesman_all))
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.lead, self.salesman))

    def test_letters_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        letter = self.make_letter([self.contact], company_ids=[(6, 0, other.ids)])
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.contact, self.salesman))

    def test_hidden_letters_do_not_shorten_pages(self):
        """The browser takes a short page for the last one."""
        partner = self.env["res.partner"].create({"name": "Hidden"})
        for number in range(12):
            self.make_letter([partner], visibility="everything" if number % 4 == 0 else "private")
        self.assertEqual(len(self.fetch(partner, self.salesman, limit=3)), 3)

    def test_portal_and_superuser_mode_get_none(self):
        letter = self.make_letter([self.portal.partner_id], visibility="private")
        self.assertNotIn(letter.pointer_id.id, self.fetch(self.portal.partner_id, self.portal))
        elevated = self.env["mail.message"].with_user(self.clerk).sudo()
        page = elevated._message_fetch(None, thread=self.portal.partner_id)["messages"]
        self.assertNotIn(letter.pointer_id, page, "superuser mode does not widen what a user sees of letters")

    def test_pointer_by_id_needs_the_letters_right(self):
        letter = self.make_letter([self.contact], visibility="private")
        for user in (self.salesman, self.salesman_all, self.clerk, self.admin, self.portal):
            message = letter.pointer_id.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    message.read(["subject"])
                self.assertFalse(message.search([("id", "=", message.id)]))
                self.assertFalse(message.search([("subject", "=", letter.subject), ("model", "=", "crm.mail.email")]))

    def test_nobody_changes_or_deletes_a_pointer(self):
        letter = self.make_letter([self.contact])
        for user in (self.owner, self.salesman_all, self.admin):
            message = letter.pointer_id.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    message.write({"body": "<p>Forged</p>"})
                with self.assertRaises(AccessError):
                    message.write({"author_id": user.partner_id.id})
                with self.assertRaises(AccessError):
                    message.unlink()
                with self.assertRaises(AccessError):
                    message.create({"model": "crm.mail.email", "res_id": letter.id, "body": "x"})

    def test_starring_is_the_readers_own(self):
        letter = self.make_letter([self.contact])
        letter.pointer_id.with_user(self.salesman).toggle_message_starred()
        self.assertTrue(letter.pointer_id.with_user(self.salesman).starred)
        self.assertFalse(letter.pointer_id.with_user(self.owner).starred)
        with self.assertRaises(AccessError):
            letter.pointer_id.with_user(self.clerk).toggle_message_starred()


@tagged("post_install", "-at_install")
class TestChatterContent(ChatterCase):
    def test_body_files_and_direction(self):
        letter = self.make_letter(
            [self.contact],
            html='<p>The <b>offer</b></p><img src="cid:logo@x">',
            direction="sent",
            files=[
                {"name": "offer.pdf", "raw": b"%PDF-1.4 offer", "mimetype": "application/pdf"},
                {"name": "logo.png", "raw": b"\x89PNG", "mimetype": "image/png", "description": "logo@x"},
            ],
        )
        told = self.stored(letter)
        kind, body = told["body"]
        self.assertEqual(kind, "markup")
        self.assertIn("<b>offer</b>", body)
        offer, logo = letter.content_ids.file_ids.sorted("name", reverse=True)
        self.assertIn(f"/web/image/{logo.id}", body)
        self.assertNotIn("access_token", body)
        self.assertEqual(told["attachment_ids"], offer.ids, "a picture of the text is not a file beside it")
        self.assertEqual((told["letter"]["id"], told["letter"]["direction"]), (letter.id, "sent"))

    def test_no_access_token_leaves_the_server(self):
        letter = self.make_letter([self.contact], files=[{"name": "a.txt", "raw": b"a"}])
        data = Store().add(letter.pointer_id.with_user(self.salesman)).get_result()
        self.assertEqual(len(data["ir.attachment"]), 1)
        self.assertFalse([key for key in data["ir.attachment"][0] if "token" in key])
        self.assertFalse(letter.content_ids.file_ids.access_token)

    def test_letter_without_text_is_no_removed_message(self):
        letter = self.make_letter([self.contact], html="")
        self.assertIn("(no text)", self.stored(letter)["body"][1])

    def test_text_is_told_to_nobody_else(self):
        letter = self.make_letter([self.contact], visibility="private", html="<p>Geheim</p>")
        pointer = letter.pointer_id.with_user(self.clerk).sudo()
        for store in (Store(), Store(bus_channel=self.clerk)):
            self.assertNotIn("Geheim", str(store.add(pointer).get_result()))

    def test_content_narrower_than_the_letter(self):
        """A rule may hide what a letter says from those who see that there is one."""
        self.env["ir.rule"].create(
            {
                "name": "No content",
                "model_id": self.env["ir.model"]._get_id("crm.mail.content"),
                "domain_force": "[(0, '=', 1)]",
            }
        )
        letter = self.make_letter([self.contact], html="<p>Geheim</p>", files=[{"name": "a.txt", "raw": b"a"}])
        told = self.stored(letter)
        self.assertIn("shown to its owners only", told["body"][1])
        self.assertEqual(told["attachment_ids"], [])
        self.assertEqual(self.fetch(self.contact, search_term="geheim"), [])

    def test_queries_do_not_grow_with_letters(self):
        few = self.env["res.partner"].create({"name": "Few"})
        many = self.env["res.partner"].create({"name": "Many"})
        for partner, number in ((few, 3), (many, 29)):
            for _ in range(number):
                self.make_letter([partner], files=[{"name": "a.txt", "raw": b"a"}])
        self._count_queries(few)  # what is asked once only: groups, rules, xml ids
        queries = self._count_queries(many)
        self.assertEqual(self._count_queries(few), queries)
        self.assertLess(queries, 30)

    def _count_queries(self, partner):
        self.env.flush_all()
        self.env.invalidate_all()
        messages = self.env["mail.message"].with_user(self.salesman)
        thread = partner.with_user(self.salesman)
        before = self.env.cr.sql_log_count
        Store().add(messages._message_fetch(None, thread=thread)["messages"]).get_result()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestChatterPeace(ChatterCase):
    def test_records_of_the_customer_are_untouched(self):
        before = self._figures()
        self.make_letter([self.contact, self.company])
        self.assertEqual(self._figures(), before)

    def _figures(self):
        self.env.flush_all()
        self.env.invalidate_all()
        contact = self.contact.with_user(self.salesman)
        counted = ("mail.mail", "mail.notification", "mail.followers", "mail.tracking.value")
        return (
            contact.message_ids.ids,
            contact.message_needaction_counter,
            contact.message_has_error_counter,
            contact.message_attachment_count,
            [self.env[name].search_count([]) for name in counted],
        )

    def test_text_is_not_found_through_the_customer(self):
        self.make_letter([self.contact], html="<p>Zweiundvierzig</p>")
        partners = self.env["res.partner"].with_user(self.salesman)
        self.assertFalse(partners.search([("message_ids.body", "ilike", "zweiundvierzig")]))

    def test_deleted_letter_takes_its_pointer_along(self):
        letter = self.make_letter([self.contact], files=[{"name": "a.txt", "raw": b"a"}])
        pointer, file = letter.pointer_id, letter.content_ids.file_ids
        letter.unlink()
        self.assertFalse(pointer.exists())
        self.assertFalse(file.exists())
        self.assertNotIn(pointer.id, self.fetch(self.contact))


@tagged("post_install", "-at_install")
class TestMerge(ChatterCase):
    """Merged customers and leads keep the letters of all."""

    def setUp(self):
        super().setUp()
        self.undone = self.make_letter()

    def _letters(self, kept, merged, other):
        """A letter of each, one of both, one of both merged, and one that was undone where it is kept."""
        letters = [self.make_letter([kept]), self.make_letter([merged]), self.make_letter([kept, merged])]
        letters.append(self.make_letter([merged, other]))
        self.link(self.undone, kept, is_undone=True)
        self.link(self.undone, merged)
        return {letter.pointer_id.id for letter in letters}

    def test_customers(self):
        kept, merged, other = self.env["res.partner"].create([{"name": name} for name in "ABC"])
        expected = self._letters(kept, merged, other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((kept | merged | other).ids, kept)
        self.assertFalse(merged.exists())
        page = self.env["mail.message"].browse(self.fetch(kept))
        self.assertEqual(set(page.filtered(lambda m: m.model == "crm.mail.email").ids), expected)
        self.assertEqual(len(kept.mail_link_ids), 5)

    def test_leads(self):
        kept, merged, other = self.env["crm.lead"].create([{"name": name} for name in "ABC"])
        expected = self._letters(kept, merged, other)
        kept._merge_dependences(merged | other)
        page = self.env["mail.message"].browse(self.fetch(kept, self.salesman_all))
        self.assertEqual(set(page.filtered(lambda m: m.model == "crm.mail.email").ids), expected)
