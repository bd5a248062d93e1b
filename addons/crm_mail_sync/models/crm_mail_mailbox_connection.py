# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a mailbox is reached: settings, secrets, the test that must pass before Submit."""

import hashlib
import hmac
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import secret_box
from ..mailsync.errors import MailSyncError
from ..mailsync.providers.imap import ImapSettings, connect
from . import error_texts


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    username = fields.Char(
        string="Email (username)",
        help="Only if the name to log in with differs from the email address.",
    )
    host = fields.Char(string="Server", help="The IMAP server, for example imap.company.com")
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
    # Fingerprint of the settings that passed the last test; any change makes it differ.
    tested_settings = fields.Char(groups=fields.NO_ACCESS, copy=False)
    is_tested = fields.Boolean(compute="_compute_is_tested", compute_sudo=True)
    test_message = fields.Char(readonly=True, copy=False)

    # A stored password is only good for the place it was given for: whoever points the mailbox elsewhere
    # must know it, or an admin could have it sent to a server of his own.
    _PASSWORD_BOUND = frozenset({"provider", "address", "username", "host", "port", "security"})

    def write(self, vals):
        if self._PASSWORD_BOUND & set(vals) and "password" not in vals:
            moved = self.filtered(lambda m: m._connection_moves(vals))
            moved.sudo().write({"password_encrypted": False})
        return super().write(vals)

    def _connection_moves(self, vals):
        return any(
            (self[name] or False) != (vals[name] or False)
            for name in self._PASSWORD_BOUND & set(vals)
        )

    def _compute_password(self):
        self.password = False

    def _inverse_password(self):
        for mailbox in self:
            if mailbox.password:
                mailbox.sudo().password_encrypted = secret_box.encrypt(mailbox.password)

    @api.depends("password_encrypted")
    def _compute_has_password(self):
        for mailbox in self:
            mailbox.has_password = bool(mailbox.password_encrypted)

    @api.depends(
        "provider", "address", "username", "host", "port", "security", "password",
        "password_encrypted", "tested_settings",
    )  # fmt: skip
    def _compute_is_tested(self):
        for mailbox in self:
            mailbox.is_tested = (
                bool(mailbox.tested_settings)
                and not mailbox.password
                and hmac.compare_digest(mailbox.tested_settings, mailbox._settings_digest__())
            )

    def _settings_digest__(self):
        parts = [
            self.provider,
            self.address,
            self.username,
            self.host,
            self.port,
            self.security,
            self.password_encrypted,
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def action_test_connection(self):
        """Log in, list the folders, and remember that these settings work; else say what is wrong."""
        self.ensure_one()
        self.check_access("write")
        mailbox = self.sudo()
        mailbox._check_complete()
        try:
            with mailbox._connect__() as provider:
                folders = provider.folders()
        except MailSyncError as error:
            mailbox.write(
                {
                    "tested_settings": False,
                    "test_message": error_texts.explain(self.env, error, mailbox),
                }
            )
            return False
        mailbox.folder_ids._store_listing(mailbox, folders)
        mailbox.write({"tested_settings": mailbox._settings_digest__(), "test_message": False})
        if mailbox.state == "sign_in":
            mailbox._set_due()
        return True

    def action_submit(self):
        """Connect the mailbox for good and start its first scan."""
        for mailbox in self:
            mailbox.check_access("write")
            if not mailbox.is_tested:
                raise UserError(self.env._("Press “Test connection” first."))
            if not mailbox.folder_ids.filtered("selected"):
                raise UserError(self.env._("Pick at least one directory to be scanned."))
        self.sudo()._set_connected()
        return {"type": "ir.actions.act_window_close"}

    def _check_complete(self):
        if not self.host:
            raise UserError(self.env._("Enter the name of the IMAP server."))
        if not self.password_encrypted:
            raise UserError(self.env._("Enter the password of the mailbox."))

    def _connect__(self):
        """A signed-in provider session; raises MailSyncError."""
        return self._connector__()()

    def _connector__(self):
        """What opens a provider session when called, and needs no database for it; raises MailSyncError.

        A scan reads all it needs first, ends its transaction, and only then goes to the network.
        """
        self.ensure_one()
        return getattr(self, f"_connector_{self.provider}__")()

    def _connector_imap__(self):
        settings = ImapSettings(
            host=self.host,
            port=self.port,
            security=self.security,
            username=self.username or self.address,
            password=secret_box.decrypt(self.password_encrypted),
            allowed=self.env["res.config.settings"]._mail_sync_allowed_hosts(),
        )
        return partial(connect, settings)
