# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
import time
import traceback

from odoo import fields

from ..mailsync.errors import MailSyncError
from .lease import Lease, LeaseLost
from .lister import Superseded
from .session import Session
from .unit import Unit

_logger = logging.getLogger(__name__)

# A mailbox's slice, then the next one has its turn: a huge first import does not keep small mailboxes waiting.
SLICE_SECONDS = 20
# Well below the 120 seconds after which Odoo ends a cron job.
WORK_SECONDS = 60


class Runner:
    """Takes due mailboxes one after the other. An error of one becomes its state and never stops the others."""

    def __init__(self, env):
        self.env = env(su=True)
        self.unit = Unit(self.env)
        self.lease = Lease(self.env)

    def work(self):
        """Scan while there is a due mailbox and time; wake another worker for what is left."""
        end = time.monotonic() + WORK_SECONDS
        while mailbox_id := self.unit.run(self.lease.take):
            self.scan(mailbox_id, min(end, time.monotonic() + SLICE_SECONDS))
            if time.monotonic() > end:
                self.unit.run(self.env["crm.mail.mailbox"]._schedule_scan)
                break

    def scan(self, mailbox_id, deadline):
        """One slice of a leased mailbox, whatever happens to it."""
        try:
            self._scan(mailbox_id, deadline)
        except (LeaseLost, Superseded):
            # Also while a failure was to be noted: the mailbox may be gone by then.
            _logger.info("mailbox %s: another worker has taken over", mailbox_id)

    def _scan(self, mailbox_id, deadline):
        started = fields.Datetime.now()
        session = Session(self.env, mailbox_id, self.lease, self.unit)
        try:
            is_complete = session.run(deadline)
            self.unit.run(self._finish, session, started, is_complete)
        except (LeaseLost, Superseded):
            raise
        except MailSyncError as error:
            _logger.info("mailbox %s: %s", mailbox_id, error.code)
            self.unit.run(self._fail, session, started, error)
        except Exception as error:  # pylint: disable=broad-except
            # The boundary of a mailbox: a defect of ours must show in its state and must not stop the others.
            # The frames are logged, the error's text is not: it may hold addresses.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _logger.error("mailbox %s: %s\n%s", mailbox_id, type(error).__name__, frames)
            self.unit.run(self._fail, session, started, MailSyncError())

    def _finish(self, session, started, is_complete):
        self.lease.release(session.mailbox.id)
        session.finish(started)
        if is_complete:
            session.mailbox._set_scanned()
        else:
            session.mailbox._set_unfinished()

    def _fail(self, session, started, error):
        self.lease.release(session.mailbox.id)
        session.finish(started, error)
        session.mailbox._set_failed(error)
