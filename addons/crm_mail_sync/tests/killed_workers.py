# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import SUPERUSER_ID, api

from ..scan import archiver
from ..scan.runner import Runner
from ..scan.unit import Unit


class Killed(BaseException):
    """Ends a worker as SIGKILL does: nothing of its own code may clean up behind it."""


class KilledWorkers:
    """Mixin for ScanCase: workers that die before and after each commit."""

    def dies_at(self, step):
        """Let a new worker work that is killed at its commit number ``step``; False if it lived to the end."""
        self.free_lease()
        moments = iter(range(10_000))
        commit = Unit.commit

        def fatal(unit):
            if next(moments) == step:
                raise Killed()
            commit(unit)
            if next(moments) == step:
                raise Killed()

        with self.registry.cursor() as cr:
            runner = Runner(api.Environment(cr, SUPERUSER_ID, {}))
            try:
                with (
                    patch.object(Unit, "commit", fatal),
                    # A killed process runs no finally either.
                    patch.object(archiver.Archiver, "_unclaim", lambda *_args: None),
                ):
                    runner.work()
            except Killed:
                cr.rollback()
                return True
        return False

    def free_lease(self):
        """As if the lease of a dead worker had run out."""
        self.cr.rollback()
        self.cr.execute("UPDATE crm_mail_mailbox SET lease_until = NULL, next_run = now() - interval '1 hour'")
        self.cr.commit()
        self.env.invalidate_all()
