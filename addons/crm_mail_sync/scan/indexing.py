# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index of a Main mailbox follows its pages: what is listed, changed and gone, in the commit that stores it.

A page tells of one folder, and of nothing but what that holds. So a message with several labels is told of by several
folders, and lies in each of them until that one says otherwise.
"""

import json
from dataclasses import dataclass, field

from odoo.tools import SQL

from . import erased
from .bulk import execute
from .conversations import join
from .indexed import box_word, searched, thread_keys

_COLUMNS = (
    *("received", "sender_name", "sender_address", "people", "subject", "snippet"),
    *("has_files", "is_seen", "is_flagged", "is_answered", "is_draft", "conversation", "same_key", "is_rough"),
)
# What its own text brought stays when a listing tells less.
_FTS = SQL("EXCLUDED.fts || CASE WHEN EXCLUDED.snippet IS NULL THEN ts_filter(i.fts, '{d}') ELSE '' END")
_KEPT = {"snippet": "COALESCE(EXCLUDED.snippet, i.snippet)", "has_files": "EXCLUDED.has_files OR i.has_files"}


@dataclass
class Changed:
    """Items that a transaction has put in, changed or taken out, and the folders that this shows in."""

    items: set = field(default_factory=set)
    folders: set = field(default_factory=set)


class Index:
    """Writes the index of one Main mailbox, within the caller's transaction."""

    def __init__(self, env, mailbox_id):
        self.env = env
        self.mailbox_id = mailbox_id

    def follow(self, folder, told, rows, not_met):
        """Bring the index to what a page of the folder told; what has changed.

        :param told: told.Told
        :param rows: the listings' copies, as they were inserted
        :param not_met: the copies that were not met again in the folder
        """
        page = told.page
        changed = Changed(folders={folder.id})
        if page.reset:
            self._mark_stale(folder)
        known = [pair for pair in zip(told.items, rows, strict=True) if pair[1]["reason"] != erased.ERASED]
        changed.items |= self._put(folder, known)
        changed.items |= self._set_flags(folder, page.flags)
        if held := {*page.flags, *page.met}:
            self._hold(folder, held)
        changed.items |= self._leave(folder, page, not_met)
        return changed

    def remove(self, folder_id, remote_ids):
        """These have left the folder; what has changed."""
        return Changed(self._leave_by_ids(folder_id, remote_ids), {folder_id})

    def _put(self, folder, known):
        if not known:
            return set()
        conversations = self._conversations([row for _item, row in known])
        values = [
            {**item, "conversation": conversation}
            for (item, _row), conversation in zip(known, conversations, strict=True)
        ]
        return put(self.env, self.mailbox_id, values, folder.id)

    def _conversations(self, rows):
        """The server's own where it knows one."""
        unknown = [thread_keys(row) for row in rows if row["conversation"] is None]
        joined = iter(join(self.env, self.mailbox_id, unknown) if unknown else ())
        return [next(joined) if row["conversation"] is None else row["conversation"] for row in rows]

    def _set_flags(self, folder, flags):
        if not flags:
            return set()
        marks = flags.values()
        rows = execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_item i
                   SET is_seen = n.is_seen, is_flagged = n.is_flagged, is_answered = n.is_answered OR i.is_answered,
                       is_draft = n.is_draft OR %s
                  FROM unnest(%s::text[], %s::bool[], %s::bool[], %s::bool[], %s::bool[])
                       AS n (remote_id, is_seen, is_flagged, is_answered, is_draft)
                  JOIN crm_mail_copy c ON c.mailbox_id = %s AND c.remote_id = n.remote_id
                 WHERE i.copy_id = c.id
                   AND (i.is_seen, i.is_flagged, i.is_answered, i.is_draft)
                       IS DISTINCT FROM (n.is_seen, n.is_flagged, n.is_answered OR i.is_answered, n.is_draft OR %s)
             RETURNING i.id
                """,
                folder.role == "drafts",
                list(flags),
                ["\\Seen" in mark for mark in marks],
                ["\\Flagged" in mark for mark in marks],
                ["\\Answered" in mark for mark in marks],
                ["\\Draft" in mark for mark in marks],
                self.mailbox_id,
                folder.role == "drafts",
            ),
        )
        return {item_id for (item_id,) in rows.fetchall()}

    def _hold(self, folder, remote_ids):
        enter(
            self.env,
            folder.id,
            SQL(
                "i.copy_id IN (SELECT id FROM crm_mail_copy WHERE mailbox_id = %s AND remote_id = ANY(%s))",
                self.mailbox_id,
                list(remote_ids),
            ),
        )

    def _leave(self, folder, page, not_met):
        items = self._leave_by_ids(folder.id, page.gone) if page.gone else set()
        if page.present is not None:
            present = list(page.present)
            items |= self._drop(folder.id, SQL("c.remote_id NOT IN (SELECT unnest(%s::text[]))", present))
        if not_met:
            items |= self._drop(folder.id, SQL("c.id = ANY(%s)", not_met))
        if not page.more:
            items |= self._drop(folder.id, SQL("f.is_stale"))
        return items

    def _leave_by_ids(self, folder_id, remote_ids):
        lie_here = SQL("c.mailbox_id = %s AND c.remote_id = ANY(%s)", self.mailbox_id, list(remote_ids))
        return self._drop(folder_id, lie_here)

    def _mark_stale(self, folder):
        execute(self.env, SQL("UPDATE crm_mail_item_folder SET is_stale = TRUE WHERE folder_id = %s", folder.id))

    def _drop(self, folder_id, condition):
        rows = execute(
            self.env,
            SQL(
                """
                DELETE FROM crm_mail_item_folder f USING crm_mail_item i JOIN crm_mail_copy c ON c.id = i.copy_id
                 WHERE f.folder_id = %s AND i.id = f.item_id AND %s
             RETURNING f.item_id
                """,
                folder_id,
                condition,
            ),
        )
        return {item_id for (item_id,) in rows.fetchall()}


def put(env, mailbox_id, values, folder_id):
    """Insert items, or bring them up to date, and let the folder hold them; one statement. Their ids."""
    columns = SQL(", ").join(SQL.identifier(name) for name in _COLUMNS)
    update = SQL(", ").join(
        SQL("%s = %s", SQL.identifier(name), SQL(_KEPT.get(name) or f'EXCLUDED."{name}"')) for name in _COLUMNS
    )
    rows = execute(
        env,
        SQL(
            """
            WITH told AS (
                SELECT * FROM json_to_recordset(%(values)s::json) AS t (
                    remote_id text, received timestamp, sender_name text, sender_address text, people jsonb,
                    subject text, snippet text, has_files bool, is_seen bool, is_flagged bool, is_answered bool,
                    is_draft bool, conversation bigint, same_key bigint, is_rough bool, a text, b text, c text, d text)
            ), put AS (
                INSERT INTO crm_mail_item AS i (mailbox_id, copy_id, is_here, fts, %(columns)s)
                SELECT %(mailbox)s, c.id, COALESCE(d.role, '') NOT IN ('junk', 'trash'),
                       setweight(to_tsvector('simple', t.a), 'A') || setweight(to_tsvector('simple', t.b), 'B')
                       || setweight(to_tsvector('simple', t.c), 'C') || to_tsvector('simple', t.d)
                       || %(box)s::tsvector,
                       %(from_told)s
                  FROM told t JOIN crm_mail_copy c ON c.mailbox_id = %(mailbox)s AND c.remote_id = t.remote_id
                  JOIN crm_mail_folder d ON d.id = %(folder)s
                    ON CONFLICT (copy_id) DO UPDATE SET fts = %(fts)s, %(update)s
             RETURNING i.id, i.received, i.conversation, i.is_seen, i.is_flagged, i.has_files
            ), held AS (
                INSERT INTO crm_mail_item_folder AS f (folder_id, item_id, received, conversation, is_seen, is_flagged,
                                                       has_files)
                SELECT %(folder)s, * FROM put
                    ON CONFLICT (folder_id, item_id) DO UPDATE SET is_stale = FALSE WHERE f.is_stale
            )
            SELECT id FROM put
            """,
            values=json.dumps(values, default=str),
            columns=columns,
            from_told=SQL(", ").join(SQL("t.%s", SQL.identifier(name)) for name in _COLUMNS),
            update=update,
            fts=_FTS,
            mailbox=mailbox_id,
            box=box_word(mailbox_id),
            folder=folder_id,
        ),
    )
    return {item_id for (item_id,) in rows.fetchall()}


def enter(env, folder_id, condition):
    """Let the folder hold these items (``i``)."""
    execute(
        env,
        SQL(
            """
            INSERT INTO crm_mail_item_folder AS f (folder_id, item_id, received, conversation, is_seen, is_flagged,
                                                   has_files)
            SELECT %s, i.id, i.received, i.conversation, i.is_seen, i.is_flagged, i.has_files
              FROM crm_mail_item i WHERE %s
                ON CONFLICT (folder_id, item_id) DO UPDATE SET is_stale = FALSE WHERE f.is_stale
            """,
            folder_id,
            condition,
        ),
    )


def note_read(env, items):
    """What the index could not know of these messages (``writer.Item``) before they were read."""
    # One row a message, written once: each version of a row is put into all of its indexes.
    readings = {item.copy_id: item.reading for item in items}
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_item i
               SET has_files = n.has_files, snippet = n.snippet,
                   fts = CASE WHEN i.snippet IS DISTINCT FROM n.snippet
                              THEN i.fts || to_tsvector('simple', n.words) ELSE i.fts END
              FROM unnest(%s::int[], %s::bool[], %s::text[], %s::text[]) AS n (copy_id, has_files, snippet, words)
             WHERE i.copy_id = n.copy_id AND (i.has_files, i.snippet) IS DISTINCT FROM (n.has_files, n.snippet)
            """,
            list(readings),
            [any(not file.inline for file in reading.files) for reading in readings.values()],
            [reading.snippet for reading in readings.values()],
            [searched(reading.snippet) for reading in readings.values()],
        ),
    )


def store_snippets(env, snippets):
    """:param snippets: item → the beginning of its text, "" for one that has none"""
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_item i SET snippet = n.snippet, fts = i.fts || to_tsvector('simple', n.words)
              FROM unnest(%s::int[], %s::text[], %s::text[]) AS n (id, snippet, words)
             WHERE i.id = n.id AND i.snippet IS DISTINCT FROM n.snippet
            """,
            list(snippets),
            list(snippets.values()),
            [searched(text) for text in snippets.values()],
        ),
    )
