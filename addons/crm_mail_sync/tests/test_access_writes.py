# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What may be changed, and every method that the addon opens to calls from outside."""

import inspect
from itertools import product

from odoo.models import BaseModel
from odoo.tests import tagged

from .access_case import ROLES, AccessCase

# A harmless change of each model.
CHANGES = {
    "crm.mail.mailbox": {"sync_leads": False},
    "crm.mail.mailbox.wizard": {"domain": "x.example"},
    "crm.mail.mailbox.wizard.line": {"address": "x@x.example"},
    "crm.mail.mailbox.removal": {"with_assigned": True},
    "crm.mail.mailbox.handover": {"colleague_id": False},
    "crm.mail.rematch": {"stage": "fetching"},
    "crm.mail.removal": {"with_assigned": False},
    "crm.mail.folder": {"selected": False},
    "crm.mail.run": {"seen": 7},
    "crm.mail.copy": {"subject": "x"},
    "crm.mail.item": {"subject": "x"},
    "crm.mail.image.sender": {"address": "x@x.example"},
    "crm.mail.draft": {"subject": "x"},
    "crm.mail.email": {"visibility": "everything"},
    "crm.mail.head": {"subject": "x"},
    "crm.mail.content": {"html": "<p>x</p>"},
    "crm.mail.participant": {"address": "x@x.example"},
    "crm.mail.link": {"is_undone": True},
    "crm.mail.domain": {"domain": "x.test"},
    "crm.mail.rule": {"reach": "anybody"},
    "crm.mail.erased": {"header_key": "x"},
    "crm.mail.assignment": {"is_undone": True},
    "crm.mail.assignment.target": {"is_source": True},
    "crm.mail.assign.wizard": {"scope": "letter"},
    "ir.attachment": {"name": "x"},
    "mail.message": {"body": "x"},
}
# Only these are anybody's to change: their readers'.
WIZARDS = {
    "crm.mail.mailbox.wizard",
    "crm.mail.mailbox.wizard.line",
    "crm.mail.mailbox.removal",
    "crm.mail.mailbox.handover",
    "crm.mail.assign.wizard",
}
DECIDING = {"crm.mail.domain", "crm.mail.rule"}
WRITTEN = {"crm.mail.mailbox", "crm.mail.folder"} | WIZARDS | DECIDING
DELETED = {"crm.mail.mailbox"} | WIZARDS | DECIDING

# Methods that a client may call. A new one has to be thought about here.
OPEN = {
    "crm.mail.mailbox": {
        "action_check_completeness",
        "action_allow_acting",
        "action_connect",
        "action_disconnect",
        "action_forget_account",
        "action_make_main",
        "action_open",
        "action_refresh_folders",
        "action_retry_failed",
        "action_scan_now",
        "action_submit",
        "action_take_account",
        "action_test_connection",
        "action_where_is_my_letter",
    },
    "crm.mail.trace": {"ask_server", "file_found", "file_now", "filing", "find", "pick", "trail"},
    "crm.mail.draft": {
        "begin",
        "discard",
        "left",
        "recipients",
        "remove_file",
        "save",
        "send_later",
        "send_now",
        "templates",
        "undo_send",
        "use_template",
    },
    "crm.mail.app.email": {
        "act",
        "always_images",
        "archive_items",
        "archived_items",
        "set_private",
        "body",
        "conversation",
        "conversations",
        "folders",
        "open",
        "sender",
        "snippets",
        "watch",
    },
    "crm.mail.email": {
        "action_assign",
        "action_create_contact",
        "action_create_lead",
        "action_download",
        "action_exclude_sender",
        "action_make_private",
        "action_move",
        "action_take_private_back",
        "action_unassign",
        "get_letter_frame",
    },
    "crm.mail.assignment": {"action_undo"},
    "crm.mail.assign.wizard": {"action_apply"},
    "crm.mail.copy": {"action_file", "action_retry"},
    "crm.mail.target.mixin": {"action_download_letters", "action_open_letters"},
    "crm.mail.mailbox.wizard": {"action_link"},
    "crm.mail.mailbox.removal": {"action_remove"},
    "crm.mail.mailbox.handover": {"action_hand_over"},
    "res.config.settings": {
        "action_check_google",
        "action_check_microsoft",
        "action_remove_google_service_account",
        "set_values",
    },
    "res.users": {"action_new_mailbox"},
}


def open_methods(model):
    """Names of the public methods that this addon adds to a model."""
    ours = [cls for cls in type(model).__mro__ if cls.__module__.startswith("odoo.addons.crm_mail_sync.")]
    return {
        name
        for cls in ours
        for name, value in vars(cls).items()
        if inspect.isfunction(value) and not name.startswith("_") and not hasattr(BaseModel, name)
    }


@tagged("post_install", "-at_install")
class TestAccessWrites(AccessCase):
    def test_changes(self):
        wrong = [
            (model, role, record_id)
            for model, record_id, writers, role in self._all()
            if self._did(role, model, "write", [record_id], CHANGES[model]) != (model in WRITTEN and role in writers)
        ]
        self.assertEqual(wrong, [])

    def test_deletions(self):
        wrong = [
            (model, role, record_id)
            for model, record_id, writers, role in self._all()
            if self._did(role, model, "unlink", [record_id]) != (model in DELETED and role in writers)
        ]
        self.assertEqual(wrong, [])

    def test_nothing_is_made_or_copied_but_mailboxes(self):
        for model, role in product([name for name in self.rows if name.startswith("crm.")], ROLES):
            if model == "crm.mail.mailbox":
                made = self._did(role, model, "create", [{"address": "new@ours.example"}])
                self.assertEqual(made, role not in ("portal", "public"), role)
            elif model in DECIDING:
                self._make_and_copy(model, role)
            elif model in WIZARDS:
                record_id, readers = next(iter(self.rows[model].items()))
                self.assertEqual(self._did(role, model, "copy", [record_id]), role in readers, (model, role))
            else:
                record_id = next(iter(self.rows[model]))
                values = self.env[model].browse(record_id).copy_data()
                self.assertFalse(self._did(role, model, "create", values), (model, role))
                self.assertFalse(self._did(role, model, "copy", [record_id]), (model, role))

    def _make_and_copy(self, model, role):
        """Who may change one may make one like it, for himself or for the company."""
        for record_id in self.rows[model]:
            values = {**self.env[model].browse(record_id).copy_data()[0], "domain": "made.test"}
            values = {name: value for name, value in values.items() if name in self.env[model]._fields}
            made = self._did(role, model, "create", [values])
            self.assertEqual(made, role in self.writers[model, record_id], (model, role, record_id))

    def _all(self):
        for model, records in self.rows.items():
            for (record_id, readers), role in product(records.items(), ROLES):
                yield model, record_id, self.writers.get((model, record_id), readers), role

    def _did(self, role, model, method, *args):
        return self.attempt(role, model, method, *args) is not None


@tagged("post_install", "-at_install")
class TestOpenMethods(AccessCase):
    def test_every_open_method_is_known(self):
        found = {name: open_methods(self.env[name]) for name in self.registry}
        inherited = OPEN["crm.mail.target.mixin"]
        known = {**OPEN, **dict.fromkeys(self.env["crm.mail.link"]._target_columns(), inherited)}
        self.assertEqual({name: methods for name, methods in found.items() if methods}, known)

    def test_methods_of_mailboxes_are_for_owner_and_admin(self):
        for role, (owner, mailbox) in product(ROLES, self.mailboxes.items()):
            if role in (owner, "admin"):
                continue
            before = self._state(mailbox)
            for method in OPEN["crm.mail.mailbox"] - {"action_open"}:
                self.assertIsNone(self.ask(role, "crm.mail.mailbox", method, mailbox.ids), (role, method))
            self.assertIsNone(self.ask(role, "crm.mail.mailbox", "action_open", mailbox.ids), role)
            self.assertEqual(self._state(mailbox), before)

    def test_methods_of_apps_are_for_admins(self):
        wizard_id = next(iter(self.rows["crm.mail.mailbox.wizard"]))
        for role in set(ROLES) - {"admin"}:
            for method in OPEN["res.config.settings"]:
                self.assertIsNone(self.attempt(role, "res.config.settings", method, []), (role, method))
            self.assertIsNone(self.attempt(role, "crm.mail.mailbox.wizard", "action_link", [wizard_id]), role)

    def test_methods_of_letters_are_for_their_readers(self):
        for role, (name, letter) in product(ROLES, self.letters.items()):
            frame = self.ask(role, "crm.mail.email", "get_letter_frame", letter.ids)
            self.assertEqual(frame is not None, role in self.readers[name], (role, name))
            form = self.ask(role, "crm.mail.email", "action_exclude_sender", letter.ids)
            self.assertEqual(form is not None, role in self.readers[name], (role, name))

    def test_the_list_of_a_target_shows_what_is_readable(self):
        for role in ROLES:
            action = self.ask(role, "res.partner", "action_open_letters", self.company.ids)
            if action:
                found = self.ask(role, "crm.mail.email", "search", action["domain"]) or []
                linked = {n for n, e in self.letters.items() if self.company in e.link_ids.partner_id}
                expected = {self.letters[n].id for n in linked if role in self.readers[n]}
                self.assertEqual(set(found), expected, role)

    def test_nobody_learns_of_anothers_mailboxes_by_making_one(self):
        for role in ROLES:
            action = self.ask(role, "res.users", "action_new_mailbox", self.users["owner"].ids)
            self.assertNotIn("imap.owner.example", str(action))

    def test_private_methods_are_closed(self):
        for role, (model, method) in product(
            ROLES,
            (
                ("crm.mail.mailbox", "_connect__"),
                ("crm.mail.mailbox", "_tokens__"),
                ("crm.mail.mailbox", "_store_grant__"),
                ("crm.mail.mailbox", "_other_grant__"),
                ("crm.mail.app", "_secret__"),
                ("crm.mail.app", "_store"),
                ("crm.mail.mailbox", "_set_due"),
                ("crm.mail.mailbox", "_cron_scan"),
                ("crm.mail.mailbox", "_settings_digest__"),
                ("crm.mail.email", "_chatter_values"),
                ("crm.mail.domain", "_refresh"),
                ("res.partner", "_refresh_mail_domains"),
                ("crm.mail.email", "_assign"),
                ("crm.mail.assignment", "_undo"),
                ("crm.mail.content", "init"),
                ("crm.mail.link", "init"),
                ("crm.mail.rematch", "_search_for"),
                ("crm.mail.rematch", "_cron_rematch"),
                ("crm.mail.removal", "_plan"),
                ("crm.mail.removal", "_cron_remove"),
                ("crm.mail.mailbox", "_give_to"),
                ("res.partner", "_letter_keys"),
                ("res.config.settings", "_mail_sync_allowed_hosts"),
            ),
        ):
            self.assertIsNone(self.ask(role, model, method, []), (role, model, method))

    def _state(self, mailbox):
        self.env.invalidate_all()
        return mailbox.read(["state", "is_main", "next_run", "test_message", "scan_active", "write_date"])
