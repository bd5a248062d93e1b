# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The apps that an administrator has registered at Google and Microsoft: ids, secrets, what is wrong with them."""

import json
from functools import partial

from odoo import api, models

from .. import secret_box
from ..mailsync.errors import AppInvalid
from ..mailsync.providers.gmail.service_account import ServiceAccount
from ..mailsync.providers.gmail.signin import GoogleApp, GoogleSignIn
from ..mailsync.providers.graph.application import MicrosoftApplication
from ..mailsync.providers.graph.signin import MicrosoftApp, MicrosoftSignIn
from ..operator_settings import google_endpoints, microsoft_endpoints
from . import notices

SERVICES = {"gmail": "Google", "outlook": "Microsoft"}
# Work and school accounts of any organisation.
DEFAULT_TENANT = "organizations"
_PREFIX = "crm_mail_sync."
_SECRETS = ("google_client_secret", "google_service_account", "microsoft_client_secret", "microsoft_certificate")
_TYPED = {
    "gmail": ("google_client_id", "google_internal_domain"),
    "outlook": ("microsoft_client_id", "microsoft_tenant", "microsoft_cloud", "microsoft_application"),
}


def _trouble(provider, grant_by):
    """The setting that says that the provider refuses what users, or an administrator for all, grant to the app."""
    name = f"{SERVICES[provider].lower()}_trouble"
    return name if grant_by == "user" else f"{name}_for_all"


class AppKnownInvalid(AppInvalid):
    """The provider has refused the app before, so it was not asked; to people and in the table the same."""


class CrmMailApp(models.AbstractModel):
    """Reads what the settings hold. What is made of it needs no database and is only called outside a transaction."""

    _name = "crm.mail.app"
    _description = "Apps registered at mail providers"

    @api.model
    def _value(self, name):
        return self.env["ir.config_parameter"].sudo().get_param(_PREFIX + name) or ""

    @api.model
    def _has(self, name):
        return bool(self._value(name))

    @api.model
    def _secret__(self, name):
        """The secret in clear, "" if there is none; raises AppInvalid if the key has changed."""
        stored = self._value(name)
        try:
            return secret_box.decrypt(stored) if stored else ""
        except secret_box.SecretUnreadable as error:
            raise AppInvalid() from error

    @api.model
    def _store(self, name, value):
        """Keep a setting; secrets encrypted. What was wrong may be right with another secret."""
        if value and name in _SECRETS:
            value = secret_box.encrypt(value)
        self.env["ir.config_parameter"].sudo().set_param(_PREFIX + name, value)
        if name in _SECRETS:
            self._forget_trouble("gmail" if name.startswith("google_") else "outlook")

    @api.model
    def _typed_values(self, provider):
        """What is kept of the app beside its secrets."""
        return [self._value(name) for name in _TYPED[provider]]

    @api.model
    def _is_ready(self, provider):
        """Whether users can sign in at this provider."""
        if provider == "gmail":
            return self._has("google_client_id") and self._has("google_client_secret")
        secret = self._has("microsoft_client_secret") or self._has("microsoft_certificate")
        return self._has("microsoft_client_id") and secret

    @api.model
    def _is_ready_for_all(self, provider):
        """Whether an administrator's grant covers everybody's mailbox."""
        if provider == "gmail":
            return self._has("google_service_account")
        return provider == "outlook" and self._is_ready(provider) and self._value("microsoft_application") == "True"

    @api.model
    def _redirect_uri(self, provider):
        """Where the provider sends the browser back to; the app has to be registered with it."""
        return f"{self.get_base_url()}/crm_mail_sync/oauth/{SERVICES[provider].lower()}"

    @api.model
    def _sign_in__(self, provider, shared=False, acting=False):
        """What makes a :class:`~mailsync.oauth.SignIn` when called; raises AppInvalid.

        :param acting: the owner lets the mailbox be changed.
        """
        if provider == "gmail":
            return partial(GoogleSignIn, self._google_app__(), acting=acting)
        return partial(MicrosoftSignIn, self._microsoft_app__(), shared=shared, acting=acting)

    @api.model
    def _source_for_all__(self, provider, address, acting=False):
        """What makes the source of tokens that an administrator's grant gives for this mailbox; raises AppInvalid.

        :param acting: for changes too. Microsoft's tokens permit whatever the administrator has consented to.
        """
        if not self._is_ready_for_all(provider):
            raise AppInvalid()
        if provider == "gmail":
            info = json.loads(self._secret__("google_service_account"))
            return partial(ServiceAccount, info, address, google_endpoints(), acting=acting)
        return partial(MicrosoftApplication, self._microsoft_app__())

    @api.model
    def _google_app__(self):
        return GoogleApp(
            self._value("google_client_id"),
            self._secret__("google_client_secret"),
            google_endpoints(),
            self._value("google_internal_domain"),
        )

    @api.model
    def _microsoft_app__(self):
        secret, certificate = self._secret__("microsoft_client_secret"), self._secret__("microsoft_certificate")
        return MicrosoftApp(
            client_id=self._value("microsoft_client_id"),
            client_secret=secret,
            certificate=certificate,
            tenant=self._value("microsoft_tenant") or DEFAULT_TENANT,
            endpoints=self._microsoft_endpoints(),
        )

    @api.model
    def _microsoft_endpoints(self):
        return microsoft_endpoints(self._value("microsoft_cloud") or "global")

    @api.model
    def _check_usable(self, provider, grant_by):
        """Raise AppKnownInvalid while the provider is known to refuse the app, so that it is not asked in vain."""
        if self._is_in_trouble(provider, grant_by):
            raise AppKnownInvalid()

    @api.model
    def _is_in_trouble(self, provider, grant_by):
        """Not by the cache: another process may have found it out, or mended it, while a job goes on in this one."""
        name = _PREFIX + _trouble(provider, grant_by)
        return bool(self.env["ir.config_parameter"].sudo().search_count([("key", "=", name)]))

    @api.model
    def _note_trouble(self, provider, grant_by, error):
        """The provider refuses the app. The administrators are told, once until it works again."""
        # Of several workers that find it out one is to tell. The others' inserts collide, and when they try again it
        # is there.
        if self._is_in_trouble(provider, grant_by):
            return
        self._store(_trouble(provider, grant_by), error.code)
        notices.tell(
            self._admins(),
            lambda env: env._("%(service)s refuses Odoo's app", service=SERVICES[provider]),
            lambda env: env._(
                "%(service)s refuses the app that is registered for this Odoo, so mailboxes there are not scanned. "
                "Set it right under Settings → Email settings and press Check: the scans then go on by themselves.",
                service=SERVICES[provider],
            ),
            "/odoo/action-crm_mail_sync.res_config_settings_action",
        )

    @api.model
    def _admins(self):
        return self.env.ref("base.group_system").sudo().all_user_ids.filtered(lambda user: not user.share)

    @api.model
    def _forget_trouble(self, provider, grants=("user", "admin")):
        """The app was set right, or at least changed: the mailboxes that waited for it are tried again."""
        for grant_by in grants:
            self._store(_trouble(provider, grant_by), False)
        mailboxes = self.env["crm.mail.mailbox"].sudo()
        mailboxes.search(
            [
                ("provider", "=", provider),
                ("grant_by", "in", grants),
                ("error_code", "=", AppInvalid.code),
                ("state", "=", "waiting"),
            ]
        )._set_due()

    @api.model
    def _checks__(self, provider, address):
        """What asks the provider about the app, by the kind of grant, as far as it is set up.

        :param address: the mailbox to ask for access to, where the app itself has it.
        """
        checks = {}
        if self._is_ready(provider):
            checks["user"] = lambda: self._sign_in__(provider)().check(self._redirect_uri(provider))
        if self._is_ready_for_all(provider):
            checks["admin"] = lambda: self._source_for_all__(provider, address)().renewed(None)
        return checks

    @api.model
    def _service_account_client_id(self):
        """The id that Google's Admin console asks for; "" without a readable key file."""
        try:
            text = self._secret__("google_service_account")
        except AppInvalid:
            return ""
        return json.loads(text)["client_id"] if text else ""
