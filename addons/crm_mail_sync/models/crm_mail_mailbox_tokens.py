# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a grant gave: kept encrypted, given to the providers, withdrawn when nobody needs it."""

import json
import logging
from functools import partial

from odoo import api, fields, models
from odoo.modules.registry import Registry
from odoo.tools import SQL

from .. import secret_box
from ..mailsync.errors import AppInvalid, MailSyncError, TokenRevoked
from ..mailsync.oauth import Tokens
from ..mailsync.providers import gmail, graph
from ..mailsync.providers.gmail.service_account import ACTING_SCOPES
from ..operator_settings import google_endpoints
from ..scan.unit import Unit
from .crm_mail_app import SERVICES

_logger = logging.getLogger(__name__)


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    tokens_encrypted = fields.Char(groups=fields.NO_ACCESS, copy=False)

    # Seconds that Google or Microsoft may stay silent.
    _API_TIMEOUT = 30.0

    def _tokens__(self):
        """The mailbox's tokens, None if there are none; raises SecretUnreadable."""
        if not self.tokens_encrypted:
            return None
        return Tokens.from_text(secret_box.decrypt(self.tokens_encrypted))

    def _store_tokens__(self, tokens):
        """Renewed tokens, before they are used: a refresh token may be good for one renewal only."""
        self.tokens_encrypted = secret_box.encrypt(tokens.to_text())
        self.flush_recordset(["tokens_encrypted"])

    def _store_tokens_safely__(self, tokens):
        """As above, and once more by itself if all else that this transaction does is rolled back."""
        # Not at once in a transaction of its own: that would wait for this one, which holds the mailbox still.
        before = self.tokens_encrypted
        self._store_tokens__(tokens)
        restore = partial(_restore, self.env.cr.dbname, self.id, before, self.tokens_encrypted)
        self.env.cr.postrollback.add(restore)

    def _token_source__(self, acting=False):
        """What makes the source of tokens when called, without the database; raises AppInvalid or TokenRevoked.

        :param acting: tokens that permit changes are wanted. A user's grant has them or not.
        """
        apps = self.env["crm.mail.app"]
        apps._check_usable(self.provider, self.grant_by)
        if self.grant_by == "admin":
            return apps._source_for_all__(self.provider, self.address, acting=acting)
        if not self.tokens_encrypted:
            raise TokenRevoked()
        return apps._sign_in__(self.provider, shared=self._is_for_shared())

    def _connector_gmail__(self, keep):
        make_settings = self._gmail_settings__(keep)
        return lambda: gmail.connect(make_settings())

    def _gmail_settings__(self, keep, acting=False):
        """What makes a session's settings when called, without the database."""
        source, tokens, endpoints = self._token_source__(acting), self._tokens__(), google_endpoints()
        if acting and self.grant_by == "admin" and tokens and not tokens.scopes.issuperset(ACTING_SCOPES):
            tokens = None
        address, pace, timeout = self.address, self.pace or "", self._patience(self._API_TIMEOUT)
        return lambda: gmail.GmailSettings(
            address=address,
            source=source(),
            tokens=tokens,
            keep_tokens=keep,
            endpoints=endpoints,
            pace=pace,
            timeout=timeout,
            user_id="me",
        )

    def _connector_outlook__(self, keep):
        make_settings = self._outlook_settings__(keep)
        return lambda: graph.connect(make_settings())

    def _outlook_settings__(self, keep):
        """What makes a session's settings when called, without the database."""
        source, tokens = self._token_source__(), self._tokens__()
        endpoints = self.env["crm.mail.app"]._microsoft_endpoints()
        address, pace, timeout = self.address, self.pace or "", self._patience(self._API_TIMEOUT)
        is_other = self.grant_by == "admin" or self.is_shared
        return lambda: graph.GraphSettings(
            address=address,
            source=source(),
            tokens=tokens,
            keep_tokens=keep,
            endpoints=endpoints,
            pace=pace,
            timeout=timeout,
            mailbox=address if is_other else "",
        )

    def _withdraw_later__(self):
        """Have the users' grants withdrawn at the providers once this transaction is committed."""
        for mailbox in self.filtered(lambda m: m.tokens_encrypted and m.grant_by == "user"):
            mailbox._withdraw_tokens_later__(mailbox.tokens_encrypted, mailbox.account_subject)

    def _withdraw_tokens_later__(self, tokens_encrypted, subject):
        try:
            tokens = Tokens.from_text(secret_box.decrypt(tokens_encrypted))
        except secret_box.SecretUnreadable as error:
            _logger.info("mailbox %s: its grant cannot be withdrawn: %s", self.id, error.code)
            return
        self._withdraw_at_later__(self.provider, tokens, subject)

    def _withdraw_at_later__(self, provider, tokens, subject):
        """The same for tokens that the mailbox has not taken; it need not be there any more."""
        try:
            make_source = self.env["crm.mail.app"]._sign_in__(provider)
        except AppInvalid as error:
            _logger.info("mailbox %s: its grant cannot be withdrawn: %s", self.id, error.code)
            return
        is_used = partial(_is_used, self.env.cr.dbname, provider, subject)
        self.env.cr.postcommit.add(partial(_withdraw, make_source, tokens, is_used, self.id))

    def _service(self):
        """Who runs the mailbox, as people call him."""
        return SERVICES.get(self.provider) or self._server_host() or ""


def _restore(dbname, mailbox_id, before, renewed):
    with Registry(dbname).cursor() as cursor:
        # Unless the mailbox has got other tokens meanwhile, or none.
        query = "UPDATE crm_mail_mailbox SET tokens_encrypted = %s WHERE id = %s AND tokens_encrypted = %s"
        # A scan that has waited may write the mailbox just now.
        unit = Unit(api.Environment(cursor, api.SUPERUSER_ID, {}))
        unit.run(cursor.execute, SQL(query, renewed, mailbox_id, before))


def _withdraw(make_source, tokens, is_used, mailbox_id):
    # A provider withdraws all that the account ever granted to the app: not while another mailbox lives by it.
    if is_used():
        return
    try:
        make_source().withdraw(tokens)
    except MailSyncError as error:
        # It ends by itself when it is not used; ours is gone in any case.
        _logger.info("mailbox %s: its grant was not withdrawn: %s", mailbox_id, error.code)


def _is_used(dbname, provider, subject):
    with Registry(dbname).cursor() as cursor:
        query = (
            "SELECT FROM crm_mail_mailbox WHERE provider = %s AND account_subject = %s AND tokens_encrypted IS NOT NULL"
        )
        cursor.execute(SQL(query, provider, subject))
        if cursor.rowcount:
            return True
        # A grant that awaits its user's answer is lived by as well.
        query = (
            "SELECT other_grant_encrypted FROM crm_mail_mailbox"
            " WHERE provider = %s AND other_grant_encrypted IS NOT NULL"
        )
        cursor.execute(SQL(query, provider))
        return any(_is_of(kept, subject) for (kept,) in cursor.fetchall())


def _is_of(other_grant_encrypted, subject):
    try:
        return json.loads(secret_box.decrypt(other_grant_encrypted))[1] == subject
    except secret_box.SecretUnreadable:
        return False
