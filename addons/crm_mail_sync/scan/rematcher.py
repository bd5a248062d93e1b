# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Older letters of what was entered later: letters that are archived, and messages that were skipped.

The scan's own rules decide, mailbox by mailbox. What an archived letter then belongs to is linked at once; a skipped
message is put back into its mailbox's queue, to be fetched and decided with its whole header by the next scan.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace

from psycopg2.errors import SerializationFailure

from odoo.tools import SQL

from ..mailsync import search_keys
from ..mailsync.matching import asked_domains
from .bulk import execute
from .older_copies import OlderCopies
from .older_letters import OlderLetters
from .scope import scope_of
from .unit import Unit

WORK_SECONDS = 60
# Records that are looked for together.
BATCH = 200
# Ids that are looked up at once, and how many of them are one commit.
LISTED = 20_000
CHUNK = 500


class Overtaken(Exception):
    """Another worker goes on with these records."""


@dataclass(frozen=True)
class Group:
    """Rows of the queue that are in the same place."""

    ids: tuple[int, ...]
    stage: str
    position: int


@dataclass
class Wanted:
    """What is looked for: values, each with the rows of the queue that want it."""

    addresses: dict = field(default_factory=lambda: defaultdict(set))
    domains: dict = field(default_factory=lambda: defaultdict(set))
    mailbox_ids: list = field(default_factory=list)
    # (kind of target, id) → row
    targets: dict = field(default_factory=dict)

    def by_search_key(self):
        """Key of ``mailsync.search_keys`` → rows."""
        keys = {search_keys.address_key(address): rows for address, rows in self.addresses.items()}
        return keys | {search_keys.domain_key(domain): rows for domain, rows in self.domains.items()}


class Scopes:
    """The scopes of mailboxes, each read once."""

    def __init__(self, env):
        self.env = env
        self._known = {}

    def of(self, mailbox_id):
        """The mailbox's scope as it was when it was first asked for."""
        if mailbox_id not in self._known:
            self._known[mailbox_id] = scope_of(self.env["crm.mail.mailbox"].browse(mailbox_id))
        return self._known[mailbox_id]


class Rematcher:
    """Works off the queue ``crm.mail.rematch``: bounded transactions, each of which moves its rows on.

    Killed at any time, it goes on from there; done twice, nothing changes.
    """

    def __init__(self, env):
        self.env = env(su=True)
        self.unit = Unit(self.env)
        self.queue = self.env["crm.mail.rematch"]

    def work(self, seconds=WORK_SECONDS):
        """Work until the queue is empty or the time over; whether something is left."""
        end = time.monotonic() + seconds
        while group := self.unit.run(self._claim):
            self._await_scans()
            try:
                self._look_for(group, end)
            except Overtaken:
                return False
            if time.monotonic() > end:
                return True
        self.unit.run(self.queue._finish)
        return False

    def _claim(self):
        """The rows to go on with, None if there are none: first those begun, then those that have waited longest."""
        begun = execute(
            self.env,
            SQL(
                """
                SELECT r.id, r.stage, r.position FROM crm_mail_rematch r,
                       (SELECT stage, position FROM crm_mail_rematch
                         WHERE stage IN ('letters', 'copies') ORDER BY id LIMIT 1) first
                 WHERE r.stage = first.stage AND r.position = first.position ORDER BY r.id LIMIT %s
                """,
                BATCH,
            ),
        ).fetchall()
        if begun:
            return Group(tuple(row[0] for row in begun), *begun[0][1:])
        taken = execute(
            self.env,
            SQL(
                """
                -- As a subquery of IN it may be asked again for each row, and then finds others each time.
                WITH first AS MATERIALIZED (
                    SELECT id FROM crm_mail_rematch WHERE stage = 'waiting' ORDER BY id
                       FOR UPDATE SKIP LOCKED LIMIT %s)
                UPDATE crm_mail_rematch SET stage = 'letters', position = 0
                 WHERE id IN (SELECT id FROM first)
             RETURNING id
                """,
                BATCH,
            ),
        ).fetchall()
        self.queue.invalidate_model()
        return Group(tuple(sorted(row[0] for row in taken)), "letters", 0) if taken else None

    def _await_scans(self):
        """Wait for the transactions of scans that began before what we look for could be seen.

        Each of them holds its mailbox's row until it ends. What they skip has to be there when we look; what begins
        later knows the new contacts itself.
        """
        leased = self.unit.run(self._leased)
        for mailbox_id in leased:
            try:
                execute(self.env, SQL("SELECT FROM crm_mail_mailbox WHERE id = %s FOR NO KEY UPDATE", mailbox_id))
            except SerializationFailure:
                # It has just ended.
                self.unit.rollback()
            else:
                self.unit.commit()

    def _leased(self):
        query = SQL("SELECT id FROM crm_mail_mailbox WHERE lease_until > now() AT TIME ZONE 'UTC' ORDER BY id")
        return [mailbox_id for (mailbox_id,) in execute(self.env, query).fetchall()]

    def _look_for(self, group, end):
        scopes = Scopes(self.env)
        wanted = self.unit.run(self._wanted, group, scopes)
        for stage, next_stage, older in (
            ("letters", "copies", OlderLetters(self.env, wanted, scopes)),
            ("copies", "fetching", OlderCopies(self.env, wanted, scopes)),
        ):
            is_over = group.stage != stage
            while not is_over:
                ids = self.unit.run(older.list, group.position, LISTED)
                for start in range(0, len(ids), CHUNK):
                    group = self.unit.run(self._handle, older, group, ids[start : start + CHUNK])
                    if time.monotonic() > end:
                        return
                is_over = len(ids) < LISTED
            if group.stage == stage:
                group = self.unit.run(self._move, group, next_stage, 0)

    def _handle(self, older, group, ids):
        moved = self._move(group, group.stage, ids[-1])
        older.handle(ids)
        return moved

    def _move(self, group, stage, position):
        """The group in its next place; raises Overtaken."""
        execute(
            self.env,
            SQL(
                "UPDATE crm_mail_rematch SET stage = %s, position = %s"
                " WHERE id = ANY(%s) AND stage = %s AND position = %s",
                stage,
                position,
                list(group.ids),
                group.stage,
                group.position,
            ),
        )
        if self.env.cr.rowcount != len(group.ids):
            raise Overtaken()
        self.queue.invalidate_model()
        return replace(group, stage=stage, position=position)

    def _wanted(self, group, scopes):
        wanted = Wanted()
        columns = self.env["crm.mail.link"]._target_columns()
        for model, rows in self.queue.browse(group.ids).grouped("res_model").items():
            if model == "crm.mail.mailbox":
                wanted.mailbox_ids += rows.mapped("res_id")
            elif model in columns:
                self._add_targets(wanted, model, columns[model].removesuffix("_id"), rows)
        mailbox_ids = self.env["crm.mail.mailbox"].search([]).ids
        for domain in list(wanted.domains):
            # Neither a public provider's nor our own; else half of the archive would be looked through for nothing.
            if not any(asked_domains([f"x@{domain}"], scopes.of(mailbox_id).matching) for mailbox_id in mailbox_ids):
                del wanted.domains[domain]
        return wanted

    def _add_targets(self, wanted, model, kind, rows):
        row_ids = {row.res_id: row.id for row in rows}
        wanted.targets |= {(kind, record_id): row_id for record_id, row_id in row_ids.items()}
        for record_id, is_what, value in self.env[model].browse(row_ids)._letter_keys():
            values = wanted.addresses if is_what == "address" else wanted.domains
            values[value].add(row_ids[record_id])
