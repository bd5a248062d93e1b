# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the owner may do in a mailbox beside reading: what was granted, and sessions that act."""

from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import secret_box
from ..mailsync.providers import gmail, graph, imap
from ..mailsync.providers.gmail.grants import MODIFY, SEND
from . import oauth_error_texts

# In lower case: Entra is not particular about it.
_ACT = frozenset({MODIFY, "mail.readwrite", "mail.readwrite.shared"})
_SEND = frozenset({SEND, MODIFY, "mail.send", "mail.send.shared"})

_NOTHING_REFUSED = {"is_acting_refused": False, "is_sending_refused": False}


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    can_act = fields.Boolean(compute="_compute_can_act", compute_sudo=True)
    can_send = fields.Boolean(compute="_compute_can_act", compute_sudo=True)
    can_ask_to_act = fields.Boolean(compute="_compute_can_ask_to_act", compute_sudo=True)
    # The provider has refused a change, or to send, though it seemed to be granted: by an administrator, or in a shared
    # mailbox. Each is a permission of its own.
    is_acting_refused = fields.Boolean(readonly=True, copy=False)
    is_sending_refused = fields.Boolean(readonly=True, copy=False)

    def _compute_can_act(self):
        for mailbox in self:
            mailbox.can_act = not mailbox._why_not_act()
            mailbox.can_send = not mailbox._why_not_send()

    @api.depends_context("uid")
    def _compute_can_ask_to_act(self):
        """Whether its owner, who looks at it, can grant more than he has."""
        for mailbox in self:
            mailbox.can_ask_to_act = (
                mailbox.user_id == self.env.user and mailbox.is_granted and not mailbox._is_granted_to_act()
            )

    def _why_not_act(self):
        """The sentence that says why nothing can be changed in the mailbox, "" if it can."""
        self.ensure_one()
        mailbox = self.sudo()
        if why := mailbox._why_not_signed_in():
            return why
        if mailbox.provider == "imap":
            return ""
        if mailbox.is_acting_refused:
            return oauth_error_texts.acting_refused(self.env, mailbox)
        if mailbox.grant_by == "admin" or mailbox._is_granted_to_act():
            return ""
        return self.env._(
            "Odoo may only read this mailbox. To mark, move, delete and write emails here, open the mailbox's settings "
            "and press “Allow changes”."
        )

    def _why_not_send(self):
        """The sentence that says why nothing can be sent from the mailbox, "" if it can."""
        self.ensure_one()
        mailbox = self.sudo()
        if why := mailbox._why_not_signed_in():
            return why
        if mailbox.provider == "imap":
            return mailbox._why_not_send_imap()
        if mailbox.is_sending_refused:
            return oauth_error_texts.sending_refused(self.env, mailbox)
        if mailbox.grant_by == "admin" or not _SEND.isdisjoint(mailbox._granted_scopes__()):
            return ""
        return self.env._(
            "Odoo may not send from this mailbox. Open the mailbox's settings, press “Sign in again” and leave all "
            "boxes on the page ticked."
        )

    def _why_not_signed_in(self):
        if self.state == "draft":
            return self.env._("Connect this mailbox first.")
        return ""

    def _is_granted_to_act(self):
        """Whether its user has let the mailbox be changed."""
        mailbox = self.sudo()
        return mailbox.grant_by == "user" and not _ACT.isdisjoint(mailbox._granted_scopes__())

    def _granted_scopes__(self):
        try:
            tokens = self._tokens__()
        except secret_box.SecretUnreadable:
            return frozenset()
        return frozenset(scope.lower() for scope in tokens.scopes) if tokens else frozenset()

    def action_allow_acting(self):
        """To the provider's page, where the owner lets the mailbox be changed too."""
        self.ensure_one()
        self.check_access("write")
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the owner of a mailbox can let it be changed."))
        if self.provider == "imap" or self.grant_by == "admin":
            raise UserError(self.env._("Nobody has to sign in for this mailbox: press “Test connection”."))
        if not self.is_app_ready:
            raise UserError(oauth_error_texts.not_set_up(self.env, self.provider))
        return self._to_consent(acting=True)

    def action_test_connection(self):
        """What an administrator has changed at the provider is seen when somebody acts the next time."""
        self.sudo().write(_NOTHING_REFUSED)
        return super().action_test_connection()

    def _store_grant__(self, grant):
        self.write(_NOTHING_REFUSED)
        return super()._store_grant__(grant)

    def _actor_connector__(self, keep):
        """What opens a session that acts when called, and needs no database for it; raises MailSyncError.

        The sibling of ``_connector__``, whose sessions only read.

        :param keep: stores renewed tokens (``oauth.Tokens``) for good, whatever transaction is open or not.
        """
        self.ensure_one()
        return getattr(self, f"_actor_connector_{self.provider}__")(keep)

    def _actor_connector_imap__(self, _keep):
        return partial(imap.connect_to_act, self._imap_settings_to_act__())

    def _actor_connector_gmail__(self, keep):
        # Where changes are refused, the other permission may be there: to send.
        make_settings = self._gmail_settings__(keep, acting=not self.is_acting_refused)
        return lambda: gmail.connect_to_act(make_settings())

    def _actor_connector_outlook__(self, keep):
        make_settings = self._outlook_settings__(keep)
        return lambda: graph.connect_to_act(make_settings())
