# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import dataclass, replace
from functools import partial

from odoo.tools import SQL

from ..mailsync import policy
from ..mailsync.errors import FolderUnsteady
from ..mailsync.provider import Page
from . import asked, erased, put_away, renumbered, sent_here
from .bulk import execute, insert_rows
from .decider import KEEP, SKIP, Decision, decide
from .indexing import Index
from .live import notify
from .moments import utc
from .presence import follow, remove
from .scope import scope_of
from .start import BEFORE_START, is_before
from .told import conversation_of, copy_row, tell

PAGE = 1000
# Of a folder that was never listed: its newest letters are archived at once.
_FIRST_PAGE = 200
# So much of a folder is left for its last page, which is asked for when nothing else is on its way.
_LAST_PAGE = 100
# Of a server that did not tell a page in the time that a session has.
_SLOW_PAGE = 100
_UNDECIDED = frozenset({"draft", put_away.REASON})


@dataclass(frozen=True)
class Listed:
    """What one page brought."""

    seen: int
    kept: int
    more: bool
    remaining: int


class Superseded(Exception):
    """The folder's cursor moved under us: another worker has done this page."""


class Lister:
    """Turns a provider's page into copies. Page and cursor are one commit, so that nothing is ever passed over."""

    def __init__(self, env, scope, lease, unit, is_slow=False):
        self._page_size = min(PAGE, _SLOW_PAGE) if is_slow else PAGE
        self.env = env
        self.scope = scope
        self.lease = lease
        self.unit = unit

    def ask(self, provider, folder, limit=None):
        """What the page behind the folder's cursor tells, as Told; ``folder`` is a FolderState.

        Uses the database only for a provider that ``asks_known``; any other may be asked by another thread.
        """
        limit = limit or (self._page_size if folder.cursor else min(self._page_size, _FIRST_PAGE))
        known = partial(self._known, put_away.is_away(folder))
        return tell(self.scope, folder, provider.changes(folder.remote_id, folder.cursor, limit, known))

    def limit_ahead(self, folder):
        """How much of the folder can be listed that tells nothing but what lay in it all the time; 0 for its last page.

        The last page says what is there and what is not. What the owner does in the app Email meanwhile would be undone
        by an answer that is older.
        """
        return max(min(self._page_size, folder.remaining - _LAST_PAGE), 0)

    def store(self, folder, told, stable_ids):
        """Store what a page told; the folder is moved on when it is safe."""
        page = told.page
        resets = folder.resets + 1 if page.reset else folder.resets if folder.is_met else 0
        if resets > policy.FOLDER_RESETS:
            raise FolderUnsteady()
        listed = self.unit.run(self._store, folder, told, resets, stable_ids)
        folder.cursor, folder.resets, folder.is_met = page.cursor, resets, True
        return listed

    def add(self, folder, listings, stable_ids):
        """Store messages that no page told of; the cursor stays. Within the caller's transaction."""
        page = Page(folder.cursor, tuple(listings), more=True, remaining=folder.remaining)
        return self._store(folder, tell(self.scope, folder, page), folder.resets, stable_ids)

    def remove(self, folder, remote_ids):
        """Note that these have left the folder. Within the caller's transaction."""
        remove(self.env, SQL("folder_id = %s AND remote_id = ANY(%s)", folder.id, list(remote_ids)))
        if self.scope.is_main:
            changed = Index(self.env, self.scope.mailbox_id).remove(folder.id, remote_ids)
            notify(self.env, self.scope, changed)

    def _known(self, is_away, remote_ids):
        return self.unit.run(self._find_known, is_away, remote_ids)

    def _find_known(self, is_away, remote_ids):
        """What was given up before it was archived is as good as unknown, and so is what only lay in spam or trash."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT c.remote_id FROM crm_mail_copy c
                 WHERE c.mailbox_id = %s AND c.remote_id = ANY(%s) AND c.state != 'gone' AND %s
                """,
                self.scope.mailbox_id,
                list(remote_ids),
                put_away.is_known(is_away),
            ),
        )
        return {remote_id for (remote_id,) in rows.fetchall()}

    def _store(self, folder, told, resets, stable_ids):
        page = told.page
        self.lease.renew(self.scope.mailbox_id)
        self._move_cursor(folder, page, resets)
        if page.reset:
            renumbered.mark(self.env, folder, stable_ids)
        rows = [_decided(*pair) for pair in zip(told.rows, self._decide(folder, page.listings), strict=True)]
        # Where ids are stable they tell themselves which of them are met again.
        met_again = set() if stable_ids else renumbered.meet(self.env, folder, rows)
        self._forget_undecided(rows)
        new = self._insert([row for row in rows if row["remote_id"] not in met_again])
        self._settle_returned(rows)
        self._want_sent(rows)
        not_met = follow(self.env, self.scope.mailbox_id, folder, page)
        if self.scope.is_main:
            changed = Index(self.env, self.scope.mailbox_id).follow(folder, told, rows, not_met)
            notify(self.env, self.scope, changed)
        if put_away.is_away(folder):
            put_away.forget_gone(self.env, folder, page, not_met)
        kept = sum(1 for row in rows if row["state"] == KEEP and row["remote_id"] in new)
        return Listed(len(new), kept, page.more, page.remaining or 0)

    def _decide(self, folder, listings):
        folders = [folder.remote_id] * len(listings)
        heads = [replace(li.head, conversation=conversation_of(li)) for li in listings]
        decisions = decide(self.env, heads, [li.flags for li in listings], folders, self.scope)
        return [self._decision(folder, *pair) for pair in zip(listings, decisions, strict=True)]

    def _decision(self, folder, listing, decision):
        if put_away.is_away(folder) and decision.reason != erased.ERASED:
            return put_away.DECISION
        # A draft is forgotten when it is sent, so it has to stay one.
        if decision.reason not in ("draft", erased.ERASED) and is_before(utc(listing.received), self.scope):
            return BEFORE_START
        # Without its header a message cannot be judged: it is fetched, or the fetch says what is wrong with it.
        return Decision(KEEP, listing.error.code) if listing.error else decision

    def _move_cursor(self, folder, page, resets):
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_folder SET cursor = %s, remaining = %s, resets = %s, error_message = NULL
                 WHERE id = %s AND COALESCE(cursor, '') = %s
                """,
                page.cursor,
                page.remaining or 0,
                resets,
                folder.id,
                folder.cursor,
            ),
        )
        if not self.env.cr.rowcount:
            raise Superseded()

    def _forget_undecided(self, rows):
        """What was a draft, or lay in spam or trash, was not decided as a letter: it is one that was never seen.

        A draft that was sent under its old id has a header of its own, too.
        """
        decided = [row["remote_id"] for row in rows if row["reason"] not in _UNDECIDED]
        execute(
            self.env,
            SQL(
                """
                DELETE FROM crm_mail_copy
                 WHERE mailbox_id = %s AND remote_id = ANY(%s) AND state = 'skipped' AND reason = ANY(%s)
                """,
                self.scope.mailbox_id,
                decided,
                list(_UNDECIDED),
            ),
        )

    def _insert(self, rows):
        """Insert the copies; those known already are only brought up to date. The ids of the new ones."""
        returned = insert_rows(
            self.env,
            "crm_mail_copy",
            rows,
            """
            ON CONFLICT (mailbox_id, remote_id) DO UPDATE
               SET folder_id = EXCLUDED.folder_id, is_removed = EXCLUDED.is_removed, is_stale = FALSE,
                   flags = EXCLUDED.flags,
                   -- A draft that comes back from the trash is one again.
                   reason = CASE WHEN crm_mail_copy.state = 'gone' OR crm_mail_copy.reason = 'put_away'
                                      AND crm_mail_copy.state = 'skipped' THEN EXCLUDED.reason
                                 ELSE crm_mail_copy.reason END,
                   rule_ref = CASE WHEN crm_mail_copy.state = 'gone' THEN EXCLUDED.rule_ref
                                   ELSE crm_mail_copy.rule_ref END,
                   state = CASE WHEN crm_mail_copy.state = 'gone' THEN EXCLUDED.state
                                -- Spam and trash tell of one that waits to be archived: it waits no more.
                                WHEN crm_mail_copy.state = 'pending' AND EXCLUDED.is_removed
                                     AND crm_mail_copy.is_wanted IS NOT TRUE
                                THEN CASE WHEN crm_mail_copy.email_id IS NULL THEN 'gone' ELSE 'kept' END
                                ELSE crm_mail_copy.state END,
                   attempts = CASE WHEN crm_mail_copy.state = 'gone' THEN 0 ELSE crm_mail_copy.attempts END
            RETURNING remote_id, xmax = 0
            """,
        )
        return {remote_id for remote_id, is_new in returned if is_new}

    def _settle_returned(self, rows):
        """Of what had gone and is met again: what was erased meanwhile has no traces, what was asked for still is."""
        skipped = [row["remote_id"] for row in rows if row["state"] == SKIP]
        if not skipped:
            return
        question = SQL(
            """
            SELECT id, reason FROM crm_mail_copy
             WHERE mailbox_id = %s AND remote_id = ANY(%s) AND state = 'skipped' AND (reason = %s OR is_wanted)
            """,
            self.scope.mailbox_id,
            skipped,
            erased.ERASED,
        )
        found = execute(self.env, question).fetchall()
        erased.wipe(self.env, [copy_id for copy_id, reason in found if reason == erased.ERASED])
        asked.renew(self.env, [copy_id for copy_id, reason in found if reason not in asked.FINAL])

    def _want_sent(self, rows):
        skipped = [row["remote_id"] for row in rows if row["state"] == SKIP and row["message_id"]]
        wanted = sent_here.want(self.env, self.scope.mailbox_id, skipped)
        for row in rows:
            if row["remote_id"] in wanted:
                row["state"] = KEEP


def take_in(mailbox, folder, listing):
    """Store one message that its owner found on the server, in whatever directory; the copy.

    :param folder: ``crm.mail.folder``
    """
    scope = scope_of(mailbox)
    lister = Lister(mailbox.env, scope, None, None)
    decisions = erased.settle(mailbox.env, [listing.head], [Decision(KEEP, "asked")])
    lister._insert([_decided(copy_row(scope, folder, listing), decisions[0])])
    copies = mailbox.env["crm.mail.copy"]
    copies.invalidate_model()
    return copies.search([("mailbox_id", "=", mailbox.id), ("remote_id", "=", listing.remote_id)])


def _decided(row, decision):
    """A copy's row with what was decided of its message."""
    return erased.without_traces(
        {**row, "state": decision.state, "reason": decision.reason, "rule_ref": decision.rule_ref}
    )
