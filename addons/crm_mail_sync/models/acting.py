# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox that its owner changes, while he waits for it: for so long only, and with no transaction open."""

from contextlib import contextmanager

from odoo.exceptions import AccessError

from ..mailsync.errors import AdminConsentNeeded, ConsentMissing, NotPermitted
from .asking import PATIENCE, for_good, opened


@contextmanager
def acting_session(mailbox, patience=PATIENCE):
    """Sign in to change something (``mailsync.acting.Actor``): ``with acting_session(mailbox) as actor``.

    What was done until then is committed, and meanwhile nothing of the database is read. What the mailbox is asked
    for raises MailSyncError, which ``error_texts.explain`` puts into words.

    :param mailbox: for its owner, whoever runs this; with sudo or not
    :param patience: seconds that the server may stay silent; None for as long as one of its kind may at most
    """
    if mailbox.env.user != mailbox.sudo().user_id:
        raise AccessError(mailbox.env._("Only the owner of a mailbox can change what lies in it."))
    mailbox = mailbox.sudo()
    if patience is not None:
        mailbox = mailbox.with_context(mail_sync_patience=patience)
    connect = mailbox._actor_connector__(lambda tokens: for_good(mailbox, lambda it: it._store_tokens__(tokens)))
    try:
        with opened(mailbox, connect) as actor:
            yield actor
    except (ConsentMissing, AdminConsentNeeded) as error:
        # It was thought to be granted: what the administrator allows, or the owner of a shared mailbox, shows now only.
        refused = "is_sending_refused" if error.is_about_sending else "is_acting_refused"
        if mailbox.grant_by == "admin" or mailbox.is_shared:
            for_good(mailbox, lambda it: it.write({refused: True}))
            mailbox.invalidate_recordset([refused])
        told = NotPermitted()
        told.is_about_sending = error.is_about_sending
        raise told from error
