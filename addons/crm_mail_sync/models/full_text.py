# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.fields import Domain
from odoo.tools import SQL

from ..mailsync.reading import without_accents


def found(env, alias, words):
    """The condition that a letter is found by these words: in what its content says, or in its head alone.

    Each through its own record rules, in superuser mode too: who may not read a letter, or its text, cannot find it by
    that. A content's search text holds its head's words too. A UNION, for PostgreSQL would walk all letters for an OR.
    """
    domain = Domain.custom(to_sql=lambda _model, table, _query: _matches(table, words))
    found_by = [
        env[model].sudo(False)._search(domain).subselect("email_id") for model in ("crm.mail.content", "crm.mail.head")
    ]
    return SQL("%s IN (%s)", SQL.identifier(alias, "id"), SQL(" UNION ").join(found_by))


def _matches(alias, words):
    """The condition that a search text holds all these words, the last one as a beginning.

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
