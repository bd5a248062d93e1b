# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that were skipped, for they were nobody's, decided anew."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import SQL

from ..mailsync.letter import Address, Head
from .bulk import execute
from .decider import KEEP, decide


@dataclass(frozen=True)
class Skipped:
    """A copy as it was listed: its message's addresses are known, their places in the header are not."""

    id: int
    head: Head
    flags: frozenset[str]
    keys: tuple[int, ...]
    # Whether its mailbox and its folder are still read.
    is_reachable: bool


class OlderCopies:
    """Puts skipped copies that somebody is known of now back into their mailboxes' queues."""

    def __init__(self, env, wanted, scopes):
        self.env = env
        self.wanted = wanted
        self.scopes = scopes
        self._rows_by_key = wanted.by_search_key()

    def list(self, position, limit):
        """Ids of copies behind ``position`` that may be meant."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT id FROM crm_mail_copy WHERE search_keys && %(keys)s::bigint[] AND %(skipped)s
                UNION
                SELECT id FROM crm_mail_copy WHERE mailbox_id = ANY(%(mailboxes)s) AND %(skipped)s
                 ORDER BY 1 LIMIT %(limit)s
                """,
                keys=list(self._rows_by_key),
                mailboxes=self.wanted.mailbox_ids,
                skipped=SQL(
                    "state = 'skipped' AND reason IN ('nobody_known', 'expired') AND is_removed IS NOT TRUE"
                    " AND is_stale IS NOT TRUE AND id > %s",
                    position,
                ),
                limit=limit,
            ),
        )
        return [copy_id for (copy_id,) in rows.fetchall()]

    def handle(self, copy_ids):
        """Decide anew on these; within the caller's transaction."""
        recalled, due = {}, set()
        missed = defaultdict(lambda: defaultdict(int))
        for mailbox_id, copies in self._load(copy_ids).items():
            for copy in self._wanted_now(mailbox_id, copies):
                row_ids = set().union(*(self._rows_by_key.get(key, ()) for key in copy.keys))
                if copy.is_reachable:
                    recalled[copy.id] = row_ids
                    due.add(mailbox_id)
                for row_id in () if copy.is_reachable else row_ids:
                    missed[row_id][mailbox_id] += 1
        self._set_pending(recalled)
        self.env["crm.mail.rematch"]._add_found(missed, are_missed=True)
        self.env["crm.mail.mailbox"].browse(due)._hurry()

    def _load(self, copy_ids):
        """Mailbox → copies."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT c.mailbox_id, c.id, c.addresses, c.flags, c.search_keys,
                       m.scan_active AND m.state NOT IN ('draft', 'paused') AND u.active
                       AND f.selected AND f.is_gone IS NOT TRUE
                  FROM crm_mail_copy c
                  JOIN crm_mail_mailbox m ON m.id = c.mailbox_id
                  JOIN res_users u ON u.id = m.user_id
                  JOIN crm_mail_folder f ON f.id = c.folder_id
                 WHERE c.id = ANY(%s) AND c.state = 'skipped'
                """,
                copy_ids,
            ),
        ).fetchall()
        copies = defaultdict(list)
        for mailbox_id, copy_id, addresses, flags, keys, is_reachable in rows:
            copies[mailbox_id].append(
                Skipped(
                    copy_id,
                    _head(addresses or ""),
                    frozenset((flags or "").split()),
                    tuple(keys or ()),
                    bool(is_reachable),
                )
            )
        return copies

    def _wanted_now(self, mailbox_id, copies):
        scope = self.scopes.of(mailbox_id)
        # What a rule says of a folder is asked when the message is fetched.
        nowhere = [""] * len(copies)
        decisions = decide(self.env, [copy.head for copy in copies], [copy.flags for copy in copies], nowhere, scope)
        # Who sent it is not known: whether an exclude rule means it, its whole header says.
        return [c for c, d in zip(copies, decisions, strict=True) if d.state == KEEP or d.reason == "excluded"]

    def _set_pending(self, recalled):
        """These wait again, and are noted for the rows of the queue that they are fetched for."""
        execute(
            self.env,
            SQL(
                "UPDATE crm_mail_copy SET state = 'pending', reason = NULL, attempts = 0"
                " WHERE id = ANY(%s) AND state = 'skipped'",
                list(recalled),
            ),
        )
        pairs = [(row_id, copy_id) for copy_id, row_ids in recalled.items() for row_id in row_ids]
        execute(
            self.env,
            SQL(
                """
                INSERT INTO crm_mail_rematch_copy (rematch_id, copy_id)
                SELECT * FROM unnest(%s::int[], %s::int[]) ON CONFLICT DO NOTHING
                """,
                [row_id for row_id, _copy_id in pairs],
                [copy_id for _row_id, copy_id in pairs],
            ),
        )


def _head(addresses):
    """The first address is the sender's, mostly."""
    people = [Address("", address, "to" if place else "from") for place, address in enumerate(addresses.split())]
    return Head(addresses=tuple(people))
