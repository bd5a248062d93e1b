# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every way of reading × every kind of user × every level: what is told is what docs/access.md says."""

from itertools import product

from odoo.tests import tagged

from ..models.crm_mail_email_head import HEAD_FIELDS
from .access_case import ROLES, AccessCase
from .level_case import ALL, EVENT, HEAD, LEVELS, LevelWorld, count_of, shown, word_of

WORDS = ALL - {"happened", "count"}
# What is found by each part, seen from a letter: (path, part).
PATHS = (
    ("subject", "subject"),
    ("display_name", "subject"),
    ("head_ids.subject", "subject"),
    ("text_search", "subject"),
    ("subject_search", "subject"),
    ("email_from", "people"),
    ("recipients", "people"),
    ("message_id", "people"),
    ("head_ids.email_from", "people"),
    ("head_ids.message_id", "people"),
    ("participant_ids.address", "people"),
    ("participant_ids.name", "people"),
    ("participant_ids.domain", "people"),
    ("participant_ids", "people"),
    ("text_search", "people"),
    ("person_search", "people"),
    ("text_search", "body"),
    ("content_ids.text", "body"),
    ("content_ids.html", "body"),
    ("content_ids.snippet", "body"),
    ("content_ids.file_ids.name", "file"),
    ("content_ids.file_ids.index_content", "file"),
    ("file_count", "count"),
    ("head_ids.file_count", "count"),
)


def condition(path, level, part):
    if part == "count":
        return (path, "=", count_of(level))
    return (path, "ilike", word_of(level, part))


def any_of(path, levels, part):
    """The domain of what is found by the word of any of these letters: asked for at once, it is one search."""
    return [*["|"] * (len(levels) - 1), *(condition(path, level, part) for level in levels)]


@tagged("post_install", "-at_install")
class TestAccessLevels(LevelWorld, AccessCase):
    def test_reading_the_letter(self):
        names = ["subject", "email_from", "recipients", "message_id", "display_name", "from_line", "file_ids", "date"]

        def read(role, level, letter):
            answer = self.ask(role, letter._name, "read", letter.ids, names)
            happened = {"happened"} if answer else set()
            counted = self.ask(role, letter._name, "read", letter.ids, ["file_count"]) or [{}]
            return happened | self.told(level, answer) | ({"count"} if counted[0].get("file_count") else set())

        self.hold("read", HEAD, read)

    def test_reading_what_belongs_to_it(self):
        for model, names, carries in (
            ("crm.mail.head", ["subject", "email_from", "recipients", "message_id"], {"subject", "people"}),
            ("crm.mail.participant", ["address", "name", "domain"], {"people"}),
            ("crm.mail.content", ["text", "html", "snippet"], {"body"}),
            ("ir.attachment", ["name", "index_content"], {"file"}),
            # The letter's name stands in its message's, for who may know it.
            ("mail.message", ["subject", "body", "email_from", "record_name", "preview"], {"subject"}),
        ):
            records = {level: self._belongings(letter)[model] for level, letter in self.letters.items()}
            self.hold(
                model,
                ALL & carries,
                lambda role, level, _letter, m=model, n=names, r=records: self.told(
                    level, self.ask(role, m, "read", r[level].ids, n)
                ),
            )

    def test_reading_deep(self):
        specification = {
            "display_name": {},
            "subject": {},
            "from_line": {},
            "head_ids": {"fields": {"subject": {}, "recipients": {}}},
            "participant_ids": {"fields": {"address": {}, "display_name": {}}},
            "content_ids": {"fields": {"text": {}, "file_ids": {"fields": {"name": {}}}}},
            "file_ids": {"fields": {"name": {}}},
            "pointer_id": {"fields": {"display_name": {}, "subject": {}, "body": {}}},
        }
        link = {"mail_link_ids": {"fields": {"email_id": {"fields": specification}, "display_name": {}}}}
        self.hold(
            "web_read",
            WORDS,
            lambda role, level, letter: self.told(
                level, self.ask(role, letter._name, "web_read", letter.ids, specification)
            ),
        )
        # From a customer on; whoever may not read customers, or not their links, does not get there.
        for role in ROLES:
            answer = self.ask(role, "res.partner", "web_read", self.company.ids, link)
            for level in LEVELS:
                self.assertLessEqual(self.told(level, answer), set(shown(level, role)), (role, level))
                if role in ("owner", "salesman"):
                    self.assertEqual(self.told(level, answer), set(shown(level, role) & WORDS), (role, level))

    def test_lists(self):
        for method in ("search_read", "web_search_read"):
            names = ["subject", "email_from", "recipients", "display_name"]
            wanted = names if method == "search_read" else {name: {} for name in names}
            self.hold(
                method,
                HEAD - {"count"},
                lambda role, level, letter, m=method, w=wanted: self._listed(role, level, letter, m, w),
            )

    def test_searching(self):
        for (path, part), role in product(PATHS, ROLES):
            found = self._found(role, "crm.mail.email", path, part, {e.id: lv for lv, e in self.letters.items()})
            for level in LEVELS:
                with self.subTest(path=path, part=part, role=role, level=level):
                    self.assertEqual(level in found, part in shown(level, role))

    def test_searching_through_what_belongs_to_a_letter(self):
        """Whoever does not see what belongs to it does not see it by what the letter says either."""
        own = {"crm.mail.participant": "people", "crm.mail.head": "subject", "crm.mail.content": "body"}
        own["crm.mail.link"] = "happened"
        for model, seen in own.items():
            levels = {self._belongings(letter)[model].id: level for level, letter in self.letters.items()}
            for (path, part), role in product(PATHS, ROLES):
                found = self._found(role, model, f"email_id.{path}", part, levels)
                for level in LEVELS:
                    with self.subTest(model=model, path=path, part=part, role=role, level=level):
                        self.assertEqual(level in found, {part, seen} <= shown(level, role))

    def test_searching_customers_by_their_letters(self):
        for (path, part), role in product(PATHS, ROLES):
            path = f"mail_link_ids.email_id.{path}"
            hidden = [level for level in LEVELS if part not in shown(level, role)]
            for levels in [hidden, *([level] for level in LEVELS if level not in hidden)]:
                found = levels and self._finds(role, "res.partner", self.company.ids, any_of(path, levels, part))
                with self.subTest(path=path, part=part, role=role, levels=levels):
                    self.assertEqual(bool(found), levels != hidden)

    def test_negations_tell_nothing(self):
        """What is not shown is not found by its not being so, nor is it left out for being so."""
        for path, part in PATHS:
            if part == "count":
                right, wrong = ("!=", count_of), ("!=", lambda level: 999)
            else:
                right = ("not ilike", lambda level, part=part: word_of(level, part))
                wrong = ("not ilike", lambda level: "zqwrongqz")
            for role in ROLES:
                for level, letter in self.letters.items():
                    if part in shown(level, role):
                        continue
                    answers = [
                        self._finds(role, letter._name, letter.ids, [(path, operator, value(level))])
                        for operator, value in (right, wrong)
                    ]
                    with self.subTest(path=path, part=part, role=role, level=level):
                        self.assertEqual(*answers)

    def test_finding_by_name(self):
        for method, arguments in (
            ("name_search", lambda word, ids: (word, [("id", "in", ids)], "ilike", None)),
            ("web_name_search", lambda word, ids: (word, {"display_name": {}}, [("id", "in", ids)], "ilike", None)),
        ):
            self.hold(
                method,
                frozenset({"subject"}),
                lambda role, level, letter, m=method, a=arguments: self.told(
                    level,
                    self.ask(role, letter._name, m, *a(word_of(level, "subject"), letter.ids)),
                ),
            )

    def test_names_in_other_records(self):
        """Odoo tells the names of records as superuser."""
        for model, field in (("crm.mail.link", "email_id"), ("crm.mail.head", "email_id"), ("mail.message", "res_id")):
            names = [field, "display_name", *(["record_name"] if model == "mail.message" else [])]
            ids = {level: self._belongings(letter)[model].ids for level, letter in self.letters.items()}
            for role, level in product(ROLES, LEVELS):
                answer = self.ask(role, model, "read", ids[level], names)
                self.assertLessEqual(self.told(level, answer), set(shown(level, role)), (model, role, level))

    def test_activities_and_messages_tied_to_a_letter(self):
        model_ids = {name: self.env["ir.model"]._get_id(name) for name in ("crm.mail.email", "crm.mail.head")}
        for role in ROLES:
            for level, letter in self.letters.items():
                ways = {"mail.activity": ["res_name"], "mail.message": ["record_name"]}
                for tied, (model, names) in product((letter, letter.head_ids), ways.items()):
                    is_message = model == "mail.message"
                    tie = {"model": tied._name} if is_message else {"res_model_id": model_ids[tied._name]}
                    values = {**tie, "res_id": tied.id}
                    savepoint = self.env.cr.savepoint()
                    made = self.ask(role, model, "create", [values])
                    answer = made and self.ask(role, model, "read", made, names)
                    self.env.invalidate_all(flush=False)
                    savepoint.close(rollback=True)
                    self.assertLessEqual(self.told(level, answer), set(shown(level, role)), (model, role, level))

    def test_grouping(self):
        groups = {
            "crm.mail.email": [*HEAD_FIELDS, "head_ids", "participant_ids", "content_ids", "display_name", "from_line"],
            "crm.mail.link": [*(f"email_id.{name}" for name in HEAD_FIELDS), "email_id"],
            "crm.mail.head": [*HEAD_FIELDS, "email_id"],
            "crm.mail.participant": ["address", "name", "domain", "email_id"],
            "crm.mail.content": ["snippet", "text", "email_id", "email_id.subject"],
        }
        for model, names in groups.items():
            for name in names:
                for role in ROLES:
                    answers = [
                        self._ask_quietly(role, model, "formatted_read_group", [], [name], ["__count"]),
                        self._ask_quietly(role, model, "web_read_group", [], [name], ["__count"]),
                        self._ask_quietly(role, model, "formatted_read_grouping_sets", [], [[name]], ["__count"]),
                    ]
                    for level in LEVELS:
                        with self.subTest(model=model, name=name, role=role, level=level):
                            self.assertLessEqual(self.told(level, answers), set(shown(level, role)))

    def test_summing_up(self):
        """No figure of a letter, neither its number of files nor its size, is summed up for who may not know it."""
        for role in ROLES:
            for level, letter in self.letters.items():
                for model, ids, figure in (
                    ("crm.mail.email", letter.ids, "file_count:sum"),
                    ("crm.mail.email", letter.ids, "size:max"),
                    ("crm.mail.head", letter.head_ids.ids, "file_count:sum"),
                    ("crm.mail.head", letter.head_ids.ids, "file_count:array_agg"),
                ):
                    domain = [("id", "in", ids)]
                    answer = self._ask_quietly(role, model, "formatted_read_group", domain, [], [figure])
                    told = str(count_of(level)) in str(answer)
                    self.assertFalse(told and "count" not in shown(level, role), (role, level, figure))

    def test_ordering(self):
        for model, road in (("crm.mail.email", ""), ("crm.mail.link", "email_id.")):
            for name in (*HEAD_FIELDS, "head_ids", "head_ids.subject", "participant_ids.address", "content_ids.text"):
                for role in ROLES:
                    answer = self._ask_quietly(role, model, "search", [], 0, None, f"{road}{name}")
                    self.assertFalse(answer, (model, name, role))

    def test_exporting(self):
        names = [
            "display_name",
            "subject",
            "email_from",
            "head_ids/subject",
            "head_ids/recipients",
            "participant_ids/address",
            "content_ids/text",
            "content_ids/file_ids/name",
            "link_ids/email_id/subject",
            "pointer_id/subject",
            "pointer_id/record_name",
        ]
        self.hold(
            "export_data",
            WORDS,
            lambda role, level, letter: self.told(
                level, self.ask(role, letter._name, "export_data", letter.ids, names)
            ),
        )

    def test_counting(self):
        self.hold(
            "search_count",
            EVENT,
            lambda role, _level, letter: (
                EVENT if self.ask(role, letter._name, "search_count", [("id", "=", letter.id)]) else ()
            ),
        )
        for role in ROLES:
            rows = self.ask(role, "res.partner", "read", self.company.ids, ["letter_count"])
            expected = sum(bool(shown(level, role)) for level in LEVELS)
            self.assertEqual(rows[0]["letter_count"] if rows else "", str(expected or ""), role)

    def test_calling_methods(self):
        self.hold(
            "get_letter_frame",
            frozenset({"body"}),
            lambda role, level, letter: self.told(level, self.ask(role, letter._name, "get_letter_frame", letter.ids)),
        )
        for role in ROLES:
            for level, letter in self.letters.items():
                for method in ("action_make_private", "action_take_private_back"):
                    before = letter.visibility
                    savepoint = self.env.cr.savepoint()
                    answer = self.ask(role, letter._name, method, letter.ids)
                    self.env.invalidate_all()
                    if role != "owner":
                        self.assertEqual((answer, letter.visibility), (None, before), (role, level, method))
                    self.env.invalidate_all(flush=False)
                    savepoint.close(rollback=True)

    def test_the_level_that_is_told_is_the_one_that_is_shown(self):
        names = {ALL: "everything", HEAD: "subject", EVENT: "event"}
        for role in ROLES:
            for level, letter in self.letters.items():
                answer = self.ask(role, letter._name, "read", letter.ids, ["shown_level"])
                told = answer[0]["shown_level"] if answer else None
                self.assertEqual(told, names.get(shown(level, role)), (role, level))

    def test_templates_and_composers(self):
        for role in ROLES:
            for level, letter in self.letters.items():
                values = {
                    "model": letter._name,
                    "res_ids": str(letter.ids),
                    "composition_mode": "comment",
                    "subject": "{{ object.subject }}",
                    "body": '<t t-out="object.subject"/><t t-out="object.head_ids.email_from"/>',
                }
                savepoint = self.env.cr.savepoint()
                made = self.ask(role, "mail.compose.message", "create", [values])
                answer = made and self.ask(role, "mail.compose.message", "read", made, ["subject", "body"])
                self.env.invalidate_all(flush=False)
                savepoint.close(rollback=True)
                self.assertLessEqual(self.told(level, answer), set(shown(level, role)), (role, level))

    def _listed(self, role, level, letter, method, wanted):
        answer = self.ask(role, letter._name, method, [("id", "=", letter.id)], wanted)
        rows = answer["records"] if isinstance(answer, dict) else answer
        return self.told(level, rows) | ({"happened"} if rows else set())

    def _found(self, role, model, path, part, levels):
        """The levels of those records that are found by the word of their own letter, all asked for at once."""
        domain = [("id", "in", list(levels)), *any_of(path, LEVELS, part)]
        return {levels[found] for found in self.ask(role, model, "search", domain) or []}

    def _finds(self, role, model, ids, domain):
        return bool(self.ask(role, model, "search", [("id", "in", ids), *domain]))

    def _ask_quietly(self, role, model, method, *arguments):
        """The same, where a refusal may also be that there is no such column."""
        try:
            return self.ask(role, model, method, *arguments)
        except (ValueError, KeyError):
            return None

    def _belongings(self, letter):
        letter = letter.sudo()
        return {
            "crm.mail.head": letter.head_ids,
            "crm.mail.participant": letter.participant_ids[:1],
            "crm.mail.content": letter.content_ids,
            "crm.mail.link": letter.link_ids,
            "ir.attachment": letter.content_ids.file_ids,
            "mail.message": letter.pointer_id,
        }
