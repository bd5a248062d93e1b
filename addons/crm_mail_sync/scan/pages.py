# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import time
from collections import deque
from concurrent.futures import wait

# A page that takes longer would keep whoever waits for the first letters waiting (seconds).
_SOON = 1.0


class Pages:
    """The pages that a scan has to list, of each folder in turn: news in one do not wait for the backlog of another.

    The next one is asked for before letters run out, one at a time, when the one before is safe.
    """

    def __init__(self, lister, provider, aside, due):
        """:param aside: has a function called by the thread that talks to the server; gives a Future"""
        self._lister = lister
        self._provider = provider
        self._aside = aside
        self._due = deque(due)
        self._asked = None
        self._folder = None
        # What was told while nothing else was asked for: seconds and messages.
        self._seconds = 0.0
        self._told = 0

    def __bool__(self):
        return bool(self._due or self._asked)

    @property
    def is_here(self):
        """Whether the next page came and can be stored while letters are on their way.

        What can be archived does not wait for an error that came instead. And where a folder was numbered anew, those
        on their way are asked for by numbers that died: that they are not there is not to be said of the new ones.
        """
        asked = self._asked
        return bool(asked) and asked.done() and not asked.exception() and not asked.result().page.reset

    @property
    def is_first_look(self):
        """Whether the folder that is next was never listed, and can be before the others' letters are fetched.

        A provider that asks_known may tell messages whole with their listing (ADR 0026): they are not kept waiting.
        """
        return bool(self._due) and not (self._asked or self._due[0].cursor or self._provider.asks_known)

    def ask_first(self):
        """Ask before the letters of the page before, if they wait a moment only by what the server has told so far."""
        limit = self._lister.limit_ahead(self._due[0]) if self._due else 0
        if self._seconds / max(self._told, 1) * limit <= _SOON:
            self.ask()

    def wait(self):
        """Until the page that was asked for first is told, or why it is not."""
        if self._asked:
            wait([self._asked])

    def ask(self):
        """Have the next page listed, if it is of those that may lie about before they are stored."""
        # What a provider that asks_known tells depends on what is stored: it is asked when nothing else is.
        if self._asked or not self._due or self._provider.asks_known:
            return
        if limit := self._lister.limit_ahead(self._due[0]):
            self._folder = self._due.popleft()
            self._asked = self._aside(self._lister.ask, self._provider, self._folder, limit)

    def drop(self):
        """Ask no more; what is on its way already is not stored."""
        if self._asked:
            self._asked.cancel()

    def coming(self):
        """The folder whose page is the next to be stored."""
        if not self._asked:
            self._folder = self._due.popleft()
        return self._folder

    def store(self):
        """Store the page of the coming folder, as soon as it is here. Raises what the provider does.

        Returns what ``Lister.store`` does.
        """
        asked, self._asked = self._asked, None
        told = asked.result() if asked else self._ask_now()
        listed = self._lister.store(self._folder, told, self._provider.stable_ids)
        if listed.more:
            self._due.append(self._folder)
        return listed

    def _ask_now(self):
        began = time.monotonic()
        told = self._lister.ask(self._provider, self._folder)
        self._seconds += time.monotonic() - began
        self._told += len(told.rows)
        return told

    def leave(self):
        """List no more of the folder whose page was the last."""
        if self._folder in self._due:
            self._due.remove(self._folder)
