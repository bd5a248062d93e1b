# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many rows at once, past the ORM: an archive of letters is written by nobody else, and nothing depends on its writes.

Odoo logs a failing statement with its values. These hold addresses and subjects, so nothing here lets it.
"""

import io
import struct

from psycopg2.extras import execute_values

from odoo.tools import SQL

# Bytes that psycopg2 hands over at a time.
_PORTION = 2**20
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_NULL = struct.pack("!i", -1)
_END = struct.pack("!h", -1)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def execute(env, statement):
    """Run one statement and return its cursor; its values never reach the log."""
    env.cr.execute(statement, log_exceptions=False)
    return env.cr


def next_ids(env, table, count):
    """Take ``count`` ids off the table's sequence."""
    rows = execute(env, SQL("SELECT nextval(%s) FROM generate_series(1, %s)", f"{table}_id_seq", count)).fetchall()
    return [row[0] for row in rows]


def copy_rows(env, table, rows):
    """COPY rows (dicts with the same keys) into the table."""
    if not rows:
        return
    columns = list(rows[0])
    stream = io.StringIO()
    for row in rows:
        stream.write("\t".join([_literal(row[column]) for column in columns]))
        stream.write("\n")
    stream.seek(0)
    names = ", ".join(f'"{column}"' for column in columns)
    env.cr.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', stream, _PORTION)


def copy_large_rows(env, table, rows):
    """COPY rows (dicts with the same keys) of integers and texts: what is large is neither escaped nor parsed.

    https://www.postgresql.org/docs/current/sql-copy.html, Binary Format
    """
    if not rows:
        return
    columns = list(rows[0])
    count = struct.pack("!h", len(columns))
    parts = [_SIGNATURE]
    for row in rows:
        parts.append(count)
        for column in columns:
            parts.extend(_field(row[column]))
    parts.append(_END)
    names = ", ".join(f'"{column}"' for column in columns)
    env.cr.copy_expert(f'COPY "{table}" ({names}) FROM STDIN BINARY', io.BytesIO(b"".join(parts)), _PORTION)


def _field(value):
    if value is None:
        return (_NULL,)
    if isinstance(value, int):
        return (struct.pack("!ii", 4, value),)
    encoded = value.encode()
    return struct.pack("!i", len(encoded)), encoded


def _literal(value):
    if value is None:
        return "\\N"
    if isinstance(value, str):
        # Nothing that has to be escaped is printable but the backslash; to look is a tenth of the work.
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def insert_rows(env, table, rows, ending):
    """INSERT rows (dicts with the same keys) with this ON CONFLICT … RETURNING …; what it returns."""
    if not rows:
        return []
    columns = list(rows[0])
    names = ", ".join(f'"{column}"' for column in columns)
    # The cursor below Odoo's: execute_values would go through its logging.
    return execute_values(
        env.cr._obj,
        f'INSERT INTO "{table}" ({names}) VALUES %s {ending}',
        rows,
        template="({})".format(", ".join(f"%({column})s" for column in columns)),
        page_size=len(rows),
        fetch=True,
    )
