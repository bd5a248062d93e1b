# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Synced emails as a report: each filter decides, each figure is what the letters imply, for each reader his own."""

from ast import literal_eval
from collections import Counter
from datetime import timedelta
from itertools import combinations

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime, Domain
from odoo.tests import tagged

from ..mailsync import search_keys
from .common import NOON, LetterCase

GROUPS = ("date:month", "direction", "kind", "owner_ids", "partner_ids", "lead_ids", "link_reason", "mailbox_ids")


class ReportCase(LetterCase):
    """Letters of all kinds: linked to several, for several reasons, in several mailboxes, undone, private."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.archived = cls.env["res.partner"].create({"name": "Archived", "active": False})
        cls.team = cls.env["crm.team"].create({"name": "Team", "user_id": cls.salesman_all.id})
        cls.env["crm.team.member"].create({"crm_team_id": cls.team.id, "user_id": cls.salesman.id})
        cls.lead.team_id = cls.team
        cls.others_mailbox = cls.make_mailbox(cls.clerk)
        cls.letters = {
            "customer": cls.letter([cls.contact, cls.company], kind="bulk"),
            "domain": cls.letter([cls.company], reason="customer_domain", direction="sent"),
            "lead": cls.letter([cls.lead], reason="lead_main", date=NOON + timedelta(days=40)),
            "both": cls.letter([cls.contact, cls.lead], reason="thread", files=[{"name": "a.txt", "raw": b"a"}]),
            "archived": cls.letter([cls.archived], reason="manual"),
            "nobody": cls.letter(),
            "undone": cls.letter([cls.company]),
            "private": cls.letter([cls.company], visibility="private"),
            "clerks": cls.letter([cls.company], owners=cls.clerk),
            "team": cls.letter([cls.company], owners=cls.clerk | cls.salesman),
        }
        cls.link(cls.letters["customer"], cls.lead, "customer_domain")
        cls.letters["undone"].link_ids.is_undone = True
        cls._make_copies()
        cls.env.flush_all()
        cls.env.invalidate_all()
        cls.names = {letter.id: name for name, letter in cls.letters.items()}

    @classmethod
    def letter(cls, targets=(), **values):
        return cls.make_letter(targets, company_id=cls.env.company.id, **values)

    @classmethod
    def _make_copies(cls):
        """The letters' copies, one of them twice in the same mailbox."""
        number = 0
        for mailbox, names in (
            (cls.mailbox, ["customer", "domain", "lead", "both", "both", "archived", "nobody", "undone", "private"]),
            (cls.others_mailbox, ["clerks", "team"]),
        ):
            folder = cls.env["crm.mail.folder"].create(
                {"mailbox_id": mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"}
            )
            for name in names:
                number += 1
                cls.env["crm.mail.copy"].create(
                    {
                        "mailbox_id": mailbox.id,
                        "folder_id": folder.id,
                        "remote_id": str(number),
                        "state": "kept",
                        "email_id": cls.letters[name].id,
                    }
                )

    def emails(self, user):
        self.env.invalidate_all()
        return self.env["crm.mail.email"].with_user(user)

    def found(self, user, *domain):
        mine = Domain("id", "in", list(self.names))
        return {self.names[i] for i in self.emails(user).search(mine & Domain(list(domain))).ids}


@tagged("post_install", "-at_install")
class TestReportFilters(ReportCase):
    def test_the_filters_of_the_view(self):
        now = Datetime.now()
        recent = self.letter([self.company], date=now, kind="invitation")
        self.names[recent.id] = "recent"
        everything = self.found(self.owner)
        for name, expected in (
            ("mine", everything - {"clerks", "team"}),
            ("unassigned", {"nobody", "undone"}),
            ("sent", {"domain"}),
            ("received", everything - {"domain"}),
            ("with_files", {"both"}),
            ("bulk", {"customer"}),
            ("automatic", set()),
            ("invitation", {"recent"}),
            ("personal", everything - {"customer", "recent"}),
            ("reason_address", {"customer", "lead", "private", "clerks", "team", "recent"}),
            ("reason_domain", {"customer", "domain"}),
            ("reason_thread", {"both"}),
            ("reason_manual", {"archived"}),
            ("recent", {"recent"}),
        ):
            self.assertEqual(self.found(self.owner, *self._domain(name)), expected, name)

    def test_filters_about_different_things_narrow_each_other(self):
        """Odoo widens by what is chosen within a group, and narrows by groups."""
        groups = self._filter_groups()
        for one, other in combinations(("mine", "private", "unassigned", "sent", "with_files", "bulk"), 2):
            self.assertFalse([group for group in groups if {one, other} <= group], (one, other))
        self.assertIn({"mine", "my_team"}, groups)

    def _filter_groups(self):
        """The names of the view's filters, those together that no separator parts."""
        arch = etree.fromstring(self.env["crm.mail.email"].get_view(False, "search")["arch"])
        groups = [set()]
        for element in arch:
            if element.tag == "filter":
                groups[-1].add(element.get("name"))
            else:
                groups.append(set())
        return groups

    def test_my_team(self):
        """Of a lead of one of my teams, in a mailbox of one of its members, or mine."""
        domain = self._domain("my_team")
        self.assertEqual(self.found(self.salesman, *domain), {"team"}, "the team's lead is not his to see")
        self.assertEqual(self.found(self.salesman_all, *domain), {"both", "customer", "team", "lead"})
        self.assertEqual(self.found(self.clerk, *domain), {"clerks", "team"})

    def _domain(self, name):
        arch = etree.fromstring(self.env["crm.mail.email"].get_view(False, "search")["arch"])
        text = arch.xpath("//filter[@name=$name]/@domain", name=name)[0]
        return literal_eval(text.replace("[uid]", f"[{self.owner.id}]"))

    def test_by_customer_or_lead(self):
        self.assertEqual(self.found(self.owner, ("linked_to", "ilike", "warehouse")), {"customer", "lead", "both"})
        self.assertEqual(self.found(self.owner, ("linked_to", "ilike", "astrid")), {"customer", "both"})
        self.assertEqual(self.found(self.clerk, ("linked_to", "ilike", "warehouse")), set())
        self.assertEqual(self.found(self.owner, ("lead_ids", "in", self.lead.ids)), {"customer", "lead", "both"})
        self.assertEqual(self.found(self.owner, ("partner_ids", "=", self.archived.id)), {"archived"})
        with_contacts = [("link_ids", "any", [("is_undone", "!=", True), ("partner_id", "child_of", self.company.id)])]
        self.assertEqual(
            self.found(self.owner, *with_contacts), {"customer", "domain", "both", "private", "clerks", "team"}
        )

    def test_a_lead_that_one_may_not_see_finds_no_letters(self):
        self.assertEqual(self.found(self.salesman, ("linked_to", "ilike", "warehouse")), set())
        self.assertEqual(self.found(self.salesman, ("lead_ids", "in", self.lead.ids)), set())
        self.assertEqual(self.found(self.salesman, ("link_reason", "=", "customer_domain")), {"domain"})

    def test_by_mailbox(self):
        in_mine = {"customer", "domain", "lead", "both", "archived", "nobody", "undone", "private"}
        self.assertEqual(self.found(self.owner, ("mailbox_ids", "in", self.mailbox.ids)), in_mine)
        self.assertEqual(self.found(self.owner, ("mailbox_ids", "in", self.others_mailbox.ids)), set())
        self.assertEqual(self.found(self.clerk, ("mailbox_ids", "!=", False)), {"clerks", "team"})

    def test_columns_show_what_the_reader_may_see(self):
        letter = self.letters["customer"]
        mine = self.emails(self.owner).browse(letter.id)
        self.assertEqual((mine.partner_ids, mine.lead_ids), (self.contact | self.company, self.lead))
        self.assertEqual((mine.link_reason, mine.mailbox_ids), ("customer_main", self.mailbox))
        others = self.emails(self.salesman).browse(letter.id)
        self.assertEqual((others.partner_ids, others.lead_ids.ids), (self.contact | self.company, []))
        self.assertFalse(others.mailbox_ids)
        self.assertFalse(self.emails(self.owner).browse(self.letters["undone"].id).partner_ids)

    def test_columns_of_many_letters_take_no_more_queries(self):
        few = self._queries(list(self.names))
        more = [self.letter([self.contact, self.company, self.lead]).id for _ in range(30)]
        self.assertEqual(self._queries([*self.names, *more]), few)

    def _queries(self, ids):
        fields = {"partner_ids": {}, "lead_ids": {}, "link_reason": {}, "mailbox_ids": {}}
        self.emails(self.owner).browse(ids).web_read(fields)
        emails = self.emails(self.owner)
        before = self.env.cr.sql_log_count
        emails.browse(ids).web_read(fields)
        return self.env.cr.sql_log_count - before

    def test_export(self):
        self.owner.group_ids |= self.env.ref("base.group_allow_export")
        rows = (
            self.emails(self.owner)
            .browse(self.letters["customer"].id)
            .export_data(["subject", "partner_ids/name", "lead_ids/name", "link_reason"])["datas"]
        )
        self.assertEqual(rows[0][0], self.letters["customer"].subject)
        for name in ("Lindqvist AB", "Astrid Lindqvist"):
            self.assertIn(name, rows[0][1])
        self.assertEqual(rows[0][2:], ["New warehouse", "Customer's main email"])
        with self.assertRaises(UserError):
            self.emails(self.salesman).browse(self.letters["customer"].id).export_data(["subject"])


@tagged("post_install", "-at_install")
class TestReportFigures(ReportCase):
    def test_each_group_holds_the_letters_that_belong_there(self):
        """By every dimension and every pair of them, for every reader: counts, totals, and what a cell opens."""
        for user in (self.owner, self.salesman, self.salesman_all, self.clerk, self.admin):
            usable = [group for group in GROUPS if group != "lead_ids" or user not in (self.clerk, self.admin)]
            readable = self.emails(user).search([("id", "in", list(self.names))])
            for groups in [(g,) for g in usable] + list(combinations(usable, 2)):
                with self.subTest(user=user.login, groups=groups):
                    self._assert_pivot(user, readable, groups)

    def _assert_pivot(self, user, readable, groups):
        """As the pivot asks: cells, rows and the total at once."""
        sets = [list(groups), [groups[0]], []]
        cells, rows, total = self.emails(user).formatted_read_grouping_sets(
            [("id", "in", readable.ids)], sets, ["__count"]
        )
        self.assertEqual([row["__count"] for row in total], [len(readable)] if readable else total and [0] or [])
        for asked, answer in ((groups, cells), (groups[:1], rows)):
            expected = Counter(key for letter in readable for key in _keys_of(letter, asked))
            told = {tuple(_plain(cell[group]) for group in asked): cell for cell in answer}
            self.assertEqual({key: cell["__count"] for key, cell in told.items()}, dict(expected))
            for cell in told.values():
                opened = self.emails(user).search(Domain("id", "in", readable.ids) & Domain(cell["__extra_domain"]))
                self.assertEqual(len(opened), cell["__count"])

    def test_the_list_groups_alike(self):
        emails = self.emails(self.owner)
        for group in GROUPS:
            groups = emails.web_read_group([("id", "in", list(self.names))], [group], ["__count"])["groups"]
            self.assertGreaterEqual(sum(g["__count"] for g in groups), len(self.found(self.owner)), group)

    def test_private_letters_of_others_are_never_counted(self):
        for user in (self.salesman, self.salesman_all, self.clerk, self.admin):
            answer = self.emails(user).formatted_read_group([("id", "=", self.letters["private"].id)], [], ["__count"])
            self.assertEqual([row["__count"] for row in answer], [0])

    def test_nobody_without_sales_rights_groups_by_leads(self):
        with self.assertRaises(AccessError):
            self.emails(self.clerk).formatted_read_group([], ["lead_ids"], ["__count"])

    def test_dimensions_are_offered(self):
        told = self.emails(self.salesman).fields_get(["partner_ids", "lead_ids", "link_reason", "mailbox_ids"])
        self.assertTrue(all(field["groupable"] for field in told.values()))


def _keys_of(letter, groups):
    """The cells in which this letter belongs for its reader."""
    keys = [()]
    for group in groups:
        keys = [(*key, value) for key in keys for value in _values_of(letter, group)]
    return keys


def _values_of(letter, group):
    if group == "date:month":
        return [letter.date.strftime("%Y-%m")]
    if group == "link_reason":
        reasons = letter.link_ids.filtered(lambda link: not link.is_undone).mapped("reason")
        return sorted(set(reasons)) or [False]
    if group == "owner_ids":
        return letter.owner_ids.ids
    value = letter[group]
    return [value] if isinstance(value, str) else value.ids or [False]


def _plain(value):
    """The value of a group as ``_values_of`` tells it."""
    if isinstance(value, (tuple, list)):
        return value[0][:7] if isinstance(value[0], str) else value[0]
    return value


@tagged("post_install", "-at_install")
class TestNotArchived(ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox._set_connected()
        folder = cls.mailbox.folder_ids
        cls.left = {
            name: cls.env["crm.mail.copy"].create(
                {
                    "mailbox_id": cls.mailbox.id,
                    "folder_id": folder.id,
                    "remote_id": name,
                    "state": state,
                    "reason": reason,
                    "reason_text": words,
                    "received": NOON,
                }
            )
            for name, state, reason, words in (
                ("unknown", "skipped", "nobody_known", False),
                ("excluded", "skipped", "excluded", False),
                ("broken", "failed", "message_unreadable", "NO  internal error"),
                ("gone", "gone", "message_gone", False),
            )
        }
        cls.env.flush_all()
        keys = [*search_keys.word_keys("Offer of ladders"), search_keys.address_key("bob@rungs.example")]
        cls.env.cr.execute(
            "UPDATE crm_mail_copy SET search_keys = %s WHERE id = %s",
            [[*keys, search_keys.domain_key("rungs.example")], cls.left["unknown"].id],
        )

    def listed(self, user, *domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_mail_sync.crm_mail_copy_action_left")
        copies = self.env["crm.mail.copy"].with_user(user)
        return copies.search(Domain(literal_eval(action["domain"])) & Domain(list(domain)))

    def test_only_the_owner_sees_them(self):
        self.assertEqual(
            self.listed(self.owner), self.env["crm.mail.copy"].union(*self.left.values()).sorted("id", reverse=True)
        )
        for user in (self.salesman_all, self.clerk, self.admin):
            self.assertFalse(self.listed(user))

    def test_why_in_words(self):
        self.assertIn("exclude rule", self.left["excluded"].why)
        self.assertIn("“NO internal error”", self.left["broken"].why)

    def test_filters(self):
        arch = etree.fromstring(self.env["crm.mail.copy"].get_view(False, "search")["arch"])
        for name, expected in (
            ("skipped", ["unknown", "excluded"]),
            ("failed", ["broken"]),
            ("gone", ["gone"]),
            ("nobody_known", ["unknown"]),
            ("excluded", ["excluded"]),
        ):
            domain = literal_eval(arch.xpath("//filter[@name=$name]/@domain", name=name)[0])
            self.assertEqual(set(self.listed(self.owner, *domain).mapped("remote_id")), set(expected))

    def test_found_by_what_it_is_known_by(self):
        for words in ("ladders", "LADDERS offer", "bob@rungs.example", "rungs.example", "@rungs.example ladders"):
            self.assertEqual(self.listed(self.owner, ("known_by", "ilike", words)), self.left["unknown"], words)
        for words in ("snakes", "ladders snakes", "bob@elsewhere.example", "..."):
            self.assertFalse(self.listed(self.owner, ("known_by", "ilike", words)), words)
        self.assertFalse(self.listed(self.clerk, ("known_by", "ilike", "ladders")))

    def test_another_try(self):
        broken, skipped = self.left["broken"].with_user(self.owner), self.left["unknown"].with_user(self.owner)
        self.mailbox.next_run = False
        (broken | skipped).action_retry()
        self.assertEqual((broken.state, broken.reason, skipped.state), ("pending", False, "skipped"))
        self.assertTrue(self.mailbox.next_run)
        with self.assertRaises(UserError):
            skipped.action_retry()
        with self.assertRaises(AccessError):
            self.left["broken"].with_user(self.clerk).action_retry()

    def test_what_was_left_out_is_archived_when_its_owner_wants_it(self):
        unknown, draft = (
            self.left["unknown"],
            self.left["excluded"].copy({"remote_id": "draft", "state": "skipped", "reason": "draft"}),
        )
        with self.assertRaises(UserError):
            draft.with_user(self.owner).action_file()
        # A draft among them is no reason to leave the others.
        told = (unknown | draft).with_user(self.owner).action_file()
        self.assertIn("1 email", told["params"]["message"])
        self.assertEqual((unknown.state, unknown.is_wanted), ("pending", True))
        self.assertEqual(draft.state, "skipped")
        with self.assertRaises(AccessError):
            self.left["excluded"].with_user(self.clerk).action_file()
        self.assertEqual(self.left["excluded"].state, "skipped")
