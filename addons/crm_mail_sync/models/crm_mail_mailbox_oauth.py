# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Linking a mailbox at Google or Microsoft: who grants the access, to which account, and what becomes of it."""

import json
from contextlib import suppress
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import hash_sign

from .. import secret_box
from ..mailsync.errors import AppInvalid
from ..mailsync.oauth import Account, Grant, Tokens
from . import oauth_error_texts

START_SCOPE = "crm_mail_sync.oauth.start"
# Between the button and the redirect that it leads to.
_START_TIME = timedelta(minutes=2)


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    grant_by = fields.Selection(
        [("user", "The user, who signs in"), ("admin", "The administrator, for everybody")],
        string="Access granted by",
        required=True,
        default="user",
        help="The administrator's grant is the service account of Google or the application permission of Microsoft "
        "that is set up under Settings → Email settings.",
    )
    account_subject = fields.Char(groups=fields.NO_ACCESS, copy=False)
    account_address = fields.Char(string="Connected as", readonly=True, copy=False)
    # The account reads the mailbox of somebody else: a shared one.
    is_shared = fields.Boolean(readonly=True, copy=False)
    missing_scopes = fields.Char(readonly=True, copy=False, help="Asked for and not granted.")
    link_message = fields.Char(readonly=True, copy=False, help="What went wrong when somebody signed in.")
    # A grant of another account than was meant, until its user says what he wants.
    other_grant_encrypted = fields.Char(groups=fields.NO_ACCESS, copy=False)
    other_account = fields.Char(readonly=True, copy=False)
    # Whether the question is for the user who looks at it.
    other_is_mine = fields.Boolean(compute="_compute_other_is_mine", compute_sudo=True)
    is_granted = fields.Boolean(compute="_compute_is_granted", compute_sudo=True)
    is_app_ready = fields.Boolean(compute="_compute_is_app_ready", compute_sudo=True)
    can_grant_for_all = fields.Boolean(compute="_compute_is_app_ready", compute_sudo=True)

    missing_text = fields.Char(compute="_compute_missing_text")

    @api.depends("missing_scopes")
    @api.depends_context("lang")
    def _compute_missing_text(self):
        for mailbox in self:
            mailbox.missing_text = mailbox.missing_scopes and self.env._(
                "Not all that was asked for was permitted. Letters are archived all the same; missing: %(scopes)s.",
                # "https://www.googleapis.com/auth/gmail.send" is "gmail.send" to people.
                scopes=", ".join(scope.rpartition("/")[2] for scope in mailbox.missing_scopes.split()),
            )

    @api.depends("tokens_encrypted", "grant_by")
    def _compute_is_granted(self):
        for mailbox in self:
            mailbox.is_granted = mailbox.grant_by == "user" and bool(mailbox.tokens_encrypted)

    @api.depends("provider")
    def _compute_is_app_ready(self):
        apps = self.env["crm.mail.app"]
        for mailbox in self:
            mailbox.is_app_ready = mailbox.provider == "imap" or apps._is_ready(mailbox.provider)
            mailbox.can_grant_for_all = mailbox.provider != "imap" and apps._is_ready_for_all(mailbox.provider)

    @api.depends("other_grant_encrypted")
    @api.depends_context("uid")
    def _compute_other_is_mine(self):
        for mailbox in self:
            mailbox.other_is_mine = bool(mailbox._readable_other_grant__(self.env.uid))

    @api.onchange("provider")
    def _onchange_provider(self):
        if self.provider != self._origin.provider:
            self.username = False

    @api.constrains("grant_by", "provider", "address", "user_id")
    def _check_grant_for_all(self):
        """An administrator's grant opens any mailbox: nobody is to be given another user's own."""
        users = self.env["res.users"].sudo()
        for mailbox in self.filtered(lambda m: m.grant_by == "admin"):
            if mailbox.provider == "imap":
                raise ValidationError(self.env._("An IMAP mailbox is opened by its password only."))
            owners = users._with_address(mailbox.address)
            if owners - mailbox.user_id:
                raise ValidationError(
                    self.env._(
                        "%(address)s is the address of %(user)s, who alone can be given this mailbox.",
                        address=mailbox.address,
                        user=owners[0].name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        mailboxes = super().create(vals_list)
        # Also what came as a default.
        mailboxes._check_may_grant_for_all({"grant_by"})
        return mailboxes

    def write(self, vals):
        self._check_may_grant_for_all(set(vals))
        if vals.get("provider") == "imap":
            vals = {"grant_by": "user", **vals}
        if "provider" in vals and "username" not in vals:
            # It means something else at each provider.
            self.filtered(lambda m: m.username and m.provider != vals["provider"]).write({"username": False})
        result = super().write(vals)
        self._check_may_grant_for_all(set(vals))
        return result

    def unlink(self):
        self.check_access("unlink")
        self.sudo()._drop_grant()
        return super().unlink()

    def _check_may_grant_for_all(self, names):
        """Whose mailbox is opened by the administrator's grant is the administrator's to say."""
        if self.env.su or self.env.user._is_system() or not names & {"grant_by", "provider", "address", "user_id"}:
            return
        if self.filtered(lambda m: m.grant_by == "admin"):
            raise AccessError(
                self.env._("Only an administrator can change a mailbox that is opened by the administrator's grant.")
            )

    def _missing_grant(self):
        """What has to be done before Google or Microsoft can be asked."""
        apps = self.env["crm.mail.app"]
        if self.grant_by == "admin":
            is_ready = apps._is_ready_for_all(self.provider)
            return False if is_ready else oauth_error_texts.not_set_up_for_all(self.env, self.provider)
        if not apps._is_ready(self.provider):
            return oauth_error_texts.not_set_up(self.env, self.provider)
        if not self.tokens_encrypted:
            return self._what_to_press()
        return False

    def _is_for_shared(self):
        """Whether the account to sign in with differs from the mailbox, so that its own permissions are asked for."""
        return self.provider == "outlook" and self._account_meant() != self.address

    def _account_meant(self):
        """The address of the account that has to sign in: the mailbox's, but for shared ones of Outlook."""
        if self.provider == "outlook" and "@" in (self.username or ""):
            return self.username.strip().lower()
        return self.address.strip().lower()

    def action_connect(self):
        """To the provider's page, where the user signs in."""
        self.ensure_one()
        self.check_access("write")
        if self.provider == "imap" or self.grant_by == "admin":
            raise UserError(self.env._("Nobody has to sign in for this mailbox: press “Test connection”."))
        if not self.is_app_ready:
            raise UserError(oauth_error_texts.not_set_up(self.env, self.provider))
        return self._to_consent(acting=self._is_granted_to_act())

    def _to_consent(self, acting):
        """The way to the provider's page, for who pressed the button and for a short time."""
        values = {"mailbox": self.id, "user": self.env.uid, "acting": acting}
        ticket = hash_sign(self.sudo().env, START_SCOPE, values, expiration=_START_TIME)
        return {"type": "ir.actions.act_url", "url": f"/crm_mail_sync/oauth/start?ticket={ticket}", "target": "self"}

    def action_disconnect(self):
        """Give the access back: nothing is scanned any more, what was archived stays."""
        self.check_access("write")
        mailboxes = self.sudo()
        mailboxes._drop_grant()
        mailboxes._end_scan()
        mailboxes.write({"tested_settings": False, "test_message": False})
        mailboxes._set_disconnected()

    def action_take_account(self):
        """Make this the mailbox of the account that signed in."""
        self.ensure_one()
        self.check_access("write")
        mailbox = self.sudo()
        grant = mailbox._other_grant__(self.env.uid)
        field = "username" if mailbox._is_for_shared() else "address"
        twin = [("user_id", "=", self.user_id.id), ("address", "=", grant.account.address), ("id", "!=", self.id)]
        if field == "address" and mailbox.search_count(twin, limit=1):
            raise UserError(self.env._("There is already a mailbox %(address)s.", address=grant.account.address))
        # It is not to be withdrawn with the grant of the account that was before.
        mailbox.write({"other_grant_encrypted": False, "other_account": False})
        self.write({field: grant.account.address})
        mailbox._store_grant__(grant)
        self.action_test_connection()

    def action_forget_account(self):
        """Leave the mailbox as it is, and give the other account's access back."""
        self.ensure_one()
        self.check_access("write")
        mailbox = self.sudo()
        mailbox._other_grant__(self.env.uid)
        mailbox._drop_other_grant()

    def _other_grant__(self, user_id):
        """The grant that awaits an answer, for him only who gave it."""
        if grant := self._readable_other_grant__(user_id):
            return grant
        raise UserError(
            self.env._("Nobody has signed in with another account, or it was somebody else: sign in first.")
        )

    def _readable_other_grant__(self, user_id):
        # With another key than it was kept with, it is as good as none.
        with suppress(secret_box.SecretUnreadable):
            if self.other_grant_encrypted:
                giver, subject, address, missing, tokens = json.loads(secret_box.decrypt(self.other_grant_encrypted))
                if giver == user_id:
                    return Grant(Tokens.from_text(tokens), Account(subject, address), frozenset(missing))
        return None

    def _take_grant__(self, grant):
        """What came of signing in. True if it was the account that was meant; else its user is asked."""
        self.ensure_one()
        if not grant.account.has(self._account_meant()):
            self._keep_other_grant__(grant)
            return False
        self._store_grant__(grant)
        return True

    def _keep_other_grant__(self, grant):
        self._drop_other_grant()
        account = grant.account
        kept = [self.env.uid, account.subject, account.address, sorted(grant.missing), grant.tokens.to_text()]
        self.write(
            {
                "other_grant_encrypted": secret_box.encrypt(json.dumps(kept)),
                "other_account": account.address,
                "link_message": False,
            }
        )

    def _store_grant__(self, grant):
        """The account that was meant has signed in. It is the same mailbox as before if its subject is the same."""
        account = grant.account
        if self.account_subject and self.account_subject != account.subject:
            self._forget_places()
        self._drop_other_grant()
        self._store_tokens__(grant.tokens)
        self.write(
            {
                "account_subject": account.subject,
                "account_address": account.address,
                "is_shared": self.provider == "outlook" and not account.has(self.address),
                "missing_scopes": " ".join(sorted(grant.missing)) or False,
                "link_message": False,
                "test_message": False,
            }
        )

    def _note_sign_in_failure(self, error, text, is_providers_word):
        """Nothing has changed but that somebody tried; a question about his last try is out of date."""
        self.link_message = text
        if self.other_is_mine:
            self._drop_other_grant()
        if is_providers_word and isinstance(error, AppInvalid):
            self.env["crm.mail.app"]._note_trouble(self.provider, self.grant_by, error)

    def _drop_grant(self):
        """Forget the access and have it withdrawn."""
        self._withdraw_later__()
        self._drop_other_grant()
        self.write(
            {
                "tokens_encrypted": False,
                "account_address": False,
                "missing_scopes": False,
                "link_message": False,
            }
        )

    def _drop_other_grant(self):
        for mailbox in self.filtered("other_grant_encrypted"):
            mailbox._withdraw_other_later__()
        self.write({"other_grant_encrypted": False, "other_account": False})

    def _withdraw_other_later__(self):
        try:
            _giver, subject, _address, _missing, tokens = json.loads(secret_box.decrypt(self.other_grant_encrypted))
        except secret_box.SecretUnreadable:
            return
        self._withdraw_tokens_later__(secret_box.encrypt(tokens), subject)
