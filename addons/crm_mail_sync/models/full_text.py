# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import SQL

from ..mailsync.reading import without_accents


def matches(alias, words):
    """The condition that a content's search text holds all these words, the last one as a beginning.

    The search text has no accents (``mailsync.reading`` takes them off), so the words lose theirs too.
    """
    return SQL(
        """%s @@ (
            SELECT CASE WHEN numnode(asked) > 0 THEN (asked::text || ':*')::tsquery ELSE asked END
              FROM plainto_tsquery('simple', %s) AS asked
        )""",
        SQL.identifier(alias, "fts"),
        without_accents(words),
    )
