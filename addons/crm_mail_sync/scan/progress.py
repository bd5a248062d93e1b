# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import time

from odoo import fields

from ..models import error_texts

# Whoever looks on is told so often (seconds).
_REPORT = 1.0


class Progress:
    """What a session tells while it goes on, and what the run log says of it."""

    def __init__(self, mailbox, lease, unit, tally):
        self.mailbox = mailbox
        self.lease = lease
        self.unit = unit
        self.tally = tally
        # The provider's, as soon as there is one.
        self.traffic = None
        # Messages that earlier slices of the same import dealt with.
        self._done_before = 0
        self._next_report = 0.0

    def begin(self):
        """Go on from what earlier slices have told; within the caller's transaction."""
        if self.mailbox.state == "importing":
            self._done_before = self.mailbox.progress_done

    @property
    def is_due(self):
        """Whether whoever looks on was told nothing for a while."""
        return time.monotonic() >= self._next_report

    def report(self, folders):
        """Bring the progress to whoever looks at the mailbox."""
        self._next_report = time.monotonic() + _REPORT
        self.unit.run(self._store, sum(folder.remaining for folder in folders))

    def _store(self, to_list):
        mailbox = self.mailbox
        self.lease.renew(mailbox.id)
        copies = mailbox.env["crm.mail.copy"]
        waiting = [("mailbox_id", "=", mailbox.id), ("state", "=", "pending"), ("folder_id.selected", "=", True)]
        pending = copies.search_count(waiting)
        tally = self.tally
        done = tally.kept + tally.skipped + tally.failed + tally.gone
        mailbox._set_progress(max(self._done_before + done, 0), pending + to_list)
        self._store_pace()

    def _store_pace(self):
        """Also on the way: what a session used counts for the next one, even if its worker is killed."""
        # A session that did not come about used nothing, and says nothing of what those before it used.
        if self.traffic and self.traffic.pace != (self.mailbox.pace or ""):
            self.mailbox.pace = self.traffic.pace

    def finish(self, started, error=None):
        """Write the run log; within the caller's transaction."""
        tally = self.tally
        self._store_pace()
        if not (tally.seen or tally.kept or error):
            return
        self.mailbox.env["crm.mail.run"].create(
            {
                "mailbox_id": self.mailbox.id,
                "started": started,
                "seconds": (fields.Datetime.now() - started).total_seconds(),
                "seen": tally.seen,
                # A reply that an earlier scan had skipped takes one off when it is looked at again.
                "kept": max(tally.kept, 0),
                "skipped": max(tally.skipped, 0),
                "failed": tally.failed,
                "gone": tally.gone,
                "requests": tally.requests,
                "bytes_received": min(tally.bytes_received, 2**31 - 1),
                "error_code": error.code if error else False,
                "error_message": error_texts.explain(self.mailbox.env, error, self.mailbox) if error else False,
            }
        )
