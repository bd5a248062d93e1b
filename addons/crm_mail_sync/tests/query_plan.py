# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How PostgreSQL would answer a query, whatever other tests left behind in the tables it reads."""

from odoo.tools import SQL


def plan_of(cr, query, *tables):
    """The plan of ``query``, as text, made for what ``tables`` hold now.

    What was written to a GIN index of late waits in a list that each search reads as a whole, and an index with
    a long one seems dearer to the planner than reading a small table: the list is merged first, as vacuum does.
    https://www.postgresql.org/docs/15/gin-implementation.html#GIN-FAST-UPDATE
    """
    cr.execute(
        """
        SELECT gin_clean_pending_list(i.indexrelid)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
         WHERE a.amname = 'gin' AND i.indrelid = ANY(%s::regclass[])
        """,
        [list(tables)],
    )
    for table in tables:
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    cr.execute(SQL("EXPLAIN %s", query))
    return "\n".join(line for (line,) in cr.fetchall())
