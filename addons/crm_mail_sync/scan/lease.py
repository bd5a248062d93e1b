# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import os
import socket
from uuid import uuid4

from odoo.tools import SQL

from .bulk import execute

# Longer than any single step of a scan may take (one batch of bytes over a slow line); renewed with every commit.
LEASE_SECONDS = 600


class LeaseLost(Exception):
    """Another worker holds the mailbox now; what is not committed is his to do."""


class Lease:
    """One worker's right to a mailbox. It outlives commits, and dies by itself with its worker."""

    def __init__(self, env):
        self.env = env
        # Host and process say who it is; containers may share both.
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4()}"

    def take(self):
        """The id of the mailbox that has been due longest and is free, now leased to us; None if there is none.

        Nobody's mailbox is read any more after he has left.
        """
        rows = execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_mailbox
                   SET lease_owner = %(owner)s, lease_until = now() AT TIME ZONE 'UTC' + %(lease)s * interval '1 second'
                 WHERE id = (SELECT id FROM crm_mail_mailbox
                              WHERE next_run <= now() AT TIME ZONE 'UTC' AND scan_active
                                AND (lease_until IS NULL OR lease_until < now() AT TIME ZONE 'UTC')
                                AND user_id IN (SELECT id FROM res_users WHERE active AND NOT share)
                              ORDER BY next_run
                                FOR NO KEY UPDATE SKIP LOCKED LIMIT 1)
             RETURNING id
                """,
                owner=self.owner,
                lease=LEASE_SECONDS,
            ),
        )
        row = rows.fetchone()
        return row and row[0]

    def next_paced(self):
        """Seconds until the next mailbox is due that stopped in the middle of a scan; None if none did."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT EXTRACT(EPOCH FROM min(next_run) - now() AT TIME ZONE 'UTC')::float
                  FROM crm_mail_mailbox
                 WHERE next_run IS NOT NULL AND scan_active AND is_paced
                   AND (lease_until IS NULL OR lease_until < now() AT TIME ZONE 'UTC')
                   AND user_id IN (SELECT id FROM res_users WHERE active AND NOT share)
                """
            ),
        )
        return rows.fetchone()[0]

    def renew(self, mailbox_id, env=None):
        """Hold on to the mailbox within the current transaction, or that of ``env``; raises LeaseLost."""
        self._update(env or self.env, mailbox_id, self.owner, LEASE_SECONDS)

    def release(self, mailbox_id):
        """Give the mailbox back; raises LeaseLost."""
        self._update(self.env, mailbox_id, None, 0)

    def _update(self, env, mailbox_id, owner, seconds):
        execute(
            env,
            SQL(
                """
                UPDATE crm_mail_mailbox
                   SET lease_owner = %s, lease_until = now() AT TIME ZONE 'UTC' + %s * interval '1 second'
                 WHERE id = %s AND lease_owner = %s
                """,
                owner,
                seconds,
                mailbox_id,
                self.owner,
            ),
        )
        if not env.cr.rowcount:
            raise LeaseLost()
