# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import HttpCase, JsonRpcException, TransactionCase, tagged
from odoo.tools import mute_logger

from .. import secret_box
from .mailbox_case import PASSWORD, MailboxFactory

SCAN_FIELDS = {
    "state": "up_to_date",
    "next_run": "2026-01-01 00:00:00",
    "last_scan": "2026-01-01 00:00:00",
    "lease_owner": "me",
    "lease_until": "2036-01-01 00:00:00",
    "tested_settings": "x",
    "password_encrypted": "x",
    "smtp_password_encrypted": "x",
    "tested_smtp": "x",
    "is_acting_refused": True,
    "is_sending_refused": True,
    "progress_done": 5,
    "failed_count": 5,
    "failures": 5,
    "error_message": "x",
    "test_message": "x",
}
SECRETS = (
    "password_encrypted",
    "smtp_password_encrypted",
    "tested_settings",
    "tested_smtp",
    "lease_owner",
    "lease_until",
)


@tagged("post_install", "-at_install")
class TestAccess(MailboxFactory, TransactionCase):
    """Who sees and touches which mailbox, by whatever way a client may call."""

    def setUp(self):
        super().setUp()
        (self.anna | self.boris).group_ids += self.env.ref("base.group_allow_export")
        self.annas = self.connected_mailbox(self.anna)
        self.boriss = self.connected_mailbox(self.boris)
        self.run_log = self.env["crm.mail.run"].create({"mailbox_id": self.annas.id, "started": "2026-03-02 09:00:00"})
        # What one user has read must not be found by the next in the cache.
        self.env.invalidate_all()

    def assert_refused(self, *calls):
        for number, call in enumerate(calls):
            with self.subTest(number), self.assertRaises(AccessError), self.cr.savepoint():
                call()

    def test_own_records_only(self):
        for model, annas in (
            ("crm.mail.mailbox", self.annas),
            ("crm.mail.folder", self.annas.folder_ids),
            ("crm.mail.run", self.run_log),
        ):
            with self.subTest(model):
                self.assertGreaterEqual(self.env[model].with_user(self.anna).search([]), annas.with_user(self.anna))
                self.assertFalse(self.env[model].with_user(self.boris).search([]) & annas.with_user(self.boris))
                with self.assertRaises(AccessError):
                    annas.with_user(self.boris).read(["display_name"])
                with self.assertRaises(AccessError):
                    annas.with_user(self.boris).web_read({"display_name": {}})
                with self.assertRaises(AccessError):
                    annas.with_user(self.boris).export_data(["display_name"])

    def test_nothing_of_others_is_changed(self):
        theirs = self.annas.with_user(self.boris)
        self.assert_refused(
            lambda: theirs.write({"sync_leads": False}),
            lambda: theirs.web_save({"sync_leads": False}, {}),
            lambda: theirs.unlink(),
            lambda: theirs.copy({"address": "x@tulips.example"}),
            theirs.action_test_connection,
            theirs.action_submit,
            theirs.action_scan_now,
            theirs.action_retry_failed,
            theirs.action_refresh_folders,
            theirs.action_make_main,
            lambda: theirs.folder_ids.write({"selected": True}),
        )
        self.assertTrue(self.annas.exists())
        self.assertEqual(self.annas.user_id, self.anna)

    def test_a_user_makes_mailboxes_for_oneself_only(self):
        Mailbox = self.env["crm.mail.mailbox"].with_user(self.boris)
        values = {"user_id": self.anna.id, "address": "planted@tulips.example"}
        for call in (
            lambda: Mailbox.create(values),
            lambda: Mailbox.create([{"address": "own@tulips.example"}, values]),
            lambda: Mailbox.with_context(default_user_id=self.anna.id).create({"address": values["address"]}),
            lambda: Mailbox.with_context(default_user_id=self.anna.id).name_create(values["address"]),
            lambda: Mailbox.web_save(values, {}),
            lambda: Mailbox.load(["address", "user_id/.id"], [[values["address"], str(self.anna.id)]]),
            lambda: self.boriss.with_user(self.boris).copy(values),
            lambda: self.boriss.with_user(self.boris).write({"user_id": self.anna.id}),
        ):
            try:
                with self.cr.savepoint(), mute_logger("odoo.sql_db"):
                    call()
            except (AccessError, UserError):
                pass
            planted = self.env["crm.mail.mailbox"].search([("user_id", "=", self.anna.id)])
            self.assertEqual(planted, self.annas.with_env(self.env))

    def test_a_draft_cannot_be_pushed_to_another_user(self):
        draft = self.new_mailbox(self.boris, address="draft@tulips.example")
        with self.assertRaises(AccessError):
            draft.write({"user_id": self.anna.id})

    def test_whether_others_have_an_address_is_not_told(self):
        with self.assertRaises(AccessError):
            self.env["crm.mail.mailbox"].with_user(self.boris).create(
                {"user_id": self.anna.id, "address": self.annas.address}
            )

    def test_the_scan_s_fields_cannot_be_set(self):
        for user in (self.anna, self.admin):
            Mailbox = self.env["crm.mail.mailbox"].with_user(user)
            for name, value in SCAN_FIELDS.items():
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        self.annas.with_user(user).write({name: value})
                    with self.assertRaises(AccessError):
                        Mailbox.create({"address": f"{name}@tulips.example", name: value})
                    made = Mailbox.with_context(**{f"default_{name}": value}).create(
                        {"address": f"{name}@tulips.example"}
                    )
                    fresh = self.env["crm.mail.mailbox"].new({})
                    self.assertEqual(made.sudo()[name], fresh[name] or False)
                    self.assertEqual(made.state, "draft")

    def test_folders_and_runs_cannot_be_made_or_changed(self):
        for user in (self.anna, self.admin):
            with self.subTest(user.login):
                self._assert_scan_records_are_protected_from(user)

    def _assert_scan_records_are_protected_from(self, user):
        mailbox, run_log = self.annas.with_user(user), self.run_log.with_user(user)
        folder = mailbox.folder_ids[0]
        self.assert_refused(
            lambda: folder.write({"cursor": "x"}),
            lambda: folder.write({"remote_id": "x"}),
            lambda: folder.write({"mailbox_id": self.boriss.id, "selected": True}),
            lambda: folder.unlink(),
            lambda: folder.copy({"remote_id": "y"}),
            lambda: run_log.write({"seen": 1}),
            lambda: run_log.unlink(),
            lambda: mailbox.write({"run_ids": [(5, 0, 0)]}),
        )

    def test_nobody_reads_a_secret(self):
        for user in (self.anna, self.admin):
            mailbox = self.annas.with_user(user)
            for name in SECRETS:
                with self.subTest(user=user.login, field=name):
                    self.assertNotIn(name, mailbox.fields_get())
                    with self.assertRaises(AccessError):
                        mailbox.read([name])
                    with self.assertRaises(AccessError):
                        mailbox.search([(name, "!=", False)])
                    with self.assertRaises(AccessError):
                        mailbox.formatted_read_group([], [name], ["__count"])
                    with self.assertRaises(AccessError):
                        mailbox.export_data([name])
            self.assertEqual(mailbox.read(["password", "has_password"])[0]["password"], False)
            self.assertTrue(mailbox.has_password)

    def test_a_typed_password_is_not_answered(self):
        answer = self.annas.with_user(self.anna).web_save({"password": "rose-13"}, {"password": {}, "has_password": {}})
        self.assertEqual(answer[0]["password"], False)
        self.assertTrue(answer[0]["has_password"])
        encrypted = self.annas.sudo().password_encrypted
        self.assertNotIn("rose-13", encrypted)
        self.assertEqual(secret_box.decrypt(encrypted), "rose-13")

    def test_a_password_goes_nowhere_else_than_it_was_given_for(self):
        for name, value in {
            "host": "evil.example",
            "port": 143,
            "security": "none",
            "address": "boss@tulips.example",
            "username": "boss",
        }.items():
            for extra in ({}, {"password": False}, {"password": ""}):
                with self.subTest(field=name, extra=extra):
                    mailbox = self.new_mailbox(address=f"{name}{len(extra)}@tulips.example", username="x")
                    mailbox.with_user(self.admin).write({name: value, **extra})
                    self.assertFalse(mailbox.has_password)
                    mailbox.unlink()

    def test_an_admin_cannot_take_over_a_password(self):
        draft = self.new_mailbox(self.boris, address="draft@tulips.example")
        draft.with_user(self.admin).write({"user_id": self.admin.id})
        self.assertFalse(draft.sudo().has_password)

    def test_writing_the_same_settings_keeps_the_password(self):
        mailbox = self.annas
        mailbox.write({"host": mailbox.host, "port": mailbox.port, "username": "", "address": "ANNA@tulips.example"})
        self.assertTrue(mailbox.has_password)
        self.assertTrue(mailbox.is_tested)

    def test_an_admin_sets_up_mailboxes_for_others_and_reads_no_copies(self):
        mailbox = (
            self.env["crm.mail.mailbox"]
            .with_user(self.admin)
            .create(
                {
                    "user_id": self.boris.id,
                    "address": "second@tulips.example",
                    "username": self.boris.email,
                    "host": "localhost",
                    "port": self.dovecot.imaps_port,
                    "password": PASSWORD,
                }
            )
        )
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        self.assertEqual(mailbox.user_id, self.boris)
        copy = self.env["crm.mail.copy"].create(
            {"mailbox_id": mailbox.id, "folder_id": mailbox.folder_ids[0].id, "remote_id": "1", "state": "kept"}
        )
        self.assertFalse(self.env["crm.mail.copy"].with_user(self.admin).search([]))
        self.assertTrue(copy.with_user(self.boris).read(["remote_id"]))
        with self.assertRaises(AccessError):
            copy.with_user(self.admin).read(["remote_id"])

    def test_outsiders_have_nothing(self):
        portal = self.make_user("mailbox_portal", internal="base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            for model in ("crm.mail.mailbox", "crm.mail.folder", "crm.mail.run", "crm.mail.copy"):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env["crm.mail.mailbox"].with_user(user).create({"address": "portal@tulips.example"})

    def test_the_preferences_show_one_s_own(self):
        own = self.boris.with_user(self.boris)
        self.assertEqual(own.read(["mailbox_ids"])[0]["mailbox_ids"], self.boriss.ids)
        self.assertFalse(self.anna.with_user(self.boris).sudo(False).mailbox_ids)

    def test_a_neutralised_copy_of_the_database_signs_in_nowhere(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["crm_mail_sync"]):
            self.cr.execute(query)
        self.env.invalidate_all()
        mailboxes = (self.annas | self.boriss).sudo()
        self.assertEqual(set(mailboxes.mapped("state")), {"paused"})
        self.assertFalse(any(mailboxes.mapped("next_run")) or any(mailboxes.mapped("password_encrypted")))

    @mute_logger("odoo.sql_db")
    def test_one_mailbox_an_address(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.new_mailbox(self.anna)


@tagged("post_install", "-at_install")
class TestAccessByRpc(MailboxFactory, HttpCase):
    """Commands of x2many fields run as the user of the request only if there is a real request."""

    def setUp(self):
        super().setUp()
        self.annas = self.connected_mailbox(self.anna)
        self.boriss = self.connected_mailbox(self.boris)

    def call(self, user, model, method, *args, **kwargs):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw", {"model": model, "method": method, "args": args, "kwargs": kwargs}
        )

    def assert_refused(self, user, *call, **kwargs):
        with self.subTest(call[1:]), mute_logger("odoo.http", "odoo.sql_db"):
            with self.assertRaises(JsonRpcException) as caught:
                self.call(user, *call, **kwargs)
            self.assertEqual(str(caught.exception), "odoo.exceptions.AccessError")

    def test_no_way_through_a_user_s_form(self):
        planted = {"user_id": self.anna.id, "address": "planted@tulips.example"}
        for command in (
            [0, 0, planted],
            [1, self.annas.id, {"host": "evil.example"}],
            [2, self.annas.id, 0],
            [3, self.annas.id, 0],
            [4, self.annas.id, 0],
            [6, 0, [self.annas.id]],
        ):
            for method, args in (
                ("write", ([self.boris.id], {"mailbox_ids": [command]})),
                ("web_save", ([self.boris.id], {"mailbox_ids": [command]}, {})),
            ):
                self.assert_refused(self.boris, "res.users", method, *args)
        self.assert_untouched()

    def test_no_way_through_an_own_mailbox(self):
        theirs = self.annas.folder_ids[0]
        picked = theirs.selected
        own = self.boriss.folder_ids[0]
        for user in (self.boris, self.admin):
            for command in (
                [0, 0, {"remote_id": "z", "name": "z", "complete_name": "z"}],
                [1, own.id, {"cursor": "x"}],
                [2, own.id, 0],
                [3, own.id, 0],
                [5, 0, 0],
                [6, 0, []],
            ):
                self.assert_refused(user, "crm.mail.mailbox", "write", [self.boriss.id], {"folder_ids": [command]})
        for command in ([1, theirs.id, {"selected": not picked}], [4, theirs.id, 0], [2, theirs.id, 0]):
            self.assert_refused(self.boris, "crm.mail.mailbox", "write", [self.boriss.id], {"folder_ids": [command]})
        self.assert_untouched()
        self.assertEqual(theirs.selected, picked)

    def test_a_real_pick_goes_through(self):
        folder = self.folder(self.annas, "Archiv / Проекты")
        values = {"folder_ids": [[1, folder.id, {"selected": True}]]}
        self.call(self.anna, "crm.mail.mailbox", "write", [self.annas.id], values)
        folder.invalidate_recordset()
        self.assertTrue(folder.selected)

    def test_methods_with_credentials_are_no_rpc(self):
        for method in (
            "_connect__",
            "_connector__",
            "_connector_imap__",
            "_connector_gmail__",
            "_actor_connector__",
            "_imap_settings__",
            "_smtp_settings__",
            "_test_sending",
            "_tokens__",
            "_set_due",
            "_cron_scan",
        ):
            self.assert_refused(self.anna, "crm.mail.mailbox", method, [self.annas.id])

    def test_an_onchange_answers_no_secret(self):
        specification = {"password": {}, "has_password": {}, "is_tested": {}, "host": {}}
        changes = ({"password": "rose-13"}, ["password"])
        answer = self.call(self.anna, "crm.mail.mailbox", "onchange", [self.annas.id], *changes, specification)
        self.assertFalse(answer["value"].get("is_tested", True), "Submit hides as soon as a password is typed")
        self.assert_refused(
            self.anna, "crm.mail.mailbox", "onchange", [self.annas.id], {}, [], {"password_encrypted": {}}
        )

    def assert_untouched(self):
        self.env.invalidate_all()
        self.assertEqual(self.annas.user_id, self.anna)
        self.assertEqual(self.annas.host, "localhost")
        mailboxes = self.env["crm.mail.mailbox"].search([("user_id", "in", (self.anna.id, self.boris.id))])
        self.assertEqual(set(mailboxes.ids), {self.annas.id, self.boriss.id})
