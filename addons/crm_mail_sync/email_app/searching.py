# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Search in the index as one types.

A word that is in few messages is looked up in the index of words, which finds them all; they are put in order and cut
into pages. Of a word that is in many, the newest messages hold enough for a page: they are gone through in order.
"""

from dataclasses import replace

from odoo.tools import SQL

from ..mailsync.reading import without_accents
from ..scan.bulk import execute
from ..scan.indexing import box_word
from .asked import Asked

# A word that is in more messages than that is one of many, in letters' texts whosever they are.
_FEW = 4_000
# Messages that are gone through for a page.
_PROBED = 6_000
# Shorter beginnings are those of too many words.
_SHORT = 3


class Search:
    """One question in one place (``places.Place``)."""

    def __init__(self, env, mailbox, place, text):
        self.env = env
        self.mailbox = mailbox
        self.asked = Asked.of(text)
        self.folders = [self._folders_named(name) for name in self.asked.folders]
        if place.folder_id is None and len(self.folders) == 1 and len(self.folders[0]) == 1:
            # Walked along like the folder itself.
            folder = mailbox.folder_ids.browse(self.folders.pop()[0])
            place = replace(place, folder_id=folder.id, role=folder.role or "")
        self.place = place
        self._lexemes = self._lexemes_of([word for word, _weight in self.asked.words])

    def page(self, behind, limit):
        """[(item, received, conversation)], newest first, a conversation once."""
        if not self.asked.words:
            return _once(self._walked(SQL("TRUE"), behind, limit * 20))[:limit]
        is_short = all(len(word) < _SHORT for word, _weight in self.asked.words)
        found, is_all = ([], False) if is_short else self._looked_up(self._query)
        if not is_all:
            walked = _once(self._probed(behind, limit))
            if len(walked) >= limit:
                return walked[:limit]
            if is_short:
                found = self._looked_up(self._exact_query)[0]
            found += walked
        return _behind(_once(sorted(set(found), key=lambda row: (row[1], row[0]), reverse=True)), behind)[:limit]

    # What is asked

    def _folders_named(self, name):
        """The folders of this name or role; where none has it, those whose name begins so, for it is being typed."""
        wanted = _plain(name)
        folders = self.mailbox.folder_ids.filtered(lambda f: not f.is_gone)
        exact = folders.filtered(lambda f: wanted in (_plain(f.name), _plain(f.complete_name), f.role or ""))
        return (exact or folders.filtered(lambda f: _plain(f.name).startswith(wanted))).ids

    def _lexemes_of(self, words):
        """For each word what the database makes of it."""
        if not words:
            return []
        question = SQL(
            "SELECT tsvector_to_array(to_tsvector('simple', w)) FROM unnest(%s) WITH ORDINALITY AS u (w, n) ORDER BY n",
            words,
        )
        return [lexemes for (lexemes,) in execute(self.env, question).fetchall()]

    def _query(self, is_weighted):
        """All words by their beginnings."""
        return self._joined(":*", is_weighted)

    def _exact_query(self, is_weighted):
        return self._joined(":", is_weighted)

    def _joined(self, ending, is_weighted):
        """A tsquery of the words that have to stand somewhere in particular, or of all others."""
        parts = []
        for (_word, weight), lexemes in zip(self.asked.words, self._lexemes, strict=True):
            if bool(weight) == is_weighted:
                mark = f"{ending}{weight}".removesuffix(":")
                parts += [f"'{lexeme}'{mark}" for lexeme in lexemes]
        return " & ".join(parts)

    def _in_head(self, query=None):
        """The condition that an item ``i`` has all words."""
        query = query or self._query
        both = " & ".join(part for part in (query(True), query(False)) if part)
        return SQL("i.fts @@ %s::tsquery", both) if both else SQL("FALSE")

    def _in_text(self, text):
        """The condition that a letter's text, or what stands for it, has the words that may be anywhere."""
        weighted = self._query(True)
        in_head = SQL("i.fts @@ %s::tsquery", weighted) if weighted else SQL("TRUE")
        return SQL("(%s AND %s)", in_head, text) if self._query(False) else SQL("FALSE")

    def _narrowed(self):
        """The conditions of an item ``i`` beside its words."""
        conditions = [SQL("i.mailbox_id = %s AND i.is_here", self.mailbox.id)]
        for name, column in (("unread", "NOT i.is_seen"), ("flagged", "i.is_flagged"), ("files", "i.has_files")):
            if name in self.asked.only or name == self.place.only:
                conditions.append(SQL(column))
        if self.asked.since:
            conditions.append(SQL("i.received >= %s", self.asked.since))
        if self.asked.until:
            conditions.append(SQL("i.received < %s", self.asked.until))
        places = [*self.folders, *([[self.place.folder_id]] if self.place.folder_id is not None else [])]
        for ids in places:
            held = "EXISTS (SELECT FROM crm_mail_item_folder m WHERE m.item_id = i.id AND m.folder_id = ANY(%s))"
            conditions.append(SQL(held, ids))
        return SQL(" AND ").join(conditions)

    # Where it is looked for

    def _looked_up(self, query):
        """What the indexes of words find, and whether that is all."""
        box = box_word(self.mailbox.id)
        both = " & ".join(part for part in (f"'{box}'", query(True), query(False)) if part)
        heads = self._ask(
            SQL("FROM crm_mail_item i WHERE i.fts @@ %s::tsquery AND %s LIMIT %s", both, self._narrowed(), _FEW + 1)
        )
        texts = self._texts(query(False)) if query(False) else []
        return heads + texts, len(heads) <= _FEW and len(texts) <= _FEW

    def _texts(self, query):
        """Messages whose archived text has the words."""
        return self._ask(
            SQL(
                """
                FROM (SELECT email_id FROM crm_mail_content WHERE fts @@ %s::tsquery LIMIT %s) AS t
                JOIN crm_mail_copy c ON c.email_id = t.email_id AND c.mailbox_id = %s
                JOIN crm_mail_item i ON i.copy_id = c.id
               WHERE %s AND %s AND %s
                """,
                query,
                _FEW * 2,
                self.mailbox.id,
                self._in_text(SQL("TRUE")),
                self._owned(SQL("c.email_id")),
                self._narrowed(),
            )
        )

    def _probed(self, behind, limit):
        """The newest that have the words, in their heads or in an archived text."""
        text = SQL(
            "EXISTS (SELECT FROM crm_mail_content t WHERE t.email_id = c.email_id AND t.fts @@ %s::tsquery AND %s)",
            self._query(False),
            self._owned(SQL("t.email_id")),
        )
        condition = SQL("(%s OR %s)", self._in_head(), self._in_text(text))
        return self._walked(condition, behind, limit * 20, most=_PROBED)

    def _walked(self, condition, behind, limit, most=None):
        """In the order of the list, from where the last page has ended."""
        place = self.place
        newest = SQL(
            """
            SELECT i.* FROM %s x JOIN crm_mail_item i ON i.id = x.%s
             WHERE %s AND %s AND %s ORDER BY x.received DESC, x.%s DESC LIMIT %s
            """,
            place.table,
            place.number,
            place.where("x"),
            place.behind("x", behind),
            self._narrowed(),
            place.number,
            most or limit,
        )
        rows = self._ask(
            SQL(
                "FROM (%s) AS i JOIN crm_mail_copy c ON c.id = i.copy_id WHERE %s "
                "ORDER BY i.received DESC, i.id DESC LIMIT %s",
                newest,
                condition,
                limit,
            )
        )
        return self._unseen(rows, behind)

    def _unseen(self, rows, behind):
        """Without conversations that an earlier page has shown for a newer message."""
        if not (rows and behind):
            return rows
        question = SQL(
            """
            SELECT DISTINCT i.conversation FROM crm_mail_item i
             WHERE i.conversation = ANY(%s) AND (i.received, i.id) >= (%s::timestamp, %s) AND %s AND %s
            """,
            list({conversation for _id, _received, conversation in rows}),
            *behind,
            self._narrowed(),
            self._in_head() if self.asked.words else SQL("TRUE"),
        )
        shown = {conversation for (conversation,) in execute(self.env, question).fetchall()}
        return [row for row in rows if row[2] not in shown]

    def _owned(self, letter):
        return SQL(
            "EXISTS (SELECT FROM crm_mail_email_owner_rel o WHERE o.email_id = %s AND o.user_id = %s)",
            letter,
            self.env.uid,
        )

    def _ask(self, source):
        return execute(self.env, SQL("SELECT i.id, i.received, i.conversation %s", source)).fetchall()


def _once(rows):
    """Each conversation once, at its first place."""
    found = {}
    for row in rows:
        found.setdefault(row[2], row)
    return list(found.values())


def _behind(rows, place):
    return [row for row in rows if not place or (str(row[1]), row[0]) < (place[0], place[1])]


def _plain(text):
    return without_accents(text).casefold()
