# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import logging
import threading
import time
from contextlib import closing

from ..mailsync import plan, policy
from ..mailsync.errors import FolderError, FolderGone, FolderUnsteady, Paced, TooSlow
from ..models import error_texts
from . import put_away
from .archiver import Archiver
from .completeness import Completeness
from .files import FileKeeper
from .index_filling import Filling
from .left_out import account_for
from .lister import Lister
from .pages import Pages
from .progress import Progress
from .scope import scope_of
from .start import decide_anew
from .state import FolderState, Tally
from .taking_back import take_back
from .unit import Unit

_logger = logging.getLogger(__name__)

# Batches of messages that a scan decides anew before it goes to the network; the next scan goes on with the rest.
_TAKEN_BACK = 20
# So long a new mailbox's folders are looked into, one after the other, before its first letters are archived (seconds).
_FIRST_LOOK = 1.0


class Session:
    """One scan of one mailbox: every picked folder, page by page, and what is kept of them archived.

    Newest first and resumable: whenever it ends, the next one goes on from the committed cursors.
    """

    def __init__(self, env, mailbox_id, lease, unit):
        self.env = env
        self.mailbox = env["crm.mail.mailbox"].browse(mailbox_id)
        self.lease = lease
        self.unit = unit
        self.tally = Tally()
        self._thread = threading.current_thread()
        self._connector = None
        self._needs_folders = False
        self._is_slow = False
        # Whether nothing of the mailbox was listed before this session.
        self._is_new = False
        self._is_check_due = False
        self._progress = Progress(self.mailbox, lease, unit, self.tally)
        self._steps = 0

    def run(self, deadline):
        """Scan until the end or the deadline (time.monotonic); True if everything was done. Raises MailSyncError."""
        scope, folders, keeper = self.unit.run(self._prepare)
        self._take_back(scope)
        lister = Lister(self.env, scope, self.lease, self.unit, self._is_slow)
        archiver = Archiver(self.env, scope, self.lease, self.unit, self.tally, keeper)
        while self.unit.run(self._decide_anew, scope):
            if time.monotonic() > deadline:
                return False
        with self._connector() as provider, closing(archiver):
            self._progress.traffic = provider.traffic
            try:
                is_complete = self._scan(provider, lister, archiver, folders, deadline)
                if is_complete and self._needs_folders:
                    self.unit.run(self._store_folders, provider.folders())
                if is_complete and self._is_check_due:
                    is_complete = self._check(provider, lister, archiver, folders, deadline)
                if is_complete:
                    is_complete = Filling(self.env, scope, self.lease, self.unit).run(provider, folders, deadline)
                return is_complete
            except TooSlow:
                # What came before it is safe, and a message that is too large for the line is set aside in the end.
                if not self._steps:
                    raise
                return False
            finally:
                self.tally.requests = provider.traffic.requests
                self.tally.bytes_received = provider.traffic.bytes_received

    def _prepare(self):
        """Read all that is needed before the network; nothing is read again while it is waited for."""
        self.lease.renew(self.mailbox.id)
        self._connector = self.mailbox._connector__(self._keep_tokens)
        self._needs_folders = self.mailbox._needs_folders()
        self._is_slow = self.mailbox.error_code == TooSlow.code
        self._is_check_due = self.mailbox._is_check_due() or self.mailbox._is_being_checked()
        self._progress.begin()
        picked = self.mailbox.folder_ids._scanned().sorted(lambda f: plan.folder_rank(f.role or ""))
        self._account_for()
        folders = [
            FolderState(
                *(f.id, f.remote_id, f.cursor or "", f.remaining, f.resets), role=f.role or "", is_picked=f.selected
            )
            for f in picked
        ]
        return scope_of(self.mailbox), folders, FileKeeper(self.env)

    def _take_back(self, scope):
        for _batch in range(_TAKEN_BACK):
            if not self.unit.run(take_back, self.env, self.lease, scope):
                return

    def _keep_tokens(self, tokens):
        """Committed when it returns: what the provider has renewed must not be lost with a worker.

        The thread that fetches may need new tokens as well, and has to leave our database connection alone.
        """
        if threading.current_thread() is self._thread:
            self.unit.run(self._store_tokens, self.env, tokens)
            return
        with self.env.registry.cursor() as cursor:
            env = self.env(cr=cursor)
            Unit(env).run(self._store_tokens, env, tokens)

    def _store_tokens(self, env, tokens):
        self.lease.renew(self.mailbox.id, env)
        self.mailbox.with_env(env)._store_tokens__(tokens)

    def _store_folders(self, listed):
        self.lease.renew(self.mailbox.id)
        self.mailbox._store_folders(listed)
        self._account_for()

    def _account_for(self):
        # What only the app Email lists archives nothing.
        archived = self.mailbox.folder_ids._scanned().filtered("selected")
        account_for(self.env, self.mailbox.id, archived.ids)

    def _decide_anew(self, scope):
        self.lease.renew(self.mailbox.id)
        return decide_anew(self.env, scope)

    def _scan(self, provider, lister, archiver, folders, deadline):
        known = {folder.remote_id: folder.cursor for folder in folders if folder.cursor}
        self._is_new = not known
        # The first question is one that always has an answer: a server out of reach must not look like a message that
        # breaks its connection.
        changed = set(provider.changed(known)) if known else set()
        # What an earlier scan left, before anything new is listed. With nothing known a listing comes first.
        pause = None
        try:
            if (known or not folders) and not self._archive_all(provider, archiver, folders, deadline):
                return False
        except Paced as error:
            pause = error
        if steady := [f.id for f in folders if f.resets and f.cursor and f.remote_id not in changed]:
            self.unit.run(self._note_steady, steady)
        due = [folder for folder in folders if not folder.cursor or folder.remote_id in changed]
        # However short the slices are, a large backlog is not always the first.
        due.sort(key=lambda folder: folder.remaining)
        used = [folder for folder in due if not put_away.is_away(folder)]
        if not self._scan_folders(provider, lister, archiver, used, folders, deadline, pause):
            return False
        # Spam and trash wait for all that may be archived.
        away = [folder for folder in due if put_away.is_away(folder)]
        return self._scan_folders(provider, lister, archiver, away, folders, deadline, None)

    def _check(self, provider, lister, archiver, folders, deadline):
        """Hold the folders against the server; False if the time is over before all that was found is archived."""
        check = Completeness(self.mailbox, lister, self.tally)
        check.begin([folder for folder in folders if folder.is_picked])
        # What an earlier session counted is compared now, for what has come since has just been listed.
        if not check.compare(provider, folders, deadline):
            return False
        if check.count(provider, folders, deadline):
            if not self._scan(provider, lister, archiver, folders, deadline):
                return False
            check.compare(provider, folders, deadline)
        return self._archive_all(provider, archiver, folders, deadline)

    def _scan_folders(self, provider, lister, archiver, due, folders, deadline, pause):
        """List and archive page by page.

        A folder for whose backlog the quota is used up leaves the others what is held back for news.

        :param pause: the Paced that what was left by earlier scans met, if any
        """
        pages = Pages(lister, provider, archiver.aside, due)
        first_look_until = time.monotonic() + _FIRST_LOOK
        while pages:
            try:
                archiver.expect(self._store_page(pages))
                if self._is_new and pages.is_first_look and time.monotonic() < first_look_until:
                    continue
                if not self._archive_all(provider, archiver, folders, deadline, pages):
                    return False
            except Paced as error:
                pause = pause or error
                pages.leave()
        if pause:
            raise pause
        return True

    def _store_page(self, pages):
        """How many of the page are to be archived."""
        folder = pages.coming()
        try:
            listed = pages.store()
        except FolderError as error:
            self.unit.run(self._note_folder_error, folder, error)
            # What is there and what is not, the server's list says.
            self._needs_folders = self._needs_folders or isinstance(error, FolderGone)
            return 0
        self._steps += 1
        self.tally.seen += listed.seen
        self.tally.skipped += listed.seen - listed.kept
        folder.remaining = listed.remaining
        return listed.kept

    def _archive_all(self, provider, archiver, folders, deadline, pages=None):
        """Archive what is pending; False if the time is over.

        :param pages: what is listed next, before the letters run out
        """
        before = self._steps
        # What is asked before the letters may fail again and again: only those of a new mailbox wait for it.
        ask_first = pages.ask_first if pages and self._is_new and not self._is_over(deadline) else None
        try:
            with closing(archiver.run(provider, deadline, ask_first)) as batches:
                for has_stored in batches:
                    if has_stored and self._has_to_end(folders, deadline):
                        if pages:
                            pages.drop()
                        break
                    if pages and (has_stored or ask_first):
                        self._turn_pages(pages, archiver, has_stored)
        except (Paced, TooSlow) as error:
            # A message's try is counted.
            self._steps += isinstance(error, TooSlow)
            self._report_since(before, folders)
            raise
        self._report_since(before, folders)
        return not self._is_over(deadline)

    def _has_to_end(self, folders, deadline):
        """Whether the time is over; called after each batch."""
        self._steps += 1
        if self._progress.is_due:
            self._progress.report(folders)
        return self._is_over(deadline)

    def _turn_pages(self, pages, archiver, has_stored):
        """Store the page that came while letters are on their way, or ask for one."""
        if not has_stored:
            pages.wait()
        if pages.is_here:
            self._store_page(pages)
        elif archiver.is_running_out:
            pages.ask()

    def _report_since(self, steps, folders):
        if self._steps > steps:
            self._progress.report(folders)

    def _is_over(self, deadline):
        # However short the slice, it must bring the mailbox forward.
        return self._steps > 0 and time.monotonic() > deadline

    def _note_steady(self, folder_ids):
        self.lease.renew(self.mailbox.id)
        self.env["crm.mail.folder"].browse(folder_ids).resets = 0

    def _note_folder_error(self, folder, error):
        self.lease.renew(self.mailbox.id)
        record = self.env["crm.mail.folder"].browse(folder.id)
        if isinstance(error, FolderUnsteady):
            record.resets = policy.FOLDER_RESETS + 1
            self._account_for()
        record.error_message = error_texts.explain(self.env, error, self.mailbox)
        _logger.info("folder %s of mailbox %s: %s", folder.id, self.mailbox.id, error.code)

    def finish(self, started, error=None):
        """Write the run log; within the caller's transaction."""
        self._progress.finish(started, error)
