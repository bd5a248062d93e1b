# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Transactions of a scan: short, retried on conflict, and never open while the network is waited for."""

import logging

from psycopg2 import IntegrityError, OperationalError
from psycopg2.errorcodes import (
    DEADLOCK_DETECTED,
    FOREIGN_KEY_VIOLATION,
    LOCK_NOT_AVAILABLE,
    SERIALIZATION_FAILURE,
    UNIQUE_VIOLATION,
)
from psycopg2.errors import DiskFull

from ..mailsync.errors import StorageFull

_logger = logging.getLogger(__name__)

# A foreign key is violated when a customer or lead is deleted while a letter is being linked to it.
_CONFLICTS = {
    DEADLOCK_DETECTED,
    FOREIGN_KEY_VIOLATION,
    LOCK_NOT_AVAILABLE,
    SERIALIZATION_FAILURE,
    UNIQUE_VIOLATION,
}
_TRIES = 6


class Unit:
    """Runs functions as one transaction each. All commits of the scan are made here."""

    def __init__(self, env):
        self.env = env

    def run(self, work, *args):
        """Call ``work`` and commit; on a conflict with another worker roll back and call it again.

        Raises StorageFull.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                result = work(*args)
                self.commit()
            except DiskFull as error:
                self.rollback()
                raise StorageFull() from error
            except (OperationalError, IntegrityError) as error:
                self.rollback()
                if error.pgcode not in _CONFLICTS or not tries_left:
                    raise
                _logger.info("conflict %s with another worker, trying again", error.pgcode)
            except BaseException:
                self.rollback()
                raise
            else:
                return result
        raise AssertionError("unreachable: the last try raises")

    def commit(self):
        """End the transaction: what was done is safe, and the network may be waited for."""
        self.env["ir.cron"]._commit_progress()
        self.env.invalidate_all()

    def rollback(self):
        """Drop what was done since the last commit."""
        self.env.cr.rollback()
        self.env.transaction.clear()
