# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The ways around: letters found through customers, leads and users, messages and files met on side roads."""

from itertools import product

from odoo.tests import tagged

from .access_case import ROLES, AccessCase, word_of

# What a letter says, seen from a letter.
_SAYS = (
    "subject",
    "email_from",
    "recipients",
    "head_ids.subject",
    "head_ids.email_from",
    "text_search",
    "subject_search",
    "person_search",
    "content_ids.text",
    "content_ids.html",
    "content_ids.file_ids.name",
    "content_ids.file_ids.index_content",
    "participant_ids.address",
)


@tagged("post_install", "-at_install")
class TestOracles(AccessCase):
    """A search that finds nothing for a wrong word and something for the right one tells what it may not show."""

    def test_letters_by_what_they_say(self):
        self._hold("crm.mail.email", _SAYS, lambda name: self.letters[name].ids, self.readers.get)

    def test_customers_by_what_their_letters_say(self):
        self._through("res.partner", "partner_id", self.company.ids)

    def test_leads_by_what_their_letters_say(self):
        self._through("crm.lead", "lead_id", [lead.id for lead in self.leads.values()])

    def test_owners_by_what_their_letters_say(self):
        paths = [path for path in self._paths_to_letters("res.users") if "link" not in path]
        self.assertEqual(paths, [], "users lead to no letters")

    def test_files_by_what_they_say_and_messages_say_nothing(self):
        files = {name: letter.content_ids.file_ids.ids for name, letter in self.letters.items()}
        self._hold("ir.attachment", ("name", "index_content"), files.get, self.readers.get)
        self._hold("mail.message", ("subject", "email_from", "body"), lambda name: [], self.readers.get)

    def test_mailboxes_through_users(self):
        for role, (owner, mailbox) in product(ROLES, self.mailboxes.items()):
            for path, word in (
                ("mailbox_ids.address", mailbox.address),
                ("mailbox_ids.host", mailbox.host),
                ("mailbox_ids.folder_ids.complete_name", f"Inbox {owner}"),
            ):
                found = self.ask(role, "res.users", "search", [(path, "=", word)])
                self.assertEqual(found or [], mailbox.user_id.ids if role in (owner, "admin") else [], (role, path))
            self.assertIsNone(self.ask(role, "res.users", "search", [("mailbox_ids.password_encrypted", "!=", False)]))
            self.assertIsNone(self.ask(role, "res.users", "search", [("mailbox_ids.folder_ids.cursor", "ilike", "a")]))

    def test_fields_of_nobody_through_others(self):
        for role in ROLES:
            for model, path in (
                ("crm.mail.email", "content_ids.fingerprint"),
                ("crm.mail.content", "email_id.identity"),
                ("crm.mail.link", "email_id.identity"),
                ("crm.mail.copy", "mailbox_id.password_encrypted"),
                ("res.partner", "mail_link_ids.email_id.identity"),
                ("crm.lead", "mail_link_ids.email_id.content_ids.fingerprint"),
            ):
                self.assertIsNone(self.ask(role, model, "search", [(path, "ilike", "a")]), (role, model, path))

    def _paths_to_letters(self, model):
        return [name for name, field in self.env[model]._fields.items() if field.comodel_name == "crm.mail.email"]

    def _through(self, model, column, roots):
        """Targets by what their letters say; expected is who may read letter, link and target."""
        linked = {
            n: e for n, e in self.letters.items() if e.link_ids[column].ids and e.link_ids[column].ids[0] in roots
        }
        self.assertTrue(linked)
        link_rows = self.rows["crm.mail.link"]
        readers = {name: self.readers[name] & link_rows[letter.link_ids.id] for name, letter in linked.items()}
        self._hold(
            model,
            [f"mail_link_ids.email_id.{path}" for path in _SAYS],
            lambda name: linked[name].link_ids[column].ids,
            readers.get,
            names=linked,
        )

    def _hold(self, model, paths, ids_of, readers_of, names=None):
        wrong, checks = [], 0
        for role, path in product(ROLES, paths):
            # What finds nothing by any of several words is one search.
            hidden = [name for name in names or self.letters if role not in readers_of(name)]
            shown = [name for name in names or self.letters if name not in hidden]
            for asked, expected in [(hidden, []), *(([name], ids_of(name)) for name in shown)]:
                domain = [*["|"] * (len(asked) - 1), *((path, "ilike", word_of(name)) for name in asked)]
                found = self.ask(role, model, "search", domain, context={"active_test": False}) if asked else None
                checks += len(asked)
                if (found or []) != expected:
                    wrong.append((asked, role, path, found, expected))
        self.assertEqual(checks, len(ROLES) * len(paths) * len(names or self.letters))
        self.assertFalse(wrong, f"{len(wrong)} of {checks} are wrong")


@tagged("post_install", "-at_install")
class TestNestedReading(AccessCase):
    def test_deep_specifications_stop_at_what_may_be_read(self):
        letter = {
            "subject": {},
            "content_ids": {"fields": {"text": {}}},
            "participant_ids": {"fields": {"address": {}}},
        }
        link = {"fields": {"email_id": {"fields": letter}}}
        for model, record_ids in (("res.partner", self.company.ids), ("crm.lead", [x.id for x in self.leads.values()])):
            for role, record_id in product(ROLES, record_ids):
                answer = str(self.ask(role, model, "web_read", [record_id], {"mail_link_ids": link}))
                for name, email in self.letters.items():
                    links = [link for link in email.link_ids if self._target(link) == (model, record_id)]
                    expected = any(role in self.rows["crm.mail.link"][link.id] for link in links)
                    self.assertEqual(word_of(name) in answer, expected, (model, role, name))

    def _target(self, link):
        target = link.partner_id or link.lead_id
        return target._name, target.id

    def test_reading_all_fields_of_ones_own_records_works(self):
        """What the addon adds must not stop those who may not read it from reading all the rest."""
        for role in ROLES[:-1]:
            user = self.users[role]
            added = {"mail_link_ids", "letter_count"} & set(self.rpc(role, "res.partner", "fields_get"))
            self.assertTrue(self.rpc(role, "res.partner", "read", user.partner_id.ids, ["name", *added]), role)
            self.assertTrue(self.rpc(role, "res.users", "read", user.ids, ["login", "mailbox_ids"]), role)

    def test_users_show_their_mailboxes_to_nobody_else(self):
        for role, (owner, mailbox) in product(ROLES, self.mailboxes.items()):
            rows = self.ask(role, "res.users", "read", mailbox.user_id.ids, ["mailbox_ids"])
            expected = mailbox.ids if role in (owner, "admin") else []
            self.assertEqual(rows[0]["mailbox_ids"] if rows else [], expected, role)

    def test_counts_hold_only_what_is_readable(self):
        for role in ROLES:
            rows = self.ask(role, "res.partner", "read", self.company.ids, ["letter_count"])
            links = self.env["crm.mail.link"].search([("partner_id", "=", self.company.id), ("is_undone", "=", False)])
            expected = sum(role in self.rows["crm.mail.link"][link.id] for link in links)
            self.assertEqual(rows[0]["letter_count"] if rows else "", str(expected or ""), role)


@tagged("post_install", "-at_install")
class TestWaysIn(AccessCase):
    """Records of others that a user may make, tied to a letter in the hope to be shown it."""

    def test_no_message_ties_itself_to_a_letter(self):
        for role, name in product(ROLES, self.letters):
            letter = self.letters[name]
            values = {"model": "crm.mail.email", "res_id": letter.id, "body": "x"}
            self._assert_silent(role, name, "mail.message", [{"body": "x"}], values, ["record_name", "subject"])

    def test_no_notification_opens_a_pointer(self):
        for role, name in product(ROLES, self.letters):
            partner = self.users[role].partner_id
            pointer = self.letters[name].pointer_id
            savepoint = self.env.cr.savepoint()
            values = {"mail_message_id": pointer.id, "res_partner_id": partner.id, "notification_type": "inbox"}
            self.ask(role, "mail.notification", "create", [values])
            answer = self.ask(role, "mail.message", "read", pointer.ids, ["subject", "email_from", "record_name"])
            self._assert_told(role, name, answer)
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def test_exported_messages_say_nothing(self):
        names = ["subject", "body", "email_from", "record_name", "display_name", "preview", "reply_to", "res_id"]
        for role, (name, letter) in product(ROLES, self.letters.items()):
            answer = self.ask(role, "mail.message", "export_data", letter.pointer_id.ids, names)
            self._assert_told(role, name, answer)

    def test_no_admin_takes_over_what_was_listed(self):
        """A mailbox whose server was changed is a draft again; its copies are still its user's."""
        mailbox = self.mailboxes["owner"]
        self.assertTrue(self.rpc("admin", "crm.mail.mailbox", "write", mailbox.ids, {"host": "imap.other.example"}))
        taken = self.ask("admin", "crm.mail.mailbox", "write", mailbox.ids, {"user_id": self.users["admin"].id})
        self.assertIsNone(taken)
        self.assertEqual(mailbox.user_id, self.users["owner"])
        self.assertFalse(self.rpc("admin", "crm.mail.copy", "search", []))

    def test_no_admin_shows_private_letters(self):
        mailbox = self.mailboxes["owner"]
        mailbox.visibility = "private"
        change = {"visibility": "everything"}
        self.assertIsNone(self.ask("admin", "crm.mail.mailbox", "write", mailbox.ids, change))
        self.assertEqual(mailbox.visibility, "private")
        self.assertTrue(self.ask("admin", "crm.mail.mailbox", "write", mailbox.ids, {"sync_leads": False}))
        self.assertTrue(self.ask("owner", "crm.mail.mailbox", "write", mailbox.ids, change))

    def test_no_activity_tells_a_subject(self):
        model_id = self.env["ir.model"]._get_id("crm.mail.email")
        for role, name in product(ROLES, self.letters):
            tie = {"res_model_id": model_id, "res_model": "crm.mail.email", "res_id": self.letters[name].id}
            self._assert_silent(role, name, "mail.activity", [{"user_id": self.users[role].id}], tie, ["res_name"])

    def test_no_file_ties_itself_to_a_letter(self):
        for role, name in product(ROLES, self.letters):
            tie = {"res_model": "crm.mail.email", "res_id": self.letters[name].id}
            self._assert_silent(role, name, "ir.attachment", [{"name": "x", "raw": "eA=="}], tie, ["res_name"])
            tie = {"res_model": "crm.mail.content", "res_id": self.letters[name].content_ids.id}
            self._assert_silent(role, name, "ir.attachment", [{"name": "x", "raw": "eA=="}], tie, ["res_name"])

    def test_no_message_borrows_a_letters_file(self):
        """Whoever may read a message may download its files."""
        for role, name in product(ROLES, self.letters):
            file = self.letters[name].content_ids.file_ids
            partner = self.users[role].partner_id
            savepoint = self.env.cr.savepoint()
            self.ask(role, "res.partner", "message_post", partner.ids, body="x", attachment_ids=file.ids)
            answer = self.ask(role, "ir.attachment", "read", file.ids, ["name", "index_content"])
            self._assert_told(role, name, answer)
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)

    def test_no_token_is_given_for_a_letters_file(self):
        for role, name in product(ROLES, self.letters):
            file = self.letters[name].content_ids.file_ids
            self.assertIsNone(self.attempt(role, "ir.attachment", "generate_access_token", file.ids), (role, name))
            self.assertIsNone(self.attempt(role, "ir.attachment", "write", file.ids, {"public": True}), (role, name))

    def test_no_template_or_composer_tells_what_a_letter_says(self):
        for role, name in product(ROLES, self.letters):
            values = {"model": "crm.mail.email", "res_ids": str(self.letters[name].ids), "composition_mode": "comment"}
            self._assert_silent(role, name, "mail.compose.message", [values], {}, ["subject", "body"])

    def _assert_silent(self, role, name, model, args, tie, field_names):
        """Neither made with the tie nor tied later does the record tell of a letter that the role may not read."""
        savepoint = self.env.cr.savepoint()
        for values, later in (({**args[0], **tie}, {}), (args[0], tie)):
            record_id = self.ask(role, model, "create", [values])
            if record_id and later:
                self.ask(role, model, "write", record_id, later)
            answer = record_id and self.ask(role, model, "read", record_id, field_names)
            self._assert_told(role, name, answer)
        self.env.invalidate_all(flush=False)
        savepoint.close(rollback=True)

    def _assert_told(self, role, name, answer):
        if role not in self.readers[name]:
            self.assertNotIn(word_of(name), str(answer), (role, name))
