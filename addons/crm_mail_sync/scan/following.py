# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Replies from unknown addresses, which belong where the letters belong that they answer.

Being newer they are listed before these, so they have been skipped, or archived as nobody's, when a letter is linked.
"""

from odoo.tools import SQL

from ..mailsync import identity
from .bulk import execute

# Why a message may be anybody's yet; the index on ``thread_keys`` has these in its condition.
_OF_NOBODY = ("nobody_known", "scan_all", "expired")


def wake_followers(env, scope, letters):
    """Have what follows these letters decided anew: in the user's mailboxes by its header, in this one also by the
    provider's conversation.

    :param letters: id of each → its Message-ID, if it has one
    :return: a pair for each message that waits again: its mailbox and the state that it had
    """
    if not letters:
        return []
    keys = [identity.thread_key(message_id) for message_id in letters.values() if message_id]
    woken = _wake(env, follows(keys, scope.user_id))
    return woken + _wake(env, _converses(scope.mailbox_id, list(letters)))


def _wake(env, condition):
    return execute(
        env,
        SQL(
            """
            UPDATE crm_mail_copy SET state = 'pending', attempts = 0 WHERE %s
         RETURNING mailbox_id, CASE WHEN email_id IS NULL THEN 'skipped' ELSE 'kept' END
            """,
            condition,
        ),
    ).fetchall()


def follows(keys, user_id):
    """The condition on copies: this user's, of nobody so far, and one of these (``thread_key``) is an ancestor."""
    return SQL(
        "thread_keys && %s::bigint[] AND %s AND mailbox_id IN (SELECT id FROM crm_mail_mailbox WHERE user_id = %s)",
        keys,
        _of_nobody(),
        user_id,
    )


def _converses(mailbox_id, email_ids):
    """The condition on copies: of nobody so far, and in the provider's conversation of one of these letters."""
    return SQL(
        """
        mailbox_id = %(mailbox)s AND %(of_nobody)s
        AND conversation IN (SELECT conversation FROM crm_mail_copy
                              WHERE mailbox_id = %(mailbox)s AND email_id = ANY(%(emails)s))
        """,
        mailbox=mailbox_id,
        of_nobody=_of_nobody(),
        emails=email_ids,
    )


def _of_nobody():
    return SQL("reason IN %s AND state IN ('skipped', 'kept') AND NOT COALESCE(is_removed, FALSE)", _OF_NOBODY)
