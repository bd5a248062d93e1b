# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from collections import deque


class Pages:
    """The pages that a scan has to list, of each folder in turn: news in one do not wait for the backlog of another.

    The next one is asked for while letters are archived, one at a time, when the one before is safe.
    """

    def __init__(self, lister, provider, aside, due):
        """:param aside: has a function called by the thread that talks to the server; gives a Future"""
        self._lister = lister
        self._provider = provider
        self._aside = aside
        self._due = deque(due)
        self._asked = None
        self._folder = None

    def __bool__(self):
        return bool(self._due or self._asked)

    @property
    def is_here(self):
        """Whether the next page came and can be stored while letters are on their way.

        What can be archived does not wait for an error that came instead. And where a folder was numbered anew, those
        on their way are asked for by numbers that died: that they are not there is not to be said of the new ones.
        """
        asked = self._asked
        return bool(asked) and asked.done() and not asked.exception() and not asked.result().reset

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
        page = asked.result() if asked else self._lister.ask(self._provider, self._folder)
        listed = self._lister.store(self._folder, page, self._provider.stable_ids)
        if listed.more:
            self._due.append(self._folder)
        return listed

    def leave(self):
        """List no more of the folder whose page was the last."""
        if self._folder in self._due:
            self._due.remove(self._folder)
