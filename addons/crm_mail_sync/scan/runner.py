# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
import threading
import time
import traceback

from odoo import fields

from ..mailsync.errors import MailSyncError, Paced, StorageUnavailable
from .lease import Lease, LeaseLost
from .lister import Superseded
from .session import Session
from .unit import Unit

_logger = logging.getLogger(__name__)

# A mailbox's slice, then the next one has its turn: a huge first import does not keep small mailboxes waiting.
SLICE_SECONDS = 20
# With the limit of a session (``ImapSettings.session_limit``), which may begin as late as that, below the 120 seconds
# after which Odoo ends a cron job.
WORK_SECONDS = 60
# What a minute's quota makes wait goes on a little more than a minute later: for that a worker stays.
_BEYOND = 5


class Runner:
    """Takes due mailboxes one after the other. An error of one becomes its state and never stops the others."""

    def __init__(self, env):
        self.env = env(su=True)
        self.unit = Unit(self.env)
        self.lease = Lease(self.env)

    def work(self, patient=False):
        """Scan while there is a due mailbox and time; wake another worker for what is left.

        :param patient: stay for mailboxes that are due within this turn. Odoo looks for jobs once a minute, and a
            provider whose quota is counted by the minute would then be used half.
        """
        end = time.monotonic() + WORK_SECONDS
        while True:
            mailbox_id = self.unit.run(self.lease.take)
            if not mailbox_id and not (patient and self._await_due(end)):
                return
            if mailbox_id:
                self.scan(mailbox_id, min(end, time.monotonic() + SLICE_SECONDS))
            if time.monotonic() > end:
                self.unit.run(self.env["crm.mail.mailbox"]._schedule_scan)
                return

    def _await_due(self, end):
        """Wait for the next import that goes on about ``end`` or before; False if there is none.

        Nothing is leased meanwhile.
        """
        seconds = self.unit.run(self.lease.next_paced)
        if seconds is None or seconds > end + _BEYOND - time.monotonic():
            return False
        threading.Event().wait(max(seconds, 0.1))
        return True

    def scan(self, mailbox_id, deadline):
        """One slice of a leased mailbox, whatever happens to it."""
        try:
            self._scan(mailbox_id, deadline)
        except StorageUnavailable as error:
            # Not even its state can be stored. When its lease has run out, it is tried again.
            _logger.error("mailbox %s: %s", mailbox_id, error.code)
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
        except Paced as pause:
            self.unit.run(self._pause, session, started, pause.retry_after)
        except MailSyncError as error:
            level = logging.ERROR if isinstance(error, StorageUnavailable) else logging.INFO
            _logger.log(level, "mailbox %s: %s", mailbox_id, error.code)
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

    def _pause(self, session, started, seconds):
        """The quota of this minute is used up: nothing failed, and the scan goes on when there is more."""
        self.lease.release(session.mailbox.id)
        session.finish(started)
        session.mailbox._set_unfinished(seconds)

    def _fail(self, session, started, error):
        self.lease.release(session.mailbox.id)
        session.finish(started, error)
        session.mailbox._set_failed(error)
