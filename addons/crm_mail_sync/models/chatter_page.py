# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A page of a chatter that holds messages and letters: two streams by (date, id), merged.

One domain for both would be an OR over two tables, for which PostgreSQL reads all of a thread. Each stream alone is
a walk along an index that ends after a page, however long the thread is.
"""

from datetime import datetime
from itertools import chain

from odoo.fields import Domain
from odoo.tools import SQL

from . import full_text
from .crm_mail_email_odoo import is_odoo_message

OLDER = SQL("<")
NEWER = SQL(">")
UP_TO = SQL("<=")


class ChatterPage:
    """Messages and letters of one thread for one reader.

    :param messages: ``mail.message`` in the reader's environment
    :param thread: a customer or lead that the reader may read
    :param domain: which of the thread's own messages are asked for
    """

    def __init__(self, messages, thread, domain):
        self.env = messages.env
        self.messages = messages
        self.thread = thread
        self.domain = Domain(True if domain is None else domain)
        self.words = None
        self.found = None

    def search(self, words, found):
        """Narrow the page down to a search.

        :param words: what was searched for
        :param found: the thread's own messages that hold it
        """
        self.words = words
        self.found = found

    def fetch(self, before=None, after=None, around=None, limit=30):
        """The page as a recordset, newest first; all bounds are message ids."""
        if around is not None:
            pivot = self._position(around)
            newer = self._page(NEWER, pivot, limit // 2)
            older = self._page(UP_TO, pivot, limit // 2)
            return self.messages.union(*reversed(newer), *older)
        if before:
            return self.messages.union(*self._page(OLDER, self._position(before), limit))
        if after:
            newer = self._page(NEWER, self._position(after), limit)
            return self.messages.union(*reversed(newer))
        return self.messages.union(*self._page(None, None, limit))

    def _position(self, message_id):
        """(date, id) of a message; of one that is gone, the beginning of the thread."""
        rows = self.env.execute_query(SQL("SELECT date, id FROM mail_message WHERE id = %s", message_id))
        return _key(*rows[0]) if rows else (datetime.min, 0)

    def _page(self, side, pivot, limit):
        """Up to ``limit`` messages beside the pivot, the nearest first."""
        stream = self._own if self.found is None else self._found
        merged = sorted(
            chain(stream(side, pivot, limit), self._letters(side, pivot, limit)),
            key=lambda m: _key(m.date, m.id),
            reverse=side is not NEWER,
        )
        return merged[:limit]

    def _own(self, side, pivot, limit):
        domain = (
            self.domain
            & Domain("model", "=", self.thread._name)
            & Domain("res_id", "=", self.thread.id)
            & Domain("message_type", "!=", "user_notification")
        )
        if side:
            domain &= Domain.custom(to_sql=lambda _model, alias, _query: _beside(alias, "id", side, pivot))
        direction = "ASC" if side is NEWER else "DESC"
        return self.messages.search(domain, limit=limit, order=f"date {direction}, id {direction}")

    def _found(self, side, pivot, limit):
        compare = {OLDER: tuple.__lt__, NEWER: tuple.__gt__, UP_TO: tuple.__le__}.get(side)
        return self.found.filtered(lambda m: not compare or compare(_key(m.date, m.id), pivot)).sorted(
            lambda m: _key(m.date, m.id), reverse=side is not NEWER
        )[:limit]

    def _letters(self, side, pivot, limit):
        """Pointers of the thread's letters that the reader may read."""
        source = self._letters_source()
        if source is None:
            return self.messages
        direction = SQL("ASC" if side is NEWER else "DESC")
        rows = self.env.execute_query(
            SQL(
                "SELECT l.pointer_id %(source)s AND %(keyset)s"
                " ORDER BY l.date %(direction)s, l.pointer_id %(direction)s LIMIT %(limit)s",
                source=source,
                keyset=_beside("l", "pointer_id", side, pivot) if side else SQL("TRUE"),
                direction=direction,
                limit=limit,
            )
        )
        # Once more through the access rules of messages themselves.
        return self.messages.search([("id", "in", [row[0] for row in rows])])

    def count_letters(self):
        """How many letters the search finds."""
        source = self._letters_source()
        if source is None:
            return 0
        return self.env.execute_query(SQL("SELECT COUNT(*) %s", source))[0][0]

    def _letters_source(self):
        """FROM … WHERE … of the thread's letters that are shown to the reader; None if he may read none."""
        source = linked_letters(self.env, self.thread)
        if source is None:
            return None
        self.env["crm.mail.content"].flush_model()
        self.env["crm.mail.head"].flush_model()
        self.messages.flush_model(["date"])
        return SQL(
            "%s AND l.pointer_id IS NOT NULL AND %s",
            source,
            full_text.found(self.env, "crm_mail_email", self.words) if self.words else SQL("TRUE"),
        )


def linked_letters(env, thread, with_odoo_messages=False):
    """FROM … WHERE … of a target's letters, with the record rules of the environment's user in it, in
    superuser mode too: ``crm_mail_email`` and, as ``l``, its link. None if the user may read no letters at all.

    :param with_odoo_messages: also those that the target's chatter shows as messages of Odoo's own
    """
    letters = env["crm.mail.email"].sudo(False)
    if not letters.has_access("read"):
        return None
    letters.flush_model()
    env["crm.mail.link"].flush_model()
    env["mail.message"].flush_model(["message_id", "model", "res_id", "message_type"])
    readable = letters._search([])
    doubled = is_odoo_message("crm_mail_email", thread._name, thread.id)
    return SQL(
        """
        FROM %s JOIN crm_mail_link l ON l.email_id = crm_mail_email.id
        WHERE l.%s = %s AND l.is_undone IS NOT TRUE AND %s AND %s
        """,
        readable.from_clause,
        SQL.identifier(env["crm.mail.link"]._target_columns()[thread._name]),
        thread.id,
        readable.where_clause or SQL("TRUE"),
        SQL("TRUE") if with_odoo_messages else SQL("NOT %s", doubled),
    )


def _key(date, message_id):
    return (date or datetime.max, message_id)


def _beside(alias, id_column, side, pivot):
    return SQL(
        "(%s, %s) %s (%s, %s)",
        SQL.identifier(alias, "date"),
        SQL.identifier(alias, id_column),
        side,
        *pivot,
    )
