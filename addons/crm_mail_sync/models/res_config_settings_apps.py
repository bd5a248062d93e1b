# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The apps at Google and Microsoft, as an administrator enters them."""

import base64
import json
import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mailsync.errors import MailboxDisabled, MailSyncError
from ..mailsync.providers.gmail.service_account import SCOPES
from . import oauth_error_texts
from .crm_mail_app import DEFAULT_TENANT, SERVICES

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_TYPED = (
    "mail_sync_google_client_id",
    "mail_sync_google_internal_domain",
    "mail_sync_microsoft_client_id",
    "mail_sync_microsoft_tenant",
)
_GRANTS = ("user", "admin")
CLOUD_LABELS = [
    ("global", "Worldwide"),
    ("us_gov", "US Government (GCC High)"),
    ("us_dod", "US Department of Defense"),
    ("china", "China (21Vianet)"),
]


class ResConfigSettings(models.TransientModel):
    """Secrets are never fields of the table: what is typed is encrypted at once, and never shown again."""

    _inherit = "res.config.settings"

    mail_sync_google_client_id = fields.Char(string="Client ID", config_parameter="crm_mail_sync.google_client_id")
    mail_sync_google_internal_domain = fields.Char(
        string="Only accounts at", config_parameter="crm_mail_sync.google_internal_domain"
    )
    mail_sync_google_client_secret = fields.Char(
        string="Client secret", compute="_compute_secrets", inverse="_inverse_google_client_secret"
    )
    mail_sync_google_service_account = fields.Binary(
        string="Key file of the service account",
        compute="_compute_secrets",
        inverse="_inverse_google_service_account",
    )
    mail_sync_google_has_secret = fields.Boolean(compute="_compute_apps")
    mail_sync_google_secret_hint = fields.Char(compute="_compute_apps")
    mail_sync_google_redirect_uri = fields.Char(string="Redirect address", compute="_compute_apps")
    mail_sync_google_service_client_id = fields.Char(string="Client ID to allow", compute="_compute_apps")
    mail_sync_google_service_scopes = fields.Char(string="Permissions to allow", compute="_compute_apps")
    mail_sync_google_trouble = fields.Boolean(compute="_compute_apps")

    mail_sync_microsoft_client_id = fields.Char(
        string="Application (client) ID", config_parameter="crm_mail_sync.microsoft_client_id"
    )
    mail_sync_microsoft_client_secret = fields.Char(
        string="Client secret value", compute="_compute_secrets", inverse="_inverse_microsoft_client_secret"
    )
    mail_sync_microsoft_certificate = fields.Binary(
        string="Certificate with its key",
        compute="_compute_secrets",
        inverse="_inverse_microsoft_certificate",
        help="A PEM file that holds the private key and the certificate; instead of a secret.",
    )
    mail_sync_microsoft_tenant = fields.Char(
        string="Directory (tenant)",
        config_parameter="crm_mail_sync.microsoft_tenant",
        default=DEFAULT_TENANT,
    )
    mail_sync_microsoft_cloud = fields.Selection(
        CLOUD_LABELS, string="Cloud", config_parameter="crm_mail_sync.microsoft_cloud", default="global"
    )
    mail_sync_microsoft_application = fields.Boolean(
        string="Application permission", config_parameter="crm_mail_sync.microsoft_application"
    )
    mail_sync_microsoft_has_secret = fields.Boolean(compute="_compute_apps")
    mail_sync_microsoft_has_certificate = fields.Boolean(compute="_compute_apps")
    mail_sync_microsoft_secret_hint = fields.Char(compute="_compute_apps")
    mail_sync_microsoft_redirect_uri = fields.Char(string="Redirect address", compute="_compute_apps")
    mail_sync_microsoft_trouble = fields.Boolean(compute="_compute_apps")

    def _compute_secrets(self):
        self.mail_sync_google_client_secret = False
        self.mail_sync_google_service_account = False
        self.mail_sync_microsoft_client_secret = False
        self.mail_sync_microsoft_certificate = False

    @api.depends_context("uid", "lang")
    def _compute_apps(self):
        apps = self.env["crm.mail.app"]
        hint = self.env._("Stored. Type here only to replace it.")
        for settings in self:
            settings.mail_sync_google_has_secret = apps._has("google_client_secret")
            settings.mail_sync_google_secret_hint = hint if settings.mail_sync_google_has_secret else False
            settings.mail_sync_google_redirect_uri = apps._redirect_uri("gmail")
            settings.mail_sync_google_service_client_id = apps._service_account_client_id()
            settings.mail_sync_google_service_scopes = ",".join(SCOPES)
            settings.mail_sync_google_trouble = any(apps._is_in_trouble("gmail", by) for by in _GRANTS)
            settings.mail_sync_microsoft_has_secret = apps._has("microsoft_client_secret")
            settings.mail_sync_microsoft_has_certificate = apps._has("microsoft_certificate")
            settings.mail_sync_microsoft_secret_hint = hint if settings.mail_sync_microsoft_has_secret else False
            settings.mail_sync_microsoft_redirect_uri = apps._redirect_uri("outlook")
            settings.mail_sync_microsoft_trouble = any(apps._is_in_trouble("outlook", by) for by in _GRANTS)

    def _inverse_google_client_secret(self):
        self._store_secret("mail_sync_google_client_secret")

    def _inverse_microsoft_client_secret(self):
        if self._store_secret("mail_sync_microsoft_client_secret"):
            # The app proves itself by one of them.
            self.env["crm.mail.app"]._store("microsoft_certificate", False)

    def _inverse_google_service_account(self):
        for text in self._uploaded("mail_sync_google_service_account"):
            self.env["crm.mail.app"]._store("google_service_account", _service_account_key(self.env, text))
        self._forget_typed("mail_sync_google_service_account")

    def _inverse_microsoft_certificate(self):
        for text in self._uploaded("mail_sync_microsoft_certificate"):
            if "PRIVATE KEY-----" not in text or "BEGIN CERTIFICATE-----" not in text:
                raise UserError(self.env._("The file must hold a private key and its certificate in PEM form."))
            self.env["crm.mail.app"]._store("microsoft_certificate", text)
            self.env["crm.mail.app"]._store("microsoft_client_secret", False)
        self._forget_typed("mail_sync_microsoft_certificate")

    def _store_secret(self, field):
        """Whether one was typed."""
        typed = list(filter(None, self.mapped(field)))
        for secret in typed:
            self.env["crm.mail.app"]._store(field.removeprefix("mail_sync_"), secret.strip())
        self._forget_typed(field)
        return bool(typed)

    def _forget_typed(self, field):
        """What was typed must not be answered to the browser as the field's value."""
        self.invalidate_recordset([field], flush=False)

    def _uploaded(self, field):
        """The texts of the files that were chosen."""
        for content in filter(None, self.mapped(field)):
            try:
                yield base64.b64decode(content).decode()
            except ValueError as error:
                raise UserError(self.env._("This file is not a text file, so it cannot be the right one.")) from error

    def set_values(self):
        self.check_access("write")
        tenant = (self.mail_sync_microsoft_tenant or DEFAULT_TENANT).strip()
        if not _TENANT.fullmatch(tenant):
            raise UserError(
                self.env._("“%(tenant)s” is not a directory (tenant): enter its id or domain.", tenant=tenant)
            )
        for name in _TYPED:
            self[name] = (self[name] or "").strip()
        apps = self.env["crm.mail.app"]
        before = {provider: apps._typed_values(provider) for provider in SERVICES}
        result = super().set_values()
        for provider, values in before.items():
            # Whatever was wrong with them may be right now.
            if apps._typed_values(provider) != values:
                apps._forget_trouble(provider)
        return result

    def action_check_google(self):
        """Ask Google whether the app is good."""
        return self._check_app("gmail")

    def action_check_microsoft(self):
        """Ask Microsoft whether the app is good."""
        return self._check_app("outlook")

    def action_remove_google_service_account(self):
        """No mailbox is opened by the service account any more."""
        self.check_access("write")
        self.env["crm.mail.app"]._store("google_service_account", False)
        return {"type": "ir.actions.client", "tag": "reload"}

    def _check_app(self, provider):
        self.check_access("write")
        apps = self.env["crm.mail.app"]
        checks = apps._checks__(provider, self.env.user._address_to_link() or "")
        if not checks:
            raise UserError(self.env._("Enter the client ID and the secret, and save them, first."))
        problems = []
        for grant_by, check in checks.items():
            try:
                check()
            except MailboxDisabled:
                # It is the administrator who has no mailbox there; the app was not refused.
                apps._forget_trouble(provider, (grant_by,))
            except MailSyncError as error:
                problems.append(oauth_error_texts.explain_app(self.env, error, SERVICES[provider]))
            else:
                apps._forget_trouble(provider, (grant_by,))
        if problems:
            return _notification("danger", "\n".join(problems))
        return _notification(
            "success", self.env._("%(service)s knows this app and its secret.", service=SERVICES[provider])
        )


def _notification(kind, message):
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {"type": kind, "message": message, "sticky": kind != "success"},
    }


def _service_account_key(env, text):
    """What is needed of a service account's key file; Google's addresses in it are not for a file to say."""
    try:
        info = json.loads(text)
        kept = {name: info[name] for name in ("type", "client_email", "client_id", "private_key", "private_key_id")}
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(env._("This is not the JSON key file of a Google service account.")) from error
    return json.dumps(kept)
