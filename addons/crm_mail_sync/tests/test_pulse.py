# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When customers and leads wrote last: right after whatever happens to their letters, and for whoever may know."""

import random
from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import Form, tagged

from .common import NOON, LetterCase

DAY = timedelta(days=1)
NAMES = ("last_letter_in", "last_letter_out", "letter_waits_since")


class PulseCase(LetterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Pulse"})

    def pulse(self, target=None, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        target = (target or self.partner).with_user(user or self.salesman)
        return tuple(target[name] for name in NAMES)

    def letter(self, day, target=None, **values):
        return self.make_letter(
            [target or self.partner], date=NOON + day * DAY, company_id=self.env.company.id, **values
        )

    def sent(self, day, **values):
        return self.letter(day, direction="sent", **values)

    @staticmethod
    def days(*days):
        return tuple(NOON + day * DAY if day is not None else False for day in days)


@tagged("post_install", "-at_install")
class TestPulse(PulseCase):
    def test_nothing_before_the_first_letter(self):
        self.assertEqual(self.pulse(), self.days(None, None, None))

    def test_it_waits_from_the_first_letter_without_an_answer(self):
        self.letter(1)
        self.letter(3)
        self.assertEqual(self.pulse(), self.days(3, None, 1))
        self.sent(4)
        self.assertEqual(self.pulse(), self.days(3, 4, None))
        self.letter(6)
        self.letter(7)
        self.assertEqual(self.pulse(), self.days(7, 4, 6))

    def test_older_letters_that_come_later_change_nothing_that_is_newer(self):
        self.letter(5)
        self.sent(3)
        self.letter(2)
        self.assertEqual(self.pulse(), self.days(5, 3, 5))
        self.sent(1)
        self.letter(4)
        self.assertEqual(self.pulse(), self.days(5, 3, 4))

    def test_only_people_wait(self):
        for day, kind in enumerate(("bulk", "automatic", "invitation")):
            self.letter(day, kind=kind)
        self.assertEqual(self.pulse(), self.days(2, None, None))

    def test_leads_alike(self):
        self.letter(1, self.lead)
        self.assertEqual(self.pulse(self.lead, self.owner), self.days(1, None, 1))

    def test_undone_and_done_again(self):
        self.letter(1)
        self.sent(2)
        link = self.letter(3).link_ids
        link.is_undone = True
        self.assertEqual(self.pulse(), self.days(1, 2, None))
        link.is_undone = False
        self.assertEqual(self.pulse(), self.days(3, 2, 3))

    def test_deleted_letters(self):
        first, answer, last = self.letter(1), self.sent(2), self.letter(3)
        answer.unlink()
        self.assertEqual(self.pulse(), self.days(3, None, 1))
        first.unlink()
        self.assertEqual(self.pulse(), self.days(3, None, 3))
        last.unlink()
        self.assertEqual(self.pulse(), self.days(None, None, None))
        self.env.cr.execute(
            "SELECT count(*) FROM crm_mail_pulse WHERE kind = 'partner' AND target_id = %s", [self.partner.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_what_letters_are_changes(self):
        letter = self.letter(1)
        letter.kind = "bulk"
        self.assertEqual(self.pulse(), self.days(1, None, None))
        letter.direction = "sent"
        self.assertEqual(self.pulse(), self.days(None, 1, None))

    def test_merged_customers(self):
        other = self.env["res.partner"].create({"name": "Other"})
        self.letter(1)
        self.sent(2, target=None)
        self.letter(3, other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner | other).ids, self.partner)
        self.assertEqual(self.pulse(), self.days(3, 2, 3))

    def test_merged_leads(self):
        first, second = self.env["crm.lead"].create(
            [{"name": "A", "type": "opportunity"}, {"name": "B", "type": "opportunity"}]
        )
        self.letter(1, first)
        self.letter(2, second, direction="sent")
        merged = (first | second).merge_opportunity()
        self.assertEqual(self.pulse(merged), self.days(1, 2, None))

    def test_deleted_customers_leave_nothing(self):
        self.letter(1)
        gone = self.partner.id
        self.partner.unlink()
        self.env.cr.execute("SELECT count(*) FROM crm_mail_pulse WHERE target_id = %s AND kind = 'partner'", [gone])
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_whatever_happens_it_is_what_the_letters_imply(self):
        """Random events against the plain definition; a walk that ends too early would show here."""
        chance = random.Random(40)
        letters = []
        for _ in range(150):
            event = chance.random()
            if event < 0.5 or not letters:
                letters.append(
                    self.letter(
                        chance.randrange(30),
                        direction=chance.choice(["received", "sent"]),
                        kind=chance.choice(["personal", "personal", "bulk"]),
                        visibility=chance.choice(["everything", "everything", "private"]),
                    )
                )
            elif event < 0.65:
                link = chance.choice(letters).link_ids
                link.is_undone = not link.is_undone
            elif event < 0.75:
                letters.pop(chance.randrange(len(letters))).unlink()
            else:
                letter = chance.choice(letters)
                letter.visibility = "private" if letter.visibility == "everything" else "everything"
            self.assertEqual(self.pulse(), self._implied(letters))

    def _implied(self, letters):
        # Read together: of single letters each would be a query.
        letters = self.env["crm.mail.email"].union(*letters)
        counted = [x for x in letters if x.visibility != "private" and not x.link_ids.is_undone]
        last_out = max((x.date for x in counted if x.direction == "sent"), default=False)
        asks = [x.date for x in counted if x.direction == "received" and x.kind == "personal"]
        return (
            max((x.date for x in counted if x.direction == "received"), default=False),
            last_out,
            min((date for date in asks if not last_out or date > last_out), default=False),
        )


@tagged("post_install", "-at_install")
class TestPulseRights(PulseCase):
    def test_private_letters_are_nobodys_to_notice(self):
        letter = self.letter(1, visibility="private")
        self.assertEqual(self.pulse(), self.days(None, None, None))
        letter.visibility = "everything"
        self.assertEqual(self.pulse(), self.days(1, None, 1))
        letter.visibility = "private"
        self.assertEqual(self.pulse(), self.days(None, None, None))

    def test_companies_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.letter(1)
        letter = self.letter(2, company_ids=[(6, 0, elsewhere.ids)])
        self.assertEqual(self.pulse(), self.days(1, None, 1))
        self.salesman.company_ids |= elsewhere
        both = self.partner.with_user(self.salesman).with_context(allowed_company_ids=self.salesman.company_ids.ids)
        self.assertEqual(both.last_letter_in, NOON + 2 * DAY)
        self.assertEqual(both.search([("last_letter_in", "=", NOON + 2 * DAY), ("id", "=", self.partner.id)]), both)
        self.salesman.company_ids -= elsewhere
        letter.company_ids |= self.env.company
        self.assertEqual(self.pulse(), self.days(2, None, 1))
        letter.company_ids -= self.env.company
        self.assertEqual(self.pulse(), self.days(1, None, 1))

    def test_colleagues_without_sales_are_told_nothing(self):
        self.letter(1)
        partners = self.env["res.partner"].with_user(self.clerk)
        for name in NAMES:
            with self.assertRaises(AccessError):
                partners.browse(self.partner.id).read([name])
            with self.assertRaises(AccessError):
                partners.search([(name, "!=", False)])
            with self.assertRaises(AccessError):
                partners.search([], order=name)
            with self.assertRaises(AccessError):
                partners._read_group([], [f"{name}:month"])


@tagged("post_install", "-at_install")
class TestPulseSearch(PulseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waiting, cls.answered, cls.silent = cls.env["res.partner"].create(
            [{"name": name} for name in ("Waiting", "Answered", "Silent")]
        )
        cls.all = cls.waiting | cls.answered | cls.silent
        for target, day, direction in (
            (cls.waiting, 1, "received"),
            (cls.answered, 2, "received"),
            (cls.answered, 3, "sent"),
        ):
            cls.make_letter([target], date=NOON + day * DAY, direction=direction)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def found(self, *domain, **options):
        return self.all.with_user(self.salesman).search([("id", "in", self.all.ids), *domain], **options)

    def test_filters(self):
        for domain, expected in (
            (("letter_waits_since", "!=", False), self.waiting),
            (("letter_waits_since", "=", False), self.answered | self.silent),
            (("last_letter_in", "<", NOON + 2 * DAY), self.waiting),
            (("last_letter_in", ">=", NOON + 2 * DAY), self.answered),
            (("last_letter_in", "in", [NOON + DAY, False]), self.waiting | self.silent),
            (("last_letter_in", "not in", [NOON + DAY]), self.answered | self.silent),
            (("last_letter_out", "<", "2026-03-05"), self.all.browse()),
            (("last_letter_out", ">", "2026-03-05 00:00:00"), self.answered),
        ):
            self.assertEqual(self.found(domain), expected, domain)
            self.assertEqual(self.all.with_user(self.salesman).filtered_domain([domain]), expected, domain)

    def test_filters_of_the_views(self):
        self.make_letter([self.silent], direction="sent", date=Datetime.now())
        arch = self.env["res.partner"].with_user(self.salesman).get_view(False, "search")["arch"]
        for name, expected in (("letter_waits", self.waiting), ("letter_quiet", self.waiting | self.answered)):
            domain = etree.fromstring(arch).xpath("//filter[@name=$name]/@domain", name=name)[0]
            self.assertEqual(self.found(*literal_eval(domain)), expected)
        for model, view in (
            ("res.partner", "base.view_res_partner_filter"),
            ("crm.lead", "crm.view_crm_case_leads_filter"),
            ("crm.lead", "crm.view_crm_case_opportunities_filter"),
        ):
            arch = self.env[model].with_user(self.salesman).get_view(self.env.ref(view).id, "search")["arch"]
            for name in ("letter_waits", "letter_quiet", "group_letter_in", "group_letter_waits"):
                self.assertIn(f'"{name}"', arch)
        arch = self.env["res.partner"].with_user(self.clerk).get_view(False, "search")["arch"]
        self.assertNotIn("letter_waits", arch)

    def test_sorted(self):
        self.assertEqual(self.found(order="last_letter_in desc nulls last"), self.answered | self.waiting | self.silent)
        self.assertEqual(
            self.found(order="last_letter_in nulls last").ids, (self.waiting | self.answered | self.silent).ids
        )

    def test_grouped(self):
        partners = self.all.with_user(self.salesman)
        groups = partners.formatted_read_group([("id", "in", self.all.ids)], ["letter_waits_since:month"], ["__count"])
        self.assertEqual([group["__count"] for group in groups], [1, 2])
        for group in groups:
            self.assertEqual(len(self.found(*group["__extra_domain"])), group["__count"])

    def test_in_the_list_and_the_form(self):
        fields = self.all.with_user(self.salesman).fields_get(NAMES)
        for name in NAMES:
            self.assertTrue(fields[name]["sortable"] and fields[name]["groupable"] and fields[name]["searchable"], name)
        form = Form(self.waiting.with_user(self.salesman))
        self.assertEqual(form.letter_waits_since, Datetime.to_string(NOON + DAY))
