# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an administrator enters of apps, and who may have a mailbox opened by his grant."""

import json
import os
from base64 import b64encode
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import config

from ..mailsync.endpoints import CLOUDS, GoogleEndpoints
from ..mailsync.errors import AppInvalid
from ..models.crm_mail_app import AppKnownInvalid
from ..operator_settings import google_endpoints, microsoft_endpoints
from .google_case import SEND, GoogleFactory

SECRETS = ("google_client_secret", "google_service_account", "microsoft_client_secret", "microsoft_certificate")
PEM = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nAA==\n"


@tagged("post_install", "-at_install")
class TestAppSettings(GoogleFactory, TransactionCase):
    def settings(self, **values):
        return self.env["res.config.settings"].with_user(self.admin).create(values)

    def test_secrets_are_stored_encrypted_and_never_shown_again(self):
        self.delegate()
        self.save_settings(mail_sync_microsoft_client_secret="canary-secret")
        parameters = self.env["ir.config_parameter"].sudo()
        stored = {name: parameters.get_param(f"crm_mail_sync.{name}") for name in SECRETS}
        apps = self.env["crm.mail.app"]
        for name, secret in (
            ("google_client_secret", self.google.client_secret),
            ("microsoft_client_secret", "canary-secret"),
        ):
            self.assertNotIn(secret, stored[name])
            self.assertEqual(apps._secret__(name), secret)
        self.assertNotIn("PRIVATE KEY", stored["google_service_account"])
        shown = self.settings()
        values = shown.read()[0] | shown.default_get(list(shown._fields))
        for name in SECRETS:
            self.assertFalse(values.get(f"mail_sync_{name}"), name)
        self.assertTrue(shown.mail_sync_google_has_secret)
        self.env.cr.execute("SELECT * FROM res_config_settings")
        self.assertNotIn("canary-secret", str(self.env.cr.fetchall()))

    def test_a_saved_form_keeps_the_secrets(self):
        self.save_settings(mail_sync_scan_all=True)
        self.assertEqual(self.env["crm.mail.app"]._secret__("google_client_secret"), self.google.client_secret)

    def test_the_app_proves_itself_by_secret_or_certificate(self):
        apps = self.env["crm.mail.app"]
        self.save_settings(mail_sync_microsoft_client_secret="secret", mail_sync_microsoft_client_id="id")
        self.save_settings(mail_sync_microsoft_certificate=b64encode(PEM.encode()))
        self.assertFalse(apps._has("microsoft_client_secret"))
        self.assertTrue(apps._is_ready("outlook"))
        self.save_settings(mail_sync_microsoft_client_secret="secret")
        self.assertFalse(apps._has("microsoft_certificate"))

    def test_what_cannot_be_right_is_refused(self):
        for name, content in (
            ("mail_sync_google_service_account", b"{}"),
            ("mail_sync_google_service_account", b"\xff\xfe"),
            ("mail_sync_google_service_account", b"[1]"),
            ("mail_sync_microsoft_certificate", b"-----BEGIN CERTIFICATE-----"),
        ):
            with self.assertRaises(UserError, msg=content):
                self.save_settings(**{name: b64encode(content)})
        for tenant in ("evil/../x", "a b", "x?y", "//evil.example"):
            with self.assertRaises(UserError, msg=tenant):
                self.save_settings(mail_sync_microsoft_tenant=tenant)

    def test_a_key_file_does_not_say_where_google_is(self):
        key = {**self.google.service_account(), "token_uri": "https://evil.example/token"}
        self.save_settings(mail_sync_google_service_account=b64encode(json.dumps(key).encode()))
        stored = json.loads(self.env["crm.mail.app"]._secret__("google_service_account"))
        self.assertNotIn("token_uri", stored)
        self.assertEqual(self.settings().mail_sync_google_service_client_id, key["client_id"])

    def test_check(self):
        good = self.settings().action_check_google()
        self.assertEqual(good["params"]["type"], "success")
        self.google.register_client(self.google.client_id, "another", ["https://else.example"])
        bad = self.settings().action_check_google()
        self.assertEqual(bad["params"]["type"], "danger")
        self.assertIn("secret", bad["params"]["message"])
        self.env["ir.config_parameter"].set_param("crm_mail_sync.google_client_id", False)
        with self.assertRaises(UserError):
            self.settings().action_check_google()

    def test_nobody_moves_google_or_microsoft_by_the_database(self):
        """Parameters of all names that suggest themselves, and the settings' own fields: only the operator's count."""
        names = [*GoogleEndpoints.__dataclass_fields__, "login", "graph"]
        parameters = self.env["ir.config_parameter"].sudo()
        before = google_endpoints(), {cloud: microsoft_endpoints(cloud) for cloud in CLOUDS}
        for name in names:
            for prefix in ("crm_mail_sync.google_", "crm_mail_sync.microsoft_", "crm_mail_sync_google_", ""):
                parameters.set_param(prefix + name, "https://evil.example")
        self.assertEqual((google_endpoints(), {cloud: microsoft_endpoints(cloud) for cloud in CLOUDS}), before)
        ours = [name for name in self.env["res.config.settings"]._fields if name.startswith("mail_sync_")]
        self.assertTrue(ours)
        self.assertFalse(
            [name for name in ours if name.rpartition("_")[2] in ("root", "uri") and "redirect" not in name]
        )

    def test_the_operator_moves_them(self):
        with patch.dict(os.environ, {"CRM_MAIL_SYNC_MICROSOFT_GRAPH": "https://graph.test"}):
            self.assertEqual(microsoft_endpoints("china").graph, "https://graph.test")
            self.assertEqual(microsoft_endpoints("china").login, CLOUDS["china"].login)
        with patch.dict(config.options, {"crm_mail_sync_microsoft_login": "https://login.test"}):
            self.assertEqual(microsoft_endpoints("global").login, "https://login.test")

    def test_not_set_up(self):
        self.env["ir.config_parameter"].set_param("crm_mail_sync.google_client_id", False)
        mailbox = self.new_gmail()
        self.assertFalse(mailbox.is_app_ready)
        with self.assertRaisesRegex(UserError, "administrator has to set up Google"):
            mailbox.action_connect()
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("set up Google", mailbox.test_message)


@tagged("post_install", "-at_install")
class TestGrantForAll(GoogleFactory, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delegate()

    def test_a_mailbox_is_opened_without_its_user(self):
        mailbox = self.new_gmail(maker=self.admin, grant_by="admin")
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)

    def test_only_an_admin_chooses_it(self):
        mailboxes = self.env["crm.mail.mailbox"].with_user(self.anna)
        values = {"address": "else@tulips.example", "provider": "gmail"}
        with self.assertRaises(AccessError):
            mailboxes.create({**values, "grant_by": "admin"})
        with self.assertRaises(AccessError):
            mailboxes.with_context(default_grant_by="admin").create(values)
        with self.assertRaises(AccessError):
            self.new_gmail().write({"grant_by": "admin"})

    def test_a_user_cannot_point_such_a_mailbox_elsewhere(self):
        mailbox = self.new_gmail(maker=self.admin, grant_by="admin").with_user(self.anna)
        for values in ({"address": self.boris.email}, {"provider": "outlook"}, {"grant_by": "user"}):
            with self.assertRaises(AccessError, msg=values):
                mailbox.write(values)
        mailbox.sync_leads = False

    def test_nobody_is_given_another_user_s_mailbox(self):
        """An admin neither: he would read what is Boris's."""
        self.boris.login = "boris.login@tulips.example"
        for address in (self.boris.email, self.boris.login):
            with self.assertRaises(ValidationError, msg=address):
                self.new_gmail(self.admin, address=address, grant_by="admin")

    def test_an_admin_is_no_reader_of_what_becomes_a_user_s_own(self):
        mailbox = self.new_gmail(
            maker=self.admin, grant_by="admin", address="free@tulips.example", reader_ids=[(6, 0, self.admin.ids)]
        )
        with self.assertRaises(AccessError):
            mailbox.write({"address": self.anna.email})

    def refused(self):
        """A mailbox whose scan met a refusal of the app."""
        mailbox = self.new_gmail(maker=self.admin, grant_by="admin")
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        mailbox.sudo()._set_failed(AppInvalid())
        return mailbox

    def settings(self):
        return self.env["res.config.settings"].with_user(self.admin).create({})

    def told(self):
        return self.env["mail.message"].search_count([("subject", "like", "refuses Odoo")])

    def test_trouble_is_shown_and_checked_without_a_client(self):
        for name in ("google_client_id", "google_client_secret"):
            self.env["ir.config_parameter"].set_param(f"crm_mail_sync.{name}", False)
        mailbox = self.refused()
        self.assertTrue(self.settings().mail_sync_google_trouble)
        self.assertFalse(mailbox.action_test_connection())
        self.assertEqual(self.settings().action_check_google()["params"]["type"], "success")
        self.assertFalse(self.settings().mail_sync_google_trouble)
        self.assertEqual(self.stored(mailbox).state, "importing")

    def test_a_check_clears_only_what_it_has_checked(self):
        mailbox = self.refused()
        self.google.faults.add("token", status=503, times=None)
        self.assertEqual(self.settings().action_check_google()["params"]["type"], "danger")
        self.assertTrue(self.settings().mail_sync_google_trouble)
        self.google.faults.clear()
        self.env["crm.mail.app"]._forget_trouble("gmail", ("user",))
        self.assertTrue(self.settings().mail_sync_google_trouble)
        self.assertEqual(self.stored(mailbox).state, "waiting")

    def test_other_settings_leave_trouble_as_it_is(self):
        mailbox = self.refused()
        before = self.told()
        self.save_settings(mail_sync_scan_all=True, mail_sync_microsoft_client_id="id")
        self.assertEqual(self.stored(mailbox).state, "waiting")
        mailbox.sudo()._set_failed(AppInvalid())
        self.assertEqual(self.told(), before)
        self.delegate()
        self.assertEqual(self.stored(mailbox).state, "importing")

    def test_trouble_that_another_process_has_mended(self):
        """The parameters that this one has cached are of before."""
        mailbox = self.refused()
        self.assertTrue(self.env["crm.mail.app"]._has("google_trouble_for_all"))
        before = self.told()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM ir_config_parameter WHERE key = 'crm_mail_sync.google_trouble_for_all'")
        self.env.invalidate_all()
        mailbox.sudo()._set_due()
        mailbox = self.scan(mailbox)
        self.assertEqual(mailbox.state, "up_to_date", mailbox.error_message)
        self.assertEqual(self.told(), before)

    def test_trouble_that_was_mended_before_the_scan_has_ended(self):
        mailbox = self.refused()
        self.env["crm.mail.app"]._forget_trouble("gmail")
        before = self.told()
        mailbox.sudo()._set_failed(AppKnownInvalid())
        self.assertEqual(self.stored(mailbox).state, "importing")
        self.assertFalse(self.settings().mail_sync_google_trouble)
        self.assertEqual(self.told(), before)

    def test_an_address_outside_the_organisation(self):
        mailbox = self.new_gmail(maker=self.admin, address="else@roses.example", grant_by="admin")
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("has no mailbox at Google", mailbox.test_message)

    def test_a_missing_permission(self):
        self.delegate(scopes=[SEND])
        mailbox = self.new_gmail(maker=self.admin, grant_by="admin")
        self.assertFalse(mailbox.action_test_connection())
        self.assertIn("Domain-wide delegation", mailbox.test_message)

    def wizard(self, **values):
        wizard = self.env["crm.mail.mailbox.wizard"].with_user(self.admin).create(values)
        wizard._onchange_domain()
        return wizard

    def test_everybody_at_once(self):
        carla = self.make_user("mailbox_carla")
        existing = self.new_gmail(self.boris)
        wizard = self.wizard(domain="@Tulips.example")
        addresses = wizard.line_ids.mapped("address")
        self.assertIn(self.anna.email, addresses)
        self.assertNotIn(self.boris.email, addresses)
        wizard.action_link()
        states = {line.user_id: line.state for line in wizard.line_ids}
        self.assertEqual(states[self.anna], "linked")
        # Google knows nobody of this name.
        self.assertEqual(states[carla], "failed")
        self.assertTrue(wizard.line_ids.filtered(lambda line: line.user_id == carla).message)
        mailboxes = self.env["crm.mail.mailbox"].search([("user_id", "in", (self.anna | carla).ids)])
        self.assertEqual(mailboxes.user_id, self.anna)
        self.assertEqual(mailboxes.state, "importing")
        self.assertEqual(existing.grant_by, "user")

    def test_an_email_that_its_user_has_changed_to_another_s(self):
        self.boris.login = "boris@tulips.example"
        self.boris.with_user(self.boris).email = "ceo@tulips.example"
        wizard = self.wizard(domain="tulips.example")
        self.assertNotIn("ceo@tulips.example", wizard.line_ids.mapped("address"))

    def test_it_goes_on_where_the_time_was_over(self):
        wizard = self.wizard(domain="tulips.example")
        count = len(wizard.line_ids)
        self.assertGreater(count, 1)
        with patch("odoo.addons.crm_mail_sync.wizards.mailbox_wizard._SECONDS", -1):
            wizard.action_link()
            self.assertEqual(wizard.waiting_count, count - 1)
        wizard.action_link()
        self.assertFalse(wizard.waiting_count)

    def test_without_a_service_account(self):
        self.env["ir.config_parameter"].set_param("crm_mail_sync.google_service_account", False)
        with self.assertRaises(UserError):
            self.wizard(provider="gmail").action_link()
