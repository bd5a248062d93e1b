# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox's server, asked while a person waits for the answer: for so long only, and with no transaction open."""

import time
from contextlib import contextmanager

from ..mailsync.errors import ConnectionTimedOut
from ..scan.unit import Unit

# Seconds that a server may stay silent, and that all questions together may take; Odoo ends a request at 120.
PATIENCE = 10.0
MOST_SECONDS = 60


def connector(mailbox):
    """What opens a session when called, and keeps renewed tokens by itself; raises MailSyncError."""
    mailbox = mailbox.sudo().with_context(mail_sync_patience=PATIENCE)
    return mailbox._connector__(lambda tokens: for_good(mailbox, lambda it: it._store_tokens__(tokens)))


def session(mailbox):
    """Sign in to read; raises MailSyncError.

    What was done until then is committed, so that nobody waits for it, and meanwhile nothing of the database is read.
    """
    return opened(mailbox, connector(mailbox))


@contextmanager
def opened(mailbox, connect):
    """What this opens, and what it spends is kept."""
    pace = mailbox.sudo().pace or ""
    Unit(mailbox.env).commit()
    with connect() as opened_session:
        try:
            yield opened_session
        finally:
            spent = opened_session.traffic.pace
            if spent != pace:
                for_good(mailbox.sudo(), lambda it: it.write({"pace": spent or False}))


def search(provider, queries, limit):
    """What the first of these queries that finds anything finds; raises MailSyncError."""
    end, found = time.monotonic() + MOST_SECONDS, []
    for query in queries:
        for hit in provider.search(query, limit):
            found.append(hit)
            if time.monotonic() > end:
                break
        if found:
            break
        if time.monotonic() > end:
            raise SearchTooLong()
    return found


class SearchTooLong(ConnectionTimedOut):
    """All questions together took longer than a person waits."""


def for_good(mailbox, store):
    """Store something in a transaction of its own: the request's is closed while the server is waited for."""
    with mailbox.env.registry.cursor() as cursor:
        env = mailbox.env(cr=cursor)
        Unit(env).run(store, mailbox.with_env(env))
