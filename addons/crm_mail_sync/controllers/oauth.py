# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way to the consent pages of Google and Microsoft and back."""

import logging
from urllib.parse import urlsplit

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from ..mailsync.errors import MailSyncError
from ..models import error_texts
from ..models.crm_mail_mailbox_oauth import START_SCOPE
from ..scan.unit import Unit
from . import oauth_flows

_logger = logging.getLogger(__name__)


class MailboxSignIn(http.Controller):
    """No transaction is open while consent and code are dealt with; an answer that nobody asked for changes nothing."""

    @http.route("/crm_mail_sync/oauth/start", type="http", auth="user", methods=["GET"], sitemap=False)
    def start(self, ticket="", **_query):
        """To the provider's page; ``ticket`` is what the mailbox's button has signed."""
        values = oauth_flows.verified(START_SCOPE, ticket)
        if not values or values["user"] != request.env.uid:
            return _problem(request.env._("This link is no longer good. Press Connect in the mailbox again."))
        mailbox = _mailbox(values["mailbox"])
        if not mailbox or mailbox.provider == "imap" or mailbox.grant_by != "user":
            return _problem(request.env._("This mailbox is not there any more, or not yours."))
        redirect_uri = request.env["crm.mail.app"]._redirect_uri(mailbox.provider)
        if problem := _other_host(redirect_uri):
            return _problem(problem)
        try:
            return self._to_provider(mailbox, redirect_uri, acting=bool(values.get("acting")))
        except MailSyncError as error:
            return _back(mailbox, error)

    def _to_provider(self, mailbox, redirect_uri, acting):
        provider, address = mailbox.provider, mailbox._account_meant()
        make_source = request.env["crm.mail.app"]._sign_in__(provider, shared=mailbox._is_for_shared(), acting=acting)
        state, nonce = oauth_flows.new_state(mailbox, provider)
        mailbox_id = mailbox.id
        # No transaction stays open while the provider is waited for; what was read is all that is needed.
        request.env.cr.commit()  # pylint: disable=invalid-commit
        consent = make_source().consent(redirect_uri, state, address)
        oauth_flows.keep(nonce, oauth_flows.Flow(mailbox_id, provider, redirect_uri, dict(consent.secrets), acting))
        return request.redirect(consent.url, code=303, local=False)

    @http.route("/crm_mail_sync/oauth/google", type="http", auth="user", methods=["GET"], sitemap=False)
    def google(self, **answer):
        """Google's answer."""
        return self._answered("gmail", answer)

    @http.route("/crm_mail_sync/oauth/microsoft", type="http", auth="user", methods=["GET"], sitemap=False)
    def microsoft(self, **answer):
        """Microsoft's answer."""
        return self._answered("outlook", answer)

    def _answered(self, provider, answer):
        flow = oauth_flows.take(answer.get("state"), provider)
        mailbox = flow and _mailbox(flow.mailbox_id)
        if not _is_open(mailbox, provider):
            return _problem(
                request.env._(
                    "This sign-in was not begun here, was used already, or took longer than ten minutes. Nothing was "
                    "changed. Open the mailbox and press Connect."
                )
            )
        try:
            grant = self._redeem(mailbox, flow, answer)
        except MailSyncError as error:
            _logger.info("mailbox %s: signing in failed: %s", mailbox.id, error.code)
            # An error that the browser brought is the word of whoever sits there: it stops nobody else's mailbox.
            return _back(mailbox, error, is_providers_word="error" not in answer)
        unit = Unit(request.env)
        # Committed apart from what follows: if the folders cannot be listed now, the user need not sign in again.
        is_meant = unit.run(self._take, flow, grant)
        if is_meant is None:
            return _problem(
                request.env._(
                    "The mailbox was changed while you signed in, so nothing was stored. "
                    "Open the mailbox and press Connect."
                )
            )
        if is_meant:
            unit.run(mailbox.action_test_connection)
        return _to_form(mailbox)

    def _take(self, flow, grant):
        """Whether it is the account that was meant; None if the mailbox was changed while no transaction was open."""
        mailbox = _mailbox(flow.mailbox_id)
        if _is_open(mailbox, flow.provider):
            return mailbox.sudo()._take_grant__(grant)
        asked = request.env["crm.mail.mailbox"].sudo().browse(flow.mailbox_id)
        asked._withdraw_at_later__(flow.provider, grant.tokens, grant.account.subject)
        return None

    def _redeem(self, mailbox, flow, answer):
        make_source = request.env["crm.mail.app"]._sign_in__(
            mailbox.provider, shared=mailbox._is_for_shared(), acting=flow.acting
        )
        # No transaction stays open while the provider is waited for; what was read is all that is needed.
        request.env.cr.commit()  # pylint: disable=invalid-commit
        return make_source().redeem(flow.redirect_uri, answer, flow.secrets)


def _mailbox(mailbox_id):
    """The mailbox, if the user may write it; else an empty one."""
    mailbox = request.env["crm.mail.mailbox"].browse(mailbox_id).exists()
    try:
        mailbox.check_access("write")
    except (AccessError, MissingError):
        return mailbox.browse()
    return mailbox


def _other_host(redirect_uri):
    """The provider sends the browser to Odoo's own address; a session under another name is unknown there."""
    own, opened = urlsplit(redirect_uri).netloc, request.httprequest.host
    if own == opened:
        return ""
    return request.env._(
        "You have opened Odoo as %(opened)s, but its own address is %(own)s, and only there the sign-in comes back. "
        "Open Odoo at %(own)s and connect the mailbox there.",
        opened=opened,
        own=own,
    )


def _is_open(mailbox, provider):
    """Whether a sign-in at this provider is for the mailbox, and for the user."""
    return bool(mailbox) and mailbox.provider == provider and mailbox.grant_by == "user"


def _back(mailbox, error, is_providers_word=True):
    """To the mailbox, which says what went wrong.

    :param is_providers_word: the provider told it to Odoo itself.
    """
    text = error_texts.explain(request.env, error, mailbox)
    Unit(request.env).run(mailbox.sudo()._note_sign_in_failure, error, text, is_providers_word)
    return _to_form(mailbox)


def _to_form(mailbox):
    page = "my-mailboxes" if mailbox.user_id == request.env.user else "all-mailboxes"
    return request.redirect(f"/odoo/{page}/{mailbox.id}", code=303)


def _problem(text):
    response = request.render("crm_mail_sync.sign_in_problem", {"text": text})
    response.status_code = 400
    return response
