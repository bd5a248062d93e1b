# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Search in the index as one types.

A word that is in few messages is looked up in the index of words, which finds them all; they are put in order and cut
into pages. Of a word that is in many, the newest messages hold enough for a page: they are gone through in order.
"""

from dataclasses import replace

from odoo.tools import SQL

from ..mailsync.reading import without_accents
from ..scan import put_away
from ..scan.bulk import execute
from ..scan.indexed import box_word
from .asked import Asked
from .places import FILTERS

# A word that is in more messages than that is one of many, in letters' texts whosever they are.
_FEW = 2_000
# Messages that are gone through for a page.
_PROBED = 6_000
# Shorter beginnings are those of too many words.
_SHORT = 3


class Search:
    """One question in one place (``places.Place``)."""

    def __init__(self, env, mailbox, place, text):
        self.env = env
        self.mailbox = mailbox
        shown = place
        self.asked = Asked.of(text)
        self.folders = [self._folders_named(name) for name in self.asked.folders]
        if place.folder_id is None and len(self.folders) == 1 and len(self.folders[0]) == 1:
            # Walked along like the folder itself.
            folder = mailbox.folder_ids.browse(self.folders.pop()[0])
            place = replace(place, folder_id=folder.id, role=folder.role or "")
        if self.asked.only and not place.only:
            place = replace(place, only=min(self.asked.only))
        # A conversation is shown with all its messages; of what lies in spam or trash, with those that lie there.
        self.shown = place if put_away.is_away(place) else shown
        self.place = place
        self._away = set(mailbox.folder_ids.filtered(put_away.is_away).ids)
        self._lexemes = self._lexemes_of([word for word, _weight in self.asked.words])

    def page(self, behind, limit):
        """[(item, received, conversation)], newest first, a conversation once."""
        if not self.asked.words:
            return self._walked(behind, limit)
        if all(len(word) < _SHORT for word, _weight in self.asked.words):
            walked = self._walked(behind, limit, _PROBED)
            found = [] if len(walked) >= limit else self._looked_up(self._exact_query)[0]
        else:
            found, is_all = self._looked_up(self._query)
            walked = [] if is_all else self._walked(behind, limit, _PROBED)
        if len(walked) >= limit:
            return walked
        in_order = sorted({*found, *walked}, key=lambda row: (row[1], row[0]), reverse=True)
        return _behind(_once(in_order), behind)[:limit]

    # What is asked

    def _folders_named(self, name):
        """The folders of this name or role; where none has it, those whose name begins so, for it is being typed."""
        wanted = _plain(name)
        folders = self.mailbox.folder_ids.filtered(lambda f: not f.is_gone)
        exact = folders.filtered(lambda f: wanted in (_plain(f.name), _plain(f.complete_name), f.role or ""))
        found = exact or folders.filtered(lambda f: _plain(f.name).startswith(wanted))
        return (found if len(found) == 1 else found.filtered(lambda f: not put_away.is_away(f))).ids

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

    def _has_words(self, alias):
        """The condition that an item has all words in its head, or those that may be anywhere in an archived text."""
        name = SQL.identifier(alias)
        weighted, anywhere = self._query(True), self._query(False)
        if not (weighted or anywhere):
            return SQL("TRUE")
        in_head = SQL("%s.fts @@ %s::tsquery", name, " & ".join(part for part in (weighted, anywhere) if part))
        if not anywhere:
            return in_head
        in_text = SQL(
            """
            EXISTS (SELECT FROM crm_mail_copy c JOIN crm_mail_content t ON t.email_id = c.email_id
                     WHERE c.id = %s.copy_id AND t.fts @@ %s::tsquery AND %s)
            """,
            name,
            anywhere,
            self._owned(SQL("c.email_id")),
        )
        return SQL("(%s OR %s AND %s)", in_head, self._has_weighted(alias), in_text)

    def _has_weighted(self, alias):
        weighted = self._query(True)
        return SQL("%s.fts @@ %s::tsquery", SQL.identifier(alias), weighted) if weighted else SQL("TRUE")

    def _narrowed(self, alias="i"):
        """The conditions of an item beside its words."""
        name = SQL.identifier(alias)
        places = [*self.folders, *([[self.place.folder_id]] if self.place.folder_id is not None else [])]
        conditions = [SQL("%s.mailbox_id = %s", name, self.mailbox.id)]
        # What lies in spam or trash is found there only.
        if not any(self._away.intersection(ids) for ids in places):
            conditions.append(SQL("%s.is_here", name))
        conditions += [SQL(FILTERS[only].format(alias=alias)) for only in {*self.asked.only, self.place.only}]
        conditions.append(self._within(alias))
        for ids in places:
            held = """
                EXISTS (SELECT FROM crm_mail_item_folder m
                         WHERE m.item_id = %s.id AND m.conversation = %s.conversation AND m.folder_id = ANY(%s))
            """
            conditions.append(SQL(held, name, name, ids))
        return SQL(" AND ").join(conditions)

    def _within(self, alias):
        name = SQL.identifier(alias)
        since = SQL("%s.received >= %s", name, self.asked.since) if self.asked.since else SQL("TRUE")
        until = SQL("%s.received < %s", name, self.asked.until) if self.asked.until else SQL("TRUE")
        return SQL("%s AND %s", since, until)

    # Where it is looked for

    def _looked_up(self, query):
        """What the indexes of words find, and whether that is all."""
        parts = (f"'{box_word(self.mailbox.id)}'", query(True), query(False))
        both = " & ".join(part for part in parts if part)
        heads = self._ask(
            SQL("FROM crm_mail_item i WHERE i.fts @@ %s::tsquery AND %s LIMIT %s", both, self._narrowed(), _FEW + 1)
        )
        if len(heads) > _FEW or not query(False):
            return heads, len(heads) <= _FEW
        texts, is_all = self._texts(query(False))
        return heads + texts, is_all

    def _texts(self, query):
        """Messages whose archived text has the words, and whether these are all."""
        letters = SQL("SELECT email_id FROM crm_mail_content WHERE fts @@ %s::tsquery LIMIT %s", query, _FEW + 1)
        ids = [email_id for (email_id,) in execute(self.env, letters).fetchall()]
        found = self._ask(
            SQL(
                """
                FROM crm_mail_copy c JOIN crm_mail_item i ON i.copy_id = c.id
               WHERE c.email_id = ANY(%s) AND c.mailbox_id = %s AND %s AND %s AND %s
                """,
                ids,
                self.mailbox.id,
                self._has_weighted("i"),
                self._owned(SQL("c.email_id")),
                self._narrowed(),
            )
        )
        return found, len(ids) <= _FEW

    def _walked(self, behind, limit, most=None):
        """In the order of the list, from where the last page has ended, each conversation by its newest match.

        :param most: so many messages of the place are gone through, None for all
        """
        place = self.place
        newest = SQL(
            "SELECT x.%s AS id, x.received, x.conversation FROM %s x WHERE %s AND %s AND %s "
            "ORDER BY x.received DESC, x.%s DESC LIMIT %s",
            place.number,
            place.table,
            place.where("x"),
            place.behind("x", behind),
            self._within("x"),
            place.number,
            most,
        )
        return self._ask(
            SQL(
                """
                FROM (%s) AS x JOIN crm_mail_item i ON i.id = x.id
               WHERE %s AND %s
                 AND NOT EXISTS (SELECT FROM crm_mail_item n
                                  WHERE n.conversation = x.conversation AND (n.received, n.id) > (x.received, x.id)
                                    AND %s AND %s)
               ORDER BY x.received DESC, x.id DESC LIMIT %s
                """,
                newest,
                self._narrowed("i"),
                self._has_words("i"),
                self._narrowed("n"),
                self._has_words("n"),
                limit,
            )
        )

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
