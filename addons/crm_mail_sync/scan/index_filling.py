# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Puts what was listed before a mailbox became Main into its index, and asks the server for what copies do not keep.

1. From the database: an item a copy, with what is archived of its letter.
2. Where a message may lie in several folders: which of them, from lists of ids.
3. The headers of those that are not archived. Until then such an item shows addresses in the place of names.
"""

import time

from odoo.tools import SQL

from ..mailsync.errors import CursorExpired, FolderError
from ..mailsync.letter import ROLES, Address, Head
from ..mailsync.provider import Listing
from .bulk import execute
from .conversations import join
from .indexed import item_values, thread_keys
from .indexing import Changed, enter, put
from .live import notify
from .remembered import head_of

_COPIES = 2_000
_HEADS = 200


class Filling:
    """One mailbox; each batch is a commit, and what a batch has done is not done again."""

    def __init__(self, env, scope, lease, unit):
        self.env = env
        self.scope = scope
        self.lease = lease
        self.unit = unit
        self._last = 0

    def run(self, provider, folders, deadline):
        """True if all is done."""
        if not self.scope.is_main:
            return True
        if new := self.unit.run(self._not_indexed, [folder.id for folder in folders]):
            while self.unit.run(self._fill_batch, new):
                if time.monotonic() > deadline:
                    return False
            if provider.stable_ids and not self._find_places(provider, [f for f in folders if f.id in new], deadline):
                return False
            self.unit.run(self._finish, new)
        return self._ask_heads(provider, deadline)

    def _not_indexed(self, folder_ids):
        question = SQL("SELECT id FROM crm_mail_folder WHERE id = ANY(%s) AND is_indexed IS NOT TRUE", folder_ids)
        return [folder_id for (folder_id,) in execute(self.env, question).fetchall()]

    def _finish(self, folder_ids):
        self.lease.renew(self.scope.mailbox_id)
        execute(self.env, SQL("UPDATE crm_mail_folder SET is_indexed = TRUE WHERE id = ANY(%s)", folder_ids))
        notify(self.env, self.scope, Changed(folders=set(folder_ids)), is_much=True)

    # From the database

    def _fill_batch(self, folder_ids):
        """Whether there is more."""
        self.lease.renew(self.scope.mailbox_id)
        rows = self._copies(folder_ids)
        by_folder = {}
        for row in rows:
            by_folder.setdefault((row["folder_id"], row["role"] == "drafts"), []).append(row)
        for (folder_id, is_drafts), of_folder in by_folder.items():
            self._put(folder_id, is_drafts, of_folder)
        if rows:
            self._last = rows[-1]["id"]
        return len(rows) == _COPIES

    def _put(self, folder_id, is_drafts, rows):
        values = [
            {**item_values(_listing_of(row), row, is_drafts), "is_rough": not row["email_id"]}
            for row in rows
            if not row["is_known"]
        ]
        new = [row for row in rows if not row["is_known"]]
        unknown = [thread_keys(row) for row in new if row["conversation"] is None]
        joined = iter(join(self.env, self.scope.mailbox_id, unknown) if unknown else ())
        for value, row in zip(values, new, strict=True):
            value["conversation"] = next(joined) if row["conversation"] is None else row["conversation"]
        if values:
            put(self.env, self.scope.mailbox_id, values, folder_id)
        known = [row["id"] for row in rows if row["is_known"]]
        if known:
            enter(self.env, folder_id, SQL("i.copy_id = ANY(%s)", known))

    def _copies(self, folder_ids):
        question = SQL(
            """
            SELECT c.id, c.folder_id, f.role, c.remote_id, c.received, c.subject, c.addresses, c.flags, c.thread_keys,
                   c.conversation, c.message_id, c.header_key, c.email_id, c.reason,
                   h.subject AS letter_subject, h.file_count, t.snippet, p.people,
                   EXISTS (SELECT FROM crm_mail_item i WHERE i.copy_id = c.id) AS is_known
              FROM crm_mail_copy c
              JOIN crm_mail_folder f ON f.id = c.folder_id
              LEFT JOIN crm_mail_head h ON h.email_id = c.email_id
              LEFT JOIN crm_mail_content t ON t.email_id = c.email_id
              LEFT JOIN LATERAL (SELECT json_agg(json_build_array(role, name, address) ORDER BY id) AS people
                                   FROM crm_mail_participant WHERE email_id = c.email_id) AS p ON TRUE
             WHERE c.mailbox_id = %s AND c.folder_id = ANY(%s) AND c.id > %s
               AND c.is_removed IS NOT TRUE AND c.is_stale IS NOT TRUE AND c.reason IS DISTINCT FROM 'erased'
               AND NOT EXISTS (SELECT FROM crm_mail_item i JOIN crm_mail_item_folder m ON m.item_id = i.id
                                WHERE i.copy_id = c.id AND m.folder_id = c.folder_id)
             ORDER BY c.id LIMIT %s
            """,
            self.scope.mailbox_id,
            folder_ids,
            self._last,
            _COPIES,
        )
        cursor = execute(self.env, question)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    # From the server

    def _find_places(self, provider, folders, deadline):
        for folder in folders:
            place, is_begun = "", False
            while place or not is_begun:
                is_begun = True
                try:
                    part = provider.inventory(folder.remote_id, place)
                except (CursorExpired, FolderError):
                    # The folder's own pages tell the rest, if there is one.
                    break
                self.unit.run(self._hold, folder, part.remote_ids)
                place = part.following
                if time.monotonic() > deadline:
                    return False
        return True

    def _hold(self, folder, remote_ids):
        self.lease.renew(self.scope.mailbox_id)
        lie_here = SQL(
            "i.copy_id IN (SELECT id FROM crm_mail_copy WHERE mailbox_id = %s AND remote_id = ANY(%s))",
            self.scope.mailbox_id,
            list(remote_ids),
        )
        enter(self.env, folder.id, lie_here)

    def _ask_heads(self, provider, deadline):
        while rough := self.unit.run(self._rough):
            for folder in dict.fromkeys(row["folder"] for row in rough):
                of_folder = {row["remote_id"]: row for row in rough if row["folder"] == folder}
                try:
                    listings = list(provider.listings(folder, list(of_folder)))
                except FolderError:
                    listings = []
                self.unit.run(self._settle, of_folder, listings)
            if time.monotonic() > deadline:
                return False
        return True

    def _rough(self):
        question = SQL(
            """
            SELECT i.id, i.conversation, c.folder_id, f.remote_id AS folder, f.role, c.remote_id, c.received,
                   c.header_key
              FROM crm_mail_item i JOIN crm_mail_copy c ON c.id = i.copy_id JOIN crm_mail_folder f ON f.id = c.folder_id
             WHERE i.mailbox_id = %s AND i.is_rough ORDER BY i.received DESC LIMIT %s
            """,
            self.scope.mailbox_id,
            _HEADS,
        )
        cursor = execute(self.env, question)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _settle(self, rows, listings):
        self.lease.renew(self.scope.mailbox_id)
        by_folder = {}
        for listing in listings:
            row = rows[listing.remote_id]
            values = item_values(listing, row, row["role"] == "drafts")
            by_folder.setdefault(row["folder_id"], []).append({**values, "conversation": row["conversation"]})
        for folder_id, values in by_folder.items():
            put(self.env, self.scope.mailbox_id, values, folder_id)
        # What the server does not show stays as it is.
        ids = [row["id"] for row in rows.values()]
        execute(self.env, SQL("UPDATE crm_mail_item SET is_rough = FALSE WHERE id = ANY(%s) AND is_rough", ids))
        notify(self.env, self.scope, Changed(set(ids), {row["folder_id"] for row in rows.values()}))


def _listing_of(row):
    """As much of a listing as the database has."""
    if row["people"]:
        people = tuple(Address(name or "", address, role) for role, name, address in row["people"] if role in ROLES)
        head = Head(addresses=people, subject=row["letter_subject"] or "", has_files=bool(row["file_count"]))
    else:
        head = head_of(row["addresses"], subject=row["subject"] or "")
    return Listing(row["remote_id"], head, flags=frozenset((row["flags"] or "").split()), snippet=row["snippet"] or "")
