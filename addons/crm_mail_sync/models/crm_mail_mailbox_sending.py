# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The server that an IMAP mailbox sends through: settings, secrets, and the test that comes with that of reading."""

import hashlib
import hmac
from dataclasses import replace

from odoo import api, fields, models

from .. import secret_box
from ..mailsync import known_smtp, smtp
from ..mailsync.errors import MailSyncError, SignInFailed
from . import error_texts

# Seconds that each of the usual servers is waited for while somebody waits.
_TRY_SECONDS = 6.0


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    smtp_host = fields.Char(
        string="Sending server",
        help="The SMTP server, for example smtp.company.com. Left empty, the usual names are tried.",
    )
    smtp_hint = fields.Char(compute="_compute_smtp_hint")
    smtp_port = fields.Integer(string="Port for sending", default=465)
    smtp_security = fields.Selection(
        [("ssl", "SSL/TLS"), ("starttls", "STARTTLS"), ("none", "None (only on this machine)")],
        string="Encryption for sending",
        required=True,
        default="ssl",
    )
    smtp_username = fields.Char(
        string="Username for sending", help="Only if another name is needed for sending than for reading."
    )
    smtp_password = fields.Char(
        string="Password for sending",
        compute="_compute_smtp_password",
        inverse="_inverse_smtp_password",
        help="Only if another password is needed for sending than for reading. Stored encrypted and never shown again.",
    )
    smtp_password_encrypted = fields.Char(groups=fields.NO_ACCESS, copy=False)
    smtp_password_hint = fields.Char(compute="_compute_smtp_password_hint", compute_sudo=True)
    # Fingerprint of the settings with which sending passed its last test.
    tested_smtp = fields.Char(groups=fields.NO_ACCESS, copy=False)
    smtp_message = fields.Char(readonly=True, copy=False, help="Why nothing can be sent from this mailbox.")

    # Seconds that a server may stay silent.
    _SMTP_TIMEOUT = 30.0
    _SMTP_PORTS = {"ssl": 465, "starttls": 587, "none": 25}
    _SMTP_PLACE = frozenset({"smtp_host", "smtp_port", "smtp_security", "smtp_username"})

    def write(self, vals):
        moved = self.filtered(lambda m: m._sending_moves(vals) or m._connection_moves(vals))
        # As with the password for reading: whoever points it elsewhere must know it.
        if moved and not vals.get("smtp_password"):
            moved.sudo().write({"smtp_password_encrypted": False})
        return super().write(vals)

    def _sending_moves(self, vals):
        return any(name in vals and (vals[name] or False) != (self[name] or False) for name in self._SMTP_PLACE)

    @api.onchange("smtp_security")
    def _onchange_smtp_security(self):
        if not self.smtp_port or self.smtp_port in self._SMTP_PORTS.values():
            self.smtp_port = self._SMTP_PORTS.get(self.smtp_security)

    @api.depends("address", "host")
    def _compute_smtp_hint(self):
        for mailbox in self:
            places = known_smtp.places(mailbox._server_host())
            mailbox.smtp_hint = places[0].host if places else "smtp.company.com"

    def _compute_smtp_password(self):
        self.smtp_password = False

    def _inverse_smtp_password(self):
        for mailbox in self:
            if mailbox.smtp_password:
                mailbox.sudo().smtp_password_encrypted = secret_box.encrypt(mailbox.smtp_password)
        # What was typed must not be answered to the browser as the field's value.
        self.invalidate_recordset(["smtp_password"], flush=False)

    @api.depends("smtp_password_encrypted", "smtp_host", "host", "address")
    def _compute_smtp_password_hint(self):
        for mailbox in self:
            if mailbox.smtp_password_encrypted:
                mailbox.smtp_password_hint = self.env._("Stored. Type here only to replace it.")
            elif mailbox.smtp_host and not mailbox._is_smtp_near():
                mailbox.smtp_password_hint = self.env._("The password for this server")
            else:
                mailbox.smtp_password_hint = self.env._("Only if it differs")

    def _is_smtp_near(self):
        return known_smtp.is_near(self.smtp_host or "", self._server_host())

    def _why_not_send_imap(self):
        if self._is_smtp_tested():
            return ""
        return self.smtp_message or self.env._(
            "Nothing can be sent from this mailbox yet. Open its settings and press “Test connection”: the server for "
            "sending is looked for and tested too."
        )

    def _is_smtp_tested(self):
        return bool(self.smtp_host and self.tested_smtp) and hmac.compare_digest(
            self.tested_smtp, self._smtp_digest__()
        )

    def _smtp_digest__(self):
        parts = [self.address, self.username, self._server_host(), self.password_encrypted]
        parts += [self[name] for name in sorted(self._SMTP_PLACE)] + [self.smtp_password_encrypted]
        return hashlib.sha256(repr([part or "" for part in parts]).encode()).hexdigest()

    def _smtp_settings__(self, place=None):
        """How to reach the server for sending; None if there is none, or no password that is meant for it.

        :param place: (``known_smtp.Place``) instead of the one that is stored; what was typed is meant for it
        """
        place = place or known_smtp.Place(self.smtp_host or "", self.smtp_port, self.smtp_security)
        is_near = known_smtp.is_near(place.host, self._server_host())
        secret = self.smtp_password_encrypted or (is_near and self.password_encrypted)
        if not place.host or not secret:
            return None
        return smtp.SmtpSettings(
            host=place.host,
            port=place.port,
            security=place.security,
            username=self.smtp_username or self.username or self.address,
            password=secret_box.decrypt(secret),
            timeout=self._patience(self._SMTP_TIMEOUT),
            allowed=self.env["res.config.settings"]._mail_sync_allowed_hosts(),
        )

    def _imap_settings_to_act__(self):
        return replace(self._imap_settings__(), smtp=self._smtp_settings__() if self._is_smtp_tested() else None)

    def action_test_connection(self):
        """Sending is tested too; a mailbox that only receives is a good one."""
        is_good = super().action_test_connection()
        if is_good and self.provider == "imap":
            self.sudo()._test_sending()
        return is_good

    def _test_sending(self):
        """Sign in at the server for sending, and remember whether that works or why not."""
        message = self._sending_trouble() if self.smtp_host else self._look_for_sending_server()
        self.smtp_message = message
        self.tested_smtp = False if message else self._smtp_digest__()

    def _sending_trouble(self):
        """What is wrong with the server that was entered; False if nothing is."""
        if not self._smtp_settings__():
            return self._no_password_for_sending()
        error = self._sending_error()
        return error_texts.explain(self.env, error, self) if error else False

    def _look_for_sending_server(self):
        """Try the usual servers; the first that lets the mailbox sign in is the one. Else what is wrong."""
        for place in known_smtp.places(self._server_host()):
            # Nothing is stored meanwhile: nobody is to wait for the mailbox as long as we wait for all these.
            error = self._sending_error(place, _TRY_SECONDS)
            if error is None or isinstance(error, SignInFailed):
                self._take_sending_place(place.host, place.port, place.security)
                return error_texts.explain(self.env, error, self) if error else False
        self._take_sending_place(False, self._SMTP_PORTS["ssl"], "ssl")
        return self.env._(
            "Emails are received, but none can be sent: no server for sending was found. If you want to write from "
            "here, enter its name under Sending."
        )

    def _take_sending_place(self, host, port, security):
        """A place of our own choice, for which a password that was typed without one is meant."""
        secret = self.smtp_password_encrypted
        self.write({"smtp_host": host, "smtp_port": port, "smtp_security": security})
        self.smtp_password_encrypted = secret

    def _no_password_for_sending(self):
        return self.env._(
            "Emails are received, but none can be sent: enter the password for “%(host)s”. The password of the mailbox "
            "is told only to its own server.",
            host=self.smtp_host,
        )

    def _sending_error(self, place=None, patience=None):
        mailbox = self.with_context(mail_sync_patience=patience) if patience else self
        try:
            if settings := mailbox._smtp_settings__(place):
                smtp.check(settings)
        except MailSyncError as error:
            return error
        return None
