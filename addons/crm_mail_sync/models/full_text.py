# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How letters are found by words, in an archive of any size. See docs/adr/0061."""

from odoo.fields import Domain
from odoo.tools import SQL

from ..mailsync.reading import without_accents

_TABLES = ("crm_mail_content", "crm_mail_head")
# Up to so many letters are looked at one by one; it takes some tenths of a second.
_MOST_CANDIDATES = 20_000
# Words are frequent if so many of the newest letters hold them; a list, which shows newest first, finds them at once.
_NEWEST, _FREQUENT = 5_000, 100

# Rows come by COPY, which calls no function: the words are given as a text, of which only its tsvector is kept.
_COLUMN = """
ALTER TABLE %(table)s ADD COLUMN IF NOT EXISTS fts tsvector;
ALTER TABLE %(table)s ADD COLUMN IF NOT EXISTS words text;
CREATE INDEX IF NOT EXISTS %(index)s ON %(table)s USING gin (fts);
CREATE OR REPLACE FUNCTION crm_mail_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.fts := to_tsvector('simple', NEW.words);
    NEW.words := NULL;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER crm_mail_words BEFORE INSERT ON %(table)s
    FOR EACH ROW WHEN (NEW.words IS NOT NULL) EXECUTE FUNCTION crm_mail_words();
"""


def install(cr, table):
    """Give a table a column of words beside the ORM's own, with its index."""
    cr.execute(SQL(_COLUMN, table=SQL.identifier(table), index=SQL.identifier(f"{table}_fts_idx")))


def uninstall(cr):
    """Drop what does not go with the tables."""
    cr.execute("DROP FUNCTION IF EXISTS crm_mail_words CASCADE")


def found(env, alias, words):
    """The condition that a letter is found by these words: in what its content says, or in its head alone.

    Each through its own record rules, in superuser mode too: who may not read a letter, or its text, cannot find it by
    that. A content's search text holds its head's words too.
    """
    asked = _asked(env, words)
    holds = Domain.custom(to_sql=lambda _model, table, _query: _holds(table, asked))
    ways = [_exists(env[model].sudo(False)._search(holds), alias) for model in ("crm.mail.content", "crm.mail.head")]
    return SQL("(%s AND (%s))", _is_candidate(env, alias, asked, _TABLES), SQL(" OR ").join(ways))


def found_by_person(env, alias, words):
    """The condition that a letter is from or to somebody with all these words in his address or name."""
    domain = Domain.AND(Domain("address", "ilike", word) | Domain("name", "ilike", word) for word in words.split())
    return _found_by_head(env, alias, words, env["crm.mail.participant"].sudo(False)._search(domain))


def found_by_subject(env, alias, words):
    """The condition that a letter has these words in its subject."""
    domain = Domain("subject", "ilike", words)
    return _found_by_head(env, alias, words, env["crm.mail.head"].sudo(False)._search(domain))


def _found_by_head(env, alias, words, query):
    candidate = _is_candidate(env, alias, _asked(env, words), ("crm_mail_head",))
    return SQL("(%s AND %s)", candidate, _exists(query, alias))


def _asked(env, words):
    """The words as PostgreSQL's tsquery, all of them as beginnings.

    The search text has no accents (``mailsync.reading`` takes them off), so the words lose theirs too.
    """
    env.cr.execute(
        SQL("SELECT tsvector_to_array(to_tsvector('simple', %s))", without_accents(words)),
    )
    return " & ".join(f"{_quoted(word)}:*" for word in env.cr.fetchone()[0])


def _quoted(word):
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _holds(alias, asked):
    return SQL("%s @@ %s::tsquery", SQL.identifier(alias, "fts"), asked)


def _exists(query, alias):
    """That the letter has a row of this query. OFFSET 0 has it looked up letter by letter, not all rows beforehand."""
    query.add_where(SQL("%s = %s", SQL.identifier(query.table, "email_id"), SQL.identifier(alias, "id")))
    return SQL("EXISTS (SELECT FROM %s WHERE %s OFFSET 0)", query.from_clause, query.where_clause)


def _is_candidate(env, alias, asked, tables):
    """What narrows the letters down before each is asked whether the words, and the reader's rights, fit."""
    letter = SQL.identifier(alias, "id")
    holding = SQL(" UNION ALL ").join(_holding(table, asked) for table in tables)
    env.cr.execute(SQL("%s LIMIT %s", holding, _MOST_CANDIDATES + 1))
    candidates = {email_id for (email_id,) in env.cr.fetchall()}
    if env.cr.rowcount <= _MOST_CANDIDATES:
        return SQL("%s = ANY(%s)", letter, list(candidates))
    return SQL("TRUE") if _is_frequent(env, asked, tables[0]) else SQL("%s IN (%s)", letter, holding)


def _holding(table, asked):
    return SQL("SELECT email_id FROM %s WHERE %s", SQL.identifier(table), _holds(table, asked))


def _is_frequent(env, asked, table):
    newest = SQL("SELECT id FROM crm_mail_email ORDER BY date DESC, id DESC LIMIT %s", _NEWEST)
    question = SQL(
        "SELECT count(*) FROM (%s) AS newest JOIN %s AS held ON held.email_id = newest.id WHERE %s",
        newest,
        SQL.identifier(table),
        _holds("held", asked),
    )
    env.cr.execute(question)
    return env.cr.fetchone()[0] >= _FREQUENT
