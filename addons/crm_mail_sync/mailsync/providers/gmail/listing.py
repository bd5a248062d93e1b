# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A folder page by page: what is new by the mailbox's history, then what is listed for the first time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ...errors import CursorExpired, MailSyncError, MessageError, ProtocolError
from ...provider import Known, Page
from .cursor import Cursor
from .draft import Draft
from .fetching import Bodies
from .history import Snapshot
from .labels import flags_of
from .mailbox import Ids, Mailbox, PageExpired
from .messages import Messages

# A cursor behind everything is brought up to date once an hour if the mailbox lives, or Gmail would forget where it is:
# a history is kept for a week, and sometimes for hours only.
_HOUR = 3_600


class Lister:
    """Makes pages of the session's folders."""

    def __init__(
        self, mailbox: Mailbox, messages: Messages, bodies: Bodies, clock: Callable[[], float] = time.time
    ) -> None:
        self._mailbox = mailbox
        self._messages = messages
        self._bodies = bodies
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._told: set[str] = set()
        self._look: tuple[str, str, str, Ids] | None = None
        # What left the folder since that look; a list that is kept must not bring it back.
        self._left: set[str] = set()
        self._searched: set[str] = set()

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        """Asks one question for all folders; the answer is kept for their next pages."""
        read = {folder: Cursor.read(text) for folder, text in cursors.items()}
        listed = {folder: cursor for folder, cursor in read.items() if cursor and cursor.is_listed}
        if not listed:
            return list(cursors)
        try:
            snapshot = self._mailbox.history(min(cursor.history for cursor in read.values() if cursor))
        except CursorExpired:
            # Not all cursors need be as old as the oldest; each folder finds out.
            return list(cursors)
        self._snapshot, self._told = snapshot, set()
        return [folder for folder in cursors if folder not in listed or self._is_due(folder, listed[folder], snapshot)]

    def _is_due(self, folder: str, cursor: Cursor, snapshot: Snapshot) -> bool:
        is_old = cursor.history < snapshot.end and cursor.hour + 1 < self._hour()
        return is_old or bool(snapshot.news(folder, cursor.history, cursor.within))

    def page(self, folder: str, text: str, limit: int, known: Known) -> Page:
        self._mailbox.require(folder)
        draft = Draft(folder, limit)
        cursor = Cursor.read(text)
        reset, is_told = False, True
        if cursor is None:
            cursor = self._begun(folder)
        else:
            try:
                cursor, is_told = self._tell(cursor, draft, known)
            except CursorExpired:
                cursor, reset = self._begun(folder), True
        if is_told and not cursor.is_listed:
            cursor = self._list(cursor, draft, known)
        more = not (is_told and cursor.is_listed)
        return draft.page(cursor if more else replace(cursor, hour=self._hour()), more=more, reset=reset)

    def _begun(self, folder: str) -> Cursor:
        """At the beginning. What happens from this moment on is in the history, whatever the listing shows of it."""
        history, of_all = self._mailbox.now()
        return Cursor(history, total=self._mailbox.count(folder, of_all))

    # What happened

    def _tell(self, cursor: Cursor, draft: Draft, known: Known) -> tuple[Cursor, bool]:
        """The folder's news; the cursor behind what of them the page holds, and whether that is all."""
        snapshot = self._since(draft.folder, cursor.history)
        self._settle(snapshot, cursor, draft.folder, known)
        news = snapshot.news(draft.folder, cursor.history, cursor.within)
        joined = [item.message for item in news if item.joined]
        listed = set(known(joined)) if joined else set()
        new = [item.message for item in news if item.joined and item.message not in listed]
        done = self._get(new[: draft.room], draft, urgent=True)
        open_ones = set(new) - done
        for item in news:
            if item.message in open_ones:
                return cursor.told(snapshot.before(item.record, cursor.history), item.index), False
            if item.gone:
                draft.gone.add(item.message)
            elif item.labels is not None and (not item.joined or item.message in listed):
                draft.flags[item.message] = flags_of(item.labels)
        self._left = (self._left | draft.gone) - {item.message for item in news if not item.gone}
        return cursor.told(snapshot.end), True

    def _since(self, folder: str, history: int) -> Snapshot:
        """The answer to the last question that all folders had in common, once for each, else a new one.

        After a new one the common one is old news: it would put a message back where it was before it was moved.
        """
        if self._snapshot and self._snapshot.start <= history and folder not in self._told:
            self._told.add(folder)
            return self._snapshot
        self._snapshot = None
        return self._mailbox.history(history)

    def _settle(self, snapshot: Snapshot, cursor: Cursor, folder: str, known: Known) -> None:
        """Ask for labels that the history leaves out, of messages that are known; others are looked at anyhow."""
        unsettled = snapshot.unsettled(folder, cursor.history, cursor.within)
        if not unsettled:
            return
        for remote_id, answer in self._messages.get(list(known(unsettled)), "minimal", urgent=True):
            snapshot.settle(remote_id, None if isinstance(answer, MessageError) else answer.labels)

    # What is there

    def _list(self, cursor: Cursor, draft: Draft, known: Known) -> Cursor:
        while draft.room > 0 and not cursor.is_listed:
            if cursor.is_endless:
                raise ProtocolError("lists of ids without an end")
            try:
                cursor, ids = self._ids(cursor, draft.folder)
                cursor = self._list_ids(cursor, ids, draft, known)
            except PageExpired:
                cursor = cursor.from_the_top()
            except MailSyncError:
                # What the page holds is paid for: it goes out, and the next page meets the same trouble if it lasts.
                if draft.is_empty:
                    raise
                break
        return cursor

    def _ids(self, cursor: Cursor, folder: str) -> tuple[Cursor, Ids]:
        """The page of ids that the cursor is in; within a session it is asked for once."""
        place = (folder, cursor.phase, cursor.token)
        if self._look is not None and self._look[:3] == place and cursor.last:
            return cursor, self._look[3]
        ids = self._mailbox.ids(folder, cursor.token)
        self._look, self._left = (*place, ids), set()
        return replace(cursor, looks=cursor.looks + 1), ids

    def _list_ids(self, cursor: Cursor, page: Ids, draft: Draft, known: Known) -> Cursor:
        ids = page.ids[page.ids.index(cursor.last) + 1 :] if cursor.last in page.ids else page.ids
        listed = set(known(ids)) if ids else set()
        listed -= self._left
        passed = listed | self._left | draft.gone | {listing.remote_id for listing in draft.listings}
        new = [remote_id for remote_id in ids if remote_id not in passed]
        done = self._get(new[: draft.room], draft, urgent=False)
        open_ones = set(new) - done
        stop = next((place for place, remote_id in enumerate(ids) if remote_id in open_ones), len(ids))
        draft.met.update(listed.intersection(ids[:stop]))
        if stop < len(ids):
            return cursor.listed(ids[stop - 1] if stop else cursor.last, stop)
        if page.following:
            return cursor.next_page(page.following, stop)
        return cursor.listed("", stop).phase_over()

    def _get(self, ids: Sequence[str], draft: Draft, *, urgent: bool) -> set[str]:
        """List these messages, as far as it goes; those that were dealt with."""
        done: set[str] = set()
        if not ids:
            return done
        try:
            self._look_for_large(draft.folder, urgent)
            for remote_id, answer in self._messages.listed(draft.while_room(ids), urgent=urgent):
                done.add(remote_id)
                draft.take(remote_id, answer)
                if not isinstance(answer, MessageError) and answer.content is not None:
                    self._bodies.keep(remote_id, answer.content)
                del answer
        except MailSyncError:
            if not draft.listings:
                raise
            draft.is_cut = True
        return done

    def _look_for_large(self, folder: str, urgent: bool) -> None:
        """Once a session for the listing, and each time for new mail, which no earlier answer knows."""
        if urgent or folder not in self._searched:
            self._searched.add(folder)
            self._messages.note_large(self._mailbox.large(folder))

    def _hour(self) -> int:
        return int(self._clock() // _HOUR)
