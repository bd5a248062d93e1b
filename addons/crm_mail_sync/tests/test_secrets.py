# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A password goes into the database encrypted, to the server it is for, and nowhere else."""

import logging
import multiprocessing
import os
import stat
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import AccessError, UserError
from odoo.service.model import Params, call_kw
from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import config, mute_logger

from .. import secret_box
from ..log_filter import hidden
from ..scan.runner import Runner
from .mailbox_case import PASSWORD, MailboxFactory
from .trace_search import TraceSearch

CANARY = "canary-7f3a-kingfisher"
LONG_AGO = "2020-01-01 00:00:00"


def _key():
    return Fernet.generate_key().decode()


class KeyFactory:
    """Mixin: where the key comes from is set anew for each test."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.addCleanup(config.__setitem__, "data_dir", config["data_dir"])
        config["data_dir"] = folder.name
        self._set_environment(None)

    def _set_environment(self, keys):
        environment = patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)
        os.environ.pop("CRM_MAIL_SYNC_KEY", None)
        if keys:
            os.environ["CRM_MAIL_SYNC_KEY"] = keys

    @property
    def key_file(self):
        return self.folder / "crm_mail_sync.key"


@tagged("post_install", "-at_install")
class TestKeys(KeyFactory, BaseCase):
    def test_a_secret_is_encrypted_differently_each_time(self):
        first, second = secret_box.encrypt(CANARY), secret_box.encrypt(CANARY)
        self.assertNotEqual(first, second)
        self.assertNotIn(CANARY, first)
        self.assertEqual({secret_box.decrypt(first), secret_box.decrypt(second)}, {CANARY})

    def test_the_key_file_is_its_owners_only_and_stays(self):
        token = secret_box.encrypt(CANARY)
        self.assertEqual(stat.S_IMODE(self.key_file.stat().st_mode), 0o600)
        content = self.key_file.read_text()
        secret_box.encrypt(CANARY)
        self.assertEqual(self.key_file.read_text(), content)
        self.assertEqual(list(self.folder.iterdir()), [self.key_file])
        self.assertEqual(secret_box.decrypt(token), CANARY)

    def test_of_many_first_users_all_have_the_same_key(self):
        """Processes and threads alike."""
        context = multiprocessing.get_context("fork")
        start, tokens = context.Barrier(6), context.Queue()

        def first_use():
            start.wait()
            tokens.put(secret_box.encrypt(CANARY))

        runners = [context.Process(target=first_use) for _ in range(3)]
        runners += [threading.Thread(target=first_use) for _ in range(3)]
        for runner in runners:
            runner.start()
        found = [tokens.get(timeout=30) for _ in runners]
        for runner in runners:
            runner.join()
        self.assertEqual({secret_box.decrypt(token) for token in found}, {CANARY})
        self.assertEqual(list(self.folder.iterdir()), [self.key_file])

    def test_environment_before_configuration_before_file(self):
        with_file = secret_box.encrypt(CANARY)
        in_configuration, in_environment = _key(), _key()
        self.addCleanup(config.options.pop, "crm_mail_sync_key")
        config["crm_mail_sync_key"] = in_configuration
        token = secret_box.encrypt(CANARY)
        self.assertEqual(Fernet(in_configuration).decrypt(token.encode()).decode(), CANARY)
        self._set_environment(in_environment)
        token = secret_box.encrypt(CANARY)
        self.assertEqual(Fernet(in_environment).decrypt(token.encode()).decode(), CANARY)
        with self.assertRaises(secret_box.SecretUnreadable):
            secret_box.decrypt(with_file)

    def test_rotation(self):
        old, new = _key(), _key()
        self._set_environment(old)
        before = secret_box.encrypt(CANARY)
        self._set_environment(f"{new}, {old}")
        self.assertEqual(secret_box.decrypt(before), CANARY)
        after = secret_box.encrypt(CANARY)
        self._set_environment(new)
        self.assertEqual(secret_box.decrypt(after), CANARY)
        with self.assertRaises(secret_box.SecretUnreadable):
            secret_box.decrypt(before)

    def test_damaged_texts_and_keys_have_one_clear_error(self):
        token = secret_box.encrypt(CANARY)
        for damaged in ("", None, "x", token[:-5], token[:20] + "AAAA" + token[24:]):
            with self.assertRaises(secret_box.SecretUnreadable):
                secret_box.decrypt(damaged)
        self._set_environment("no-key-at-all")
        with self.assertRaises(secret_box.SecretUnreadable) as unreadable:
            secret_box.decrypt(token)
        with self.assertRaises(UserError) as unusable:
            secret_box.encrypt(CANARY)
        for raised in (unreadable, unusable):
            self.assertNotIn("no-key-at-all", repr(raised.exception))
            self.assertNotIn(CANARY, repr(raised.exception))


@tagged("post_install", "-at_install")
class TestAnotherKey(KeyFactory, MailboxFactory, TransactionCase):
    def test_the_worker_asks_for_the_password_and_goes_on(self):
        self._set_environment(_key())
        mailboxes = self.connected_mailbox(self.anna) | self.connected_mailbox(self.boris)
        self._set_environment(_key())
        # The database's clock stands still in a test.
        mailboxes.sudo().next_run = LONG_AGO
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            Runner(self.env(cr=cr)).work()
        for mailbox in mailboxes.sudo():
            self.assertEqual((mailbox.state, mailbox.error_code), ("sign_in", "secret_unreadable"))
            self.assertIn("Enter it again", mailbox.error_message)
            self.assertFalse(mailbox.next_run)
        mailbox = mailboxes[0]
        mailbox.password = PASSWORD
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        self.assertEqual(mailbox.state, "importing")


@tagged("post_install", "-at_install")
class TestCanary(TraceSearch, MailboxFactory, TransactionCase):
    """The password is typed in every way there is; then it is looked for everywhere."""

    def rpc(self, method, *args, model="crm.mail.mailbox", user=None, **kwargs):
        self.env.invalidate_all()
        records = self.env(user=(user or self.anna).id)[model]
        try:
            return call_kw(records, method, list(args), kwargs)
        except UserError as error:
            return repr(error)

    def test_a_password_leaves_no_trace(self):
        answers = self._type_it_everywhere()
        self.assertNotIn(CANARY, str(answers))
        log = self.log()
        for expected in ("call crm.mail.mailbox", "query: ", "wrong_credentials"):
            self.assertIn(expected, log, "the log that is searched is the whole log")
        self.assertNotIn(CANARY, log)
        self.assertEqual(self.tables_with(CANARY), [])
        self.assertIn("res_users", self.tables_with(self.anna.login), "the search finds what is there")

    def _type_it_everywhere(self):
        place = {"address": self.anna.email, "host": "localhost", "port": self.dovecot.imaps_port}
        mailbox_id = self.rpc("create", {**place, "password": CANARY})
        ids = [mailbox_id]
        answers = [
            self.rpc("web_save", ids, {"password": CANARY}, {"password": {}, "has_password": {}}),
            self.rpc("write", ids, {"password": CANARY}),
            self.rpc(
                "onchange", ids, {"password": CANARY, "host": "localhost"}, ["host"], {"host": {}, "is_tested": {}}
            ),
            self.rpc("onchange", [], {**place, "password": CANARY}, ["address"], {"address": {}, "host": {}}),
            self.rpc("load", ["address", "password"], [["third@tulips.example", CANARY]]),
            self.rpc(
                "write", self.anna.ids, {"mailbox_ids": [(1, mailbox_id, {"password": CANARY})]}, model="res.users"
            ),
            self.rpc("action_test_connection", ids),
            self.rpc("action_submit", ids),
            self.rpc("action_refresh_folders", ids),
            self._scan(mailbox_id),
        ]
        for user in (self.anna, self.admin):
            names = list(self.rpc("fields_get", user=user))
            readable = [name for name in names if name != "password"]
            answers += [
                self.rpc("read", ids, names, user=user),
                self.rpc("export_data", ids, readable, user=user),
                self.rpc("copy", ids, {"address": f"copy-{user.id}@tulips.example"}, user=user),
                self.rpc("default_get", names, user=user),
                self.rpc("search_read", [], ["error_code", "error_message"], model="crm.mail.run", user=user),
                repr(self.env["crm.mail.mailbox"].with_user(user).browse(ids)),
            ]
        return answers

    def _scan(self, mailbox_id):
        """A scan with the wrong password, as a worker does it."""
        mailbox = self.env["crm.mail.mailbox"].browse(mailbox_id)
        mailbox._set_connected()
        mailbox.next_run = LONG_AGO
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            Runner(self.env(cr=cr)).work()
        self.assertEqual(mailbox.state, "sign_in")
        return [mailbox.error_message, mailbox.server_text, mailbox.run_ids.mapped("error_message")]

    def test_a_copy_has_no_password(self):
        mailbox = self.new_mailbox(password=CANARY)
        copied = mailbox.copy({"address": "copy@tulips.example"})
        self.assertFalse(copied.sudo().password_encrypted)
        self.assertFalse(copied.has_password or copied.sudo().tested_settings)

    def test_others_do_not_set_it(self):
        mailbox = self.new_mailbox(password=PASSWORD)
        before = mailbox.sudo().password_encrypted
        with self.assertRaises(AccessError):
            mailbox.with_user(self.boris).write({"password": CANARY})
        self.assertEqual(mailbox.sudo().password_encrypted, before)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.orm.models")
    def test_allowed_hosts_are_the_administrators(self):
        with self.assertRaises(AccessError):
            self.env["ir.config_parameter"].with_user(self.anna).set_param("crm_mail_sync.allowed_hosts", "10.0.0.0/8")
        with self.assertRaises(AccessError):
            self.env["ir.config_parameter"].with_user(self.anna).get_param("crm_mail_sync.allowed_hosts")
        settings = self.env["res.config.settings"].with_user(self.anna)
        with self.assertRaises(AccessError):
            settings.create({"mail_sync_allowed_hosts": "10.0.0.0/8"}).execute()


@tagged("post_install", "-at_install")
class TestHiding(BaseCase):
    def test_only_passwords_are_hidden(self):
        self.assertEqual(
            hidden([[1, {"password": CANARY, "host": "h"}], {"mailbox_ids": [(1, 2, {"password": CANARY})]}]),
            [[1, {"password": "***", "host": "h"}], {"mailbox_ids": [(1, 2, {"password": "***"})]}],
        )
        self.assertEqual(hidden([["address", "mailbox_ids/password"], [["a", CANARY]]]), ["***", "***"])
        self.assertEqual(hidden([["address", "host"], [["a", "h"]]]), [["address", "host"], [["a", "h"]]])

    def test_what_is_called_is_not_changed(self):
        arguments = [{"password": CANARY}]
        call = Params(arguments, {"context": {"password": CANARY}})
        with self.assertLogs("odoo.service.model", logging.DEBUG) as logs:
            logging.getLogger("odoo.service.model").debug("call %s(%s)", "write", call)
        self.assertNotIn(CANARY, logs.output[0])
        self.assertEqual((call.args, call.kwargs), ([{"password": CANARY}], {"context": {"password": CANARY}}))
