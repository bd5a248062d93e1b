# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every model × every record × every role × every way of reading, generated; a new model without a row fails."""

from itertools import product

from odoo.fields import NO_ACCESS
from odoo.tests import tagged

from .access_case import ROLES, AccessCase

# A field that says something of the record; asked for by name where a call wants names.
FIELDS = {
    "crm.mail.mailbox": "address",
    "crm.mail.mailbox.wizard": "domain",
    "crm.mail.mailbox.wizard.line": "address",
    "crm.mail.mailbox.removal": "choice",
    "crm.mail.mailbox.handover": "user_id",
    "crm.mail.rematch": "stage",
    "crm.mail.removal": "with_assigned",
    "crm.mail.folder": "complete_name",
    "crm.mail.run": "error_code",
    "crm.mail.copy": "subject",
    "crm.mail.item": "subject",
    "crm.mail.image.sender": "address",
    "crm.mail.draft": "subject",
    "crm.mail.email": "direction",
    "crm.mail.erased": "header_key",
    "crm.mail.head": "subject",
    "crm.mail.content": "text",
    "crm.mail.participant": "address",
    "crm.mail.link": "reason",
    "crm.mail.domain": "domain",
    "crm.mail.rule": "value",
    "crm.mail.assignment": "learned",
    "crm.mail.assignment.target": "is_source",
    "crm.mail.assign.wizard": "scope",
    "ir.attachment": "name",
    "mail.message": "subject",
}
NO_ACCESS_FIELDS = {
    ("crm.mail.mailbox", "password_encrypted"),
    ("crm.mail.mailbox", "smtp_password_encrypted"),
    ("crm.mail.mailbox", "tokens_encrypted"),
    ("crm.mail.mailbox", "other_grant_encrypted"),
    ("crm.mail.mailbox", "account_subject"),
    ("crm.mail.mailbox", "owner_told_at"),
    ("crm.mail.mailbox", "tested_settings"),
    ("crm.mail.mailbox", "tested_smtp"),
    ("crm.mail.mailbox", "folders_listed"),
    ("crm.mail.mailbox", "lease_owner"),
    ("crm.mail.mailbox", "lease_until"),
    ("crm.mail.mailbox", "pace"),
    ("crm.mail.folder", "cursor"),
    ("crm.mail.folder", "check_place"),
    ("crm.mail.email", "identity"),
    ("crm.mail.rematch", "found"),
    ("crm.mail.email", "mailbox_visibility"),
    ("crm.mail.email", "odoo_message_id"),
    ("crm.mail.content", "fingerprint"),
}


def addon_models(registry):
    """The models that this addon brings: what it only extends is somebody else's to protect."""
    return {
        name for name, model in registry.items() if model._original_module == "crm_mail_sync" and not model._abstract
    }


# What not even readers may do, for it wants to write.
NEVER = {
    (model, method)
    for model in FIELDS
    if not model.startswith("crm.mail.mailbox")
    and model not in ("crm.mail.folder", "crm.mail.rule", "crm.mail.domain", "crm.mail.assign.wizard")
    for method in ("web_save", "onchange")
}


# Ways of reading one record: (method, arguments after the ids).
def _by_id(model):
    field = FIELDS[model]
    ways = {
        "read": ([field],),
        "web_read": ({field: {}},),
        "export_data": ([field],),
        "web_save": ({}, {field: {}}),
        "onchange": ({}, [], {field: {}}),
        "has_access": ("read",),
    }
    if model == "mail.message":
        # Odoo lets admins export any message, and nobody else: see test_exported_messages_say_nothing.
        del ways["export_data"]
    return ways


# Ways of finding records among others: all arguments.
def _by_domain(field, domain):
    return {
        "search": (domain,),
        "search_count": (domain,),
        "search_read": (domain, [field]),
        "web_search_read": (domain, {field: {}}),
        "formatted_read_group": (domain, [], ["__count"]),
        "formatted_read_grouping_sets": (domain, [[]], ["__count"]),
        "web_read_group": (domain, [field], ["__count"]),
        "name_search": ("", domain, "ilike", None),
        "web_name_search": ("", {"display_name": {}}, domain, "ilike", None),
    }


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessCase):
    def test_every_model_has_a_row(self):
        rows = set(self.rows) - {"ir.attachment", "mail.message"}
        self.assertEqual(addon_models(self.registry), rows, "a model without a row in the access matrix")
        self.assertEqual(set(self.rows), set(FIELDS))

    def test_reading_by_id(self):
        wrong, checks = [], 0
        for model, records in self.rows.items():
            for (record_id, readers), role in product(records.items(), ROLES):
                for method, arguments in _by_id(model).items():
                    reached = self.ask(role, model, method, [record_id], *arguments) not in (None, False, [])
                    expected = role in readers and (model, method) not in NEVER
                    if method in ("web_save", "onchange"):
                        expected = expected and role in self.writers.get((model, record_id), readers)
                    checks += 1
                    if reached != expected:
                        wrong.append((model, method, role, record_id, "leaks" if reached else "is not reached"))
        self._assert_right(wrong, checks, at_least=4000)

    def test_finding_by_domain(self):
        wrong, checks = [], 0
        for (model, records), role in product(self.rows.items(), ROLES):
            expected = {record_id for record_id, readers in records.items() if role in readers}
            for method, arguments in _by_domain(FIELDS[model], [("id", "in", list(records))]).items():
                found = _found(self.ask(role, model, method, *arguments))
                checks += len(records)
                if found != (len(expected) if isinstance(found, int) else expected):
                    wrong.append((model, method, role, found, expected))
        self._assert_right(wrong, checks, at_least=5000)

    def _assert_right(self, wrong, checks, at_least):
        """What is reached is what the rows promise: nothing more, and nothing less."""
        self.assertFalse(wrong, f"{len(wrong)} of {checks} are wrong")
        self.assertGreaterEqual(checks, at_least)
        # Without it, a way that never works would hold everything.
        # Digests of erased messages are nobody's.
        read = [records for model, records in self.rows.items() if model != "crm.mail.erased"]
        self.assertTrue(all(any(records.values()) for records in read), "no positive control")


@tagged("post_install", "-at_install")
class TestFieldAccess(AccessCase):
    def test_fields_of_nobody_are_the_known_ones(self):
        found = {
            (name, field.name)
            for name in addon_models(self.registry)
            for field in self.env[name]._fields.values()
            if field.groups == NO_ACCESS
        }
        self.assertEqual(found, NO_ACCESS_FIELDS)

    def test_fields_of_nobody_are_nobodys(self):
        told = [
            (model, field, role, way)
            for model, field in sorted(NO_ACCESS_FIELDS)
            for role in ROLES
            for record_id in self.rows[model]
            for way in self._ways_that_tell(role, model, field, record_id)
        ]
        self.assertEqual(told, [])

    def test_fields_of_nobody_are_in_no_list_of_fields(self):
        for model, field in NO_ACCESS_FIELDS:
            for role in ROLES:
                self.assertNotIn(field, self.ask(role, model, "fields_get") or {})
                self.assertNotIn(field, self.ask(role, model, "default_get", [field]) or {})

    def _ways_that_tell(self, role, model, field, record_id):
        by_id = {
            "read": ([field],),
            "web_read": ({field: {}},),
            "export_data": ([field],),
            "onchange": ({}, [], {field: {}}),
        }
        for method, arguments in by_id.items():
            if _tells(self.ask(role, model, method, [record_id], *arguments), field):
                yield method
        domain = [("id", "=", record_id)]
        by_domain = {
            "search": ([(field, "!=", False)],),
            "search ordered": (domain, 0, None, field),
            "search_count": ([(field, "ilike", "a")],),
            "formatted_read_group by": (domain, [field], ["__count"]),
            "formatted_read_group of": (domain, [], [f"{field}:max"]),
        }
        for way, arguments in by_domain.items():
            if self.ask(role, model, way.split()[0], *arguments) is not None:
                yield way


def _found(answer):
    """The ids that an answer names, or their number if it names none."""
    if isinstance(answer, int):
        return answer
    if isinstance(answer, dict):
        answer = answer["groups"] if "groups" in answer else answer["records"]
    rows = answer or []
    if rows and isinstance(rows[0], list):
        rows = rows[0]
    if rows and isinstance(rows[0], dict) and "__count" in rows[0]:
        return sum(row["__count"] for row in rows)
    return {_id_of(row) for row in rows}


def _id_of(row):
    if isinstance(row, dict):
        return row["id"]
    return row[0] if isinstance(row, tuple) else row


def _tells(result, field):
    """Whether an answer holds a value of the field."""
    if isinstance(result, dict):
        return any((key == field and value) or _tells(value, field) for key, value in result.items())
    if isinstance(result, (list, tuple)):
        return any(_tells(value, field) for value in result)
    return bool(result)
