# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a mailbox is reached: settings, secrets, the test that must pass before Submit."""

import hashlib
import hmac
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import secret_box
from ..mailsync import known_servers
from ..mailsync.errors import MailSyncError
from ..mailsync.providers.imap import ImapSettings, connect
from . import error_texts


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    username = fields.Char(
        string="Email (username)",
        help="Only if the name to log in with differs from the email address.",
    )
    host = fields.Char(
        string="Server",
        help="The IMAP server, for example imap.company.com. Left empty, the usual name is tried.",
    )
    host_hint = fields.Char(compute="_compute_host_hint")
    port = fields.Integer(default=993)
    security = fields.Selection(
        [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None (only on this machine)")],
        string="Encryption",
        required=True,
        default="ssl",
    )
    password = fields.Char(
        compute="_compute_password",
        inverse="_inverse_password",
        help="Stored encrypted and never shown again.",
    )
    password_encrypted = fields.Char(groups=fields.NO_ACCESS, copy=False)
    has_password = fields.Boolean(compute="_compute_has_password", compute_sudo=True)
    password_hint = fields.Char(compute="_compute_password_hint")
    server_advice = fields.Char(compute="_compute_server_advice")
    # Fingerprint of the settings that passed the last test; any change makes it differ.
    tested_settings = fields.Char(groups=fields.NO_ACCESS, copy=False)
    is_tested = fields.Boolean(compute="_compute_is_tested", compute_sudo=True)
    test_message = fields.Char(readonly=True, copy=False)

    # A stored password, or a grant, is only good for the place it was given for: whoever points the mailbox elsewhere
    # must know it, or an admin could have it sent to a server, or used for an account, of his own.
    _PASSWORD_BOUND = frozenset({"user_id", "provider", "grant_by", "address", "username", "host", "port", "security"})
    _SERVER = frozenset({"host", "port", "security"})
    # With one of these the mailbox is another account, as far as anybody can tell.
    _ACCOUNT = frozenset({"provider", "address", "username", "host"})
    # Seconds that a server may stay silent.
    _IMAP_TIMEOUT = 30.0
    _DEFAULT_PORTS = {"ssl": 993, "starttls": 143, "none": 143}

    def write(self, vals):
        self._clean_address(vals)
        moved = self.filtered(lambda m: m._connection_moves(vals))
        if moved:
            moved.sudo()._drop_grant()
            moved.sudo().write({"account_subject": False})
        if moved and not vals.get("password"):
            moved.sudo().write({"password_encrypted": False})
        result = super().write(vals)
        if self._ACCOUNT & set(vals):
            moved._forget_places()
        # Whatever is typed anew has to pass the test again, and is not scanned before.
        if connected := moved.sudo().filtered(lambda m: m.state != "draft"):
            connected._set_disconnected()
        return result

    def _forget_places(self):
        """Ids and bookmarks of one account say nothing of another, and a scan of the old one has to end.

        What was listed is met again by its header if it is the same account after all.
        """
        self.env.flush_all()
        for query in (
            "UPDATE crm_mail_copy SET is_stale = TRUE, remote_id = 'stale.' || id WHERE mailbox_id = ANY(%s)",
            "UPDATE crm_mail_folder SET cursor = NULL, remaining = 0, resets = 0 WHERE mailbox_id = ANY(%s)",
        ):
            self.env.cr.execute(SQL(query, self.ids))
        self._end_scan()

    def _end_scan(self):
        """A scan that is going on writes nothing more: it finds its lease gone."""
        self.env.flush_all()
        query = "UPDATE crm_mail_mailbox SET lease_owner = NULL, lease_until = NULL WHERE id = ANY(%s)"
        self.env.cr.execute(SQL(query, self.ids))
        self.env.invalidate_all(flush=False)

    def _connection_moves(self, vals):
        """Whether the values lead to another account than before."""
        changed = self._PASSWORD_BOUND & set(vals)
        return bool(changed) and self._place({}) != self._place({name: vals[name] for name in changed})

    def _place(self, vals):
        """Which account is meant, with these values."""
        now = {name: self[name] for name in self._PASSWORD_BOUND} | {"user_id": self.user_id.id}
        place = {name: value or False for name, value in (now | vals).items()}
        if place["provider"] != "imap":
            return {name: place[name] for name in place.keys() - self._SERVER}
        # An empty host stands for the usual name of the address's server: writing it out moves nothing.
        return place | {"host": place["host"] or known_servers.suggest(place["address"] or "")}

    @api.onchange("address")
    def _onchange_address(self):
        """Follow the address with the server, unless somebody typed another one."""
        self.test_message = False
        before = known_servers.suggest(self._origin.address or "")
        if self.host and self.host != before and not known_servers.is_suggested(self.host):
            return
        known = known_servers.find(self.address or "")
        offered = known_servers.provider_of(self.address or "")
        if not self._origin and self.provider == "imap" and offered and self.env["crm.mail.app"]._is_ready(offered):
            # Easier, and most often the only way.
            self.provider = offered
        self.host = known.host if known else False
        if known:
            self.security = "ssl"
            self.port = self._DEFAULT_PORTS["ssl"]

    @api.onchange("security")
    def _onchange_security(self):
        if not self.port or self.port in self._DEFAULT_PORTS.values():
            self.port = self._DEFAULT_PORTS.get(self.security)

    @api.depends("address")
    def _compute_host_hint(self):
        for mailbox in self:
            mailbox.host_hint = known_servers.suggest(mailbox.address or "") or "imap.company.com"

    @api.depends("has_password")
    def _compute_password_hint(self):
        for mailbox in self:
            mailbox.password_hint = (
                self.env._("Stored. Type here only to replace it.") if mailbox.has_password else False
            )

    @api.depends("host", "address", "provider")
    def _compute_server_advice(self):
        texts = {
            "app_password": self.env._(
                "This provider wants an app password instead of the account's own. "
                "Make one in the security settings of the account."
            ),
            "no_password": self.env._(
                "Microsoft no longer takes passwords over IMAP for accounts at Outlook.com and Microsoft 365."
            ),
        }
        for mailbox in self:
            advice = known_servers.advice_for(mailbox._server_host())
            better = known_servers.provider_of(mailbox.address or "")
            if mailbox.provider != "imap":
                mailbox.server_advice = False
            elif better and self.env["crm.mail.app"]._is_ready(better):
                mailbox.server_advice = self.env._(
                    "Choose %(provider)s instead of IMAP: you sign in there, and no password is needed here.",
                    provider=dict(self._fields["provider"]._description_selection(self.env))[better],
                )
            else:
                mailbox.server_advice = texts.get(advice, False)

    def _server_host(self):
        """The server to connect to: the one entered, else the usual name for the address."""
        return self.host or known_servers.suggest(self.address or "")

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for mailbox in self:
            if mailbox.password:
                mailbox.sudo().password_encrypted = secret_box.encrypt(mailbox.password)
        # What was typed must not be answered to the browser as the field's value.
        self.invalidate_recordset(["password"], flush=False)

    @api.depends("password_encrypted")
    def _compute_has_password(self):
        for mailbox in self:
            mailbox.has_password = bool(mailbox.password_encrypted)

    @api.depends(
        "provider", "address", "username", "host", "port", "security", "password",
        "password_encrypted", "tested_settings", "grant_by", "account_subject",
    )  # fmt: skip
    def _compute_is_tested(self):
        for mailbox in self:
            mailbox.is_tested = (
                bool(mailbox.tested_settings)
                and not mailbox.password
                and hmac.compare_digest(mailbox.tested_settings, mailbox._settings_digest__())
            )

    def _settings_digest__(self):
        parts = [self.provider, self.address, self.username]
        if self.provider == "imap":
            parts += [self._server_host(), self.port, self.security, self.password_encrypted]
        else:
            parts += [self.grant_by, self.account_subject]
        return hashlib.sha256(repr([part or "" for part in parts]).encode()).hexdigest()

    def action_test_connection(self):
        """Log in, list the folders, and remember that these settings work; else say what is wrong."""
        self.ensure_one()
        self.check_access("write")
        mailbox = self.sudo()
        if missing := mailbox._missing_setting():
            mailbox.write({"tested_settings": False, "test_message": missing})
            return False
        mailbox._hold_still()
        if mailbox.grant_by == "admin":
            # It says what the app was allowed when it was given: what the administrator allows since is in a new one.
            mailbox.tokens_encrypted = False
        try:
            with mailbox._connect__() as provider:
                folders = provider.folders()
        except MailSyncError as error:
            message = error_texts.explain(self.env, error, mailbox)
            mailbox.write({"tested_settings": False, "test_message": message})
            return False
        mailbox._store_folders(folders)
        if mailbox.provider == "imap":
            mailbox.host = mailbox._server_host()
        mailbox.write({"test_message": False, "owner_told_at": False})
        mailbox.tested_settings = mailbox._settings_digest__()
        if mailbox.state in ("sign_in", "waiting"):
            mailbox._set_due()
        return True

    def _hold_still(self):
        """Let a scan of this mailbox wait meanwhile: what it commits now would void all that the test finds."""
        self.env.cr.execute(SQL("SELECT FROM crm_mail_mailbox WHERE id = ANY(%s) FOR NO KEY UPDATE", self.ids))

    def action_refresh_folders(self):
        """Ask the server for its folders again."""
        if not self.action_test_connection():
            raise UserError(self.sudo().test_message)

    def action_submit(self):
        """Connect the mailbox for good and start its first scan."""
        for mailbox in self:
            mailbox.check_access("write")
            if not mailbox.is_tested:
                raise UserError(self.env._("Press “Test connection” first."))
            if not mailbox.folder_ids.filtered("selected"):
                raise UserError(self.env._("Pick at least one directory to be scanned."))
        self.sudo()._set_connected()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(address)s is connected. Its first scan begins.",
                    address=", ".join(self.mapped("address")),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _missing_setting(self):
        """What has to be entered before a connection can be tried."""
        if self.provider != "imap":
            return self._missing_grant()
        if not self._server_host():
            return self.env._("Enter the name of the IMAP server.")
        if not self.password_encrypted:
            return self.env._("Enter the password of the mailbox.")
        return False

    def _connect__(self):
        """A signed-in provider session; raises MailSyncError."""
        # Whoever waits for a button holds the mailbox still: no other transaction could keep tokens meanwhile.
        return self._connector__(self._store_tokens_safely__)()

    def _connector__(self, keep):
        """What opens a provider session when called, and needs no database for it; raises MailSyncError.

        A scan reads all it needs first, ends its transaction, and only then goes to the network.

        :param keep: stores renewed tokens (``oauth.Tokens``) for good, whatever transaction is open or not.
        """
        self.ensure_one()
        return getattr(self, f"_connector_{self.provider}__")(keep)

    def _patience(self, longest):
        """Seconds that the server may stay silent: fewer if somebody waits who has another way."""
        return min(longest, self.env.context.get("mail_sync_patience", longest))

    def _connector_imap__(self, _keep):
        return partial(connect, self._imap_settings__())

    def _imap_settings__(self):
        return ImapSettings(
            host=self._server_host(),
            port=self.port,
            security=self.security,
            username=self.username or self.address,
            password=secret_box.decrypt(self.password_encrypted),
            timeout=self._patience(self._IMAP_TIMEOUT),
            allowed=self.env["res.config.settings"]._mail_sync_allowed_hosts(),
        )
