# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The table ``crm_mail_pulse``: when each customer or lead wrote last, was written to last, and waits for an answer.

One row a target and company, kept true by triggers on the three tables that it follows from, in the transaction that
changes them. It has no reference to the target, so that keeping it locks no customer and no lead; with the last link
of a target its row goes too. Private letters count for nothing, see docs/adr/0040.
"""

from odoo.tools import SQL

FUNCTIONS = (
    "crm_mail_pulse_last",
    "crm_mail_pulse_waits",
    "crm_mail_pulse_raise",
    "crm_mail_pulse_renew",
    "crm_mail_pulse_lower",
    "crm_mail_pulse_of_links",
    "crm_mail_pulse_of_emails",
    "crm_mail_pulse_of_companies",
)

_TABLE = """
CREATE TABLE IF NOT EXISTS crm_mail_pulse (
    kind varchar NOT NULL,
    target_id integer NOT NULL,
    company_id integer NOT NULL,
    last_in timestamp,
    last_out timestamp,
    waits_since timestamp,
    PRIMARY KEY (kind, target_id, company_id)
);
CREATE TABLE IF NOT EXISTS crm_mail_pulse_check (
    kind varchar NOT NULL,
    target_id integer NOT NULL,
    company_id integer NOT NULL,
    noted timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS crm_mail_pulse_check_idx ON crm_mail_pulse_check (noted);
CREATE INDEX IF NOT EXISTS crm_mail_pulse_in_idx ON crm_mail_pulse (kind, last_in);
CREATE INDEX IF NOT EXISTS crm_mail_pulse_out_idx ON crm_mail_pulse (kind, last_out);
CREATE INDEX IF NOT EXISTS crm_mail_pulse_waits_idx ON crm_mail_pulse (kind, waits_since) WHERE waits_since IS NOT NULL;
"""

# Both walk along (target, date) and end at the first letter that fits.
_WALKS = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_last(_kind text, _target integer, _company integer, _direction text)
RETURNS timestamp STABLE LANGUAGE plpgsql AS $$
BEGIN
    CASE _kind %(last)s END CASE;
END $$;
CREATE OR REPLACE FUNCTION crm_mail_pulse_waits(_kind text, _target integer, _company integer, _after timestamp)
RETURNS timestamp STABLE LANGUAGE plpgsql AS $$
BEGIN
    CASE _kind %(waits)s END CASE;
END $$;
"""
_COUNTING = """
    FROM crm_mail_link l
    JOIN crm_mail_email e ON e.id = l.email_id
    JOIN crm_mail_email_company_rel r ON r.email_id = e.id
   WHERE l.is_undone IS NOT TRUE AND e.visibility != 'private'
"""
_LAST = """
WHEN %(kind)s THEN
    RETURN (SELECT l.date %(counting)s AND l.%(column)s = _target AND r.company_id = _company
               AND e.direction = _direction ORDER BY l.date DESC LIMIT 1);
"""
_WAITS = """
WHEN %(kind)s THEN
    RETURN (SELECT l.date %(counting)s AND l.%(column)s = _target AND r.company_id = _company
               AND e.direction = 'received' AND e.kind = 'personal'
               AND l.date > COALESCE(_after, '-infinity') ORDER BY l.date LIMIT 1);
"""

# Rows that stay as they are, which is most of them while an import goes back in time, are not even locked; the others
# are locked in one order. A letter that was written later than all others needs a walk over what came after it only.
_RAISE = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_raise(_links integer[]) RETURNS void LANGUAGE sql AS $$
    WITH counted AS MATERIALIZED (
        SELECT t.kind, t.target_id, r.company_id, l.date, e.direction,
               e.direction = 'received' AND e.kind = 'personal' AS asks
          FROM crm_mail_link l
          JOIN crm_mail_email e ON e.id = l.email_id
          JOIN crm_mail_email_company_rel r ON r.email_id = e.id
         CROSS JOIN LATERAL (VALUES %(targets)s) t (kind, target_id)
         WHERE l.id = ANY(_links) AND l.is_undone IS NOT TRUE AND e.visibility != 'private'
           AND t.target_id IS NOT NULL
    ), latest AS (
        SELECT kind, target_id, company_id, max(date) FILTER (WHERE direction = 'received') AS last_in,
               max(date) FILTER (WHERE direction = 'sent') AS last_out
          FROM counted GROUP BY kind, target_id, company_id
    ), merged AS (
        SELECT kind, target_id, company_id, GREATEST(p.last_in, n.last_in) AS last_in,
               GREATEST(p.last_out, n.last_out) AS last_out,
               p.last_in AS old_in, p.last_out AS old_out, p.waits_since AS old_waits
          FROM latest n LEFT JOIN crm_mail_pulse p USING (kind, target_id, company_id)
    ), asked AS (
        SELECT kind, target_id, company_id, min(c.date) AS since
          FROM merged m JOIN counted c USING (kind, target_id, company_id)
         WHERE c.asks AND c.date > COALESCE(m.last_out, '-infinity')
         GROUP BY kind, target_id, company_id
    ), new AS (
        SELECT m.*, CASE WHEN m.last_out IS DISTINCT FROM m.old_out
                         THEN crm_mail_pulse_waits(m.kind, m.target_id, m.company_id, m.last_out)
                         ELSE LEAST(m.old_waits, a.since) END AS waits_since
          FROM merged m LEFT JOIN asked a USING (kind, target_id, company_id)
    )
    INSERT INTO crm_mail_pulse (kind, target_id, company_id, last_in, last_out, waits_since)
    SELECT kind, target_id, company_id, last_in, last_out, waits_since FROM new
     WHERE (last_in, last_out, waits_since) IS DISTINCT FROM (old_in, old_out, old_waits)
     ORDER BY kind, target_id, company_id
    ON CONFLICT (kind, target_id, company_id) DO UPDATE
       SET (last_in, last_out, waits_since) = (EXCLUDED.last_in, EXCLUDED.last_out, EXCLUDED.waits_since);
$$;
"""

_RENEW = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_renew(_kinds text[], _targets integer[], _companies integer[])
RETURNS void LANGUAGE sql AS $$
    WITH latest AS MATERIALIZED (
        SELECT kind, target_id, company_id,
               crm_mail_pulse_last(kind, target_id, company_id, 'received') AS last_in,
               crm_mail_pulse_last(kind, target_id, company_id, 'sent') AS last_out
          FROM unnest(_kinds, _targets, _companies) t (kind, target_id, company_id)
    ), gone AS (
        DELETE FROM crm_mail_pulse p USING latest n
         WHERE (p.kind, p.target_id, p.company_id) = (n.kind, n.target_id, n.company_id)
           AND num_nonnulls(n.last_in, n.last_out) = 0
    )
    INSERT INTO crm_mail_pulse (kind, target_id, company_id, last_in, last_out, waits_since)
    SELECT kind, target_id, company_id, last_in, last_out,
           crm_mail_pulse_waits(kind, target_id, company_id, last_out)
      FROM latest WHERE num_nonnulls(last_in, last_out) > 0
     ORDER BY kind, target_id, company_id
    ON CONFLICT (kind, target_id, company_id) DO UPDATE
       SET (last_in, last_out, waits_since) = (EXCLUDED.last_in, EXCLUDED.last_out, EXCLUDED.waits_since);
$$;
"""

# What was neither the last letter of its direction nor the one that waits leaves all as it is. Who archives an older
# letter at the same time neither sees this nor is seen: so it is looked at again when both have ended.
_LOWER = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_lower(_kinds text[], _targets integer[], _dates timestamp[])
RETURNS void LANGUAGE sql AS $$
    WITH touched AS MATERIALIZED (
        SELECT p.kind, p.target_id, p.company_id FROM crm_mail_pulse p
         WHERE EXISTS (
            SELECT 1 FROM unnest(_kinds, _targets, _dates) t (kind, target_id, date)
             WHERE t.kind = p.kind AND t.target_id = p.target_id AND t.date IN (p.last_in, p.last_out, p.waits_since))
           AND p.target_id = ANY(_targets) AND p.kind = ANY(_kinds)
         ORDER BY p.kind, p.target_id, p.company_id
           FOR UPDATE
    ), noted AS (
        INSERT INTO crm_mail_pulse_check (kind, target_id, company_id) SELECT * FROM touched
    )
    SELECT crm_mail_pulse_renew(array_agg(kind), array_agg(target_id), array_agg(company_id))
      FROM touched HAVING count(*) > 0;
$$;
"""

# A transaction that archives letters is much shorter than this.
_CHECK = """
WITH oldest AS MATERIALIZED (
    SELECT ctid AS place FROM crm_mail_pulse_check WHERE noted < clock_timestamp() - interval '10 minutes'
     ORDER BY noted LIMIT %s FOR UPDATE SKIP LOCKED
), due AS (
    DELETE FROM crm_mail_pulse_check WHERE ctid IN (SELECT place FROM oldest)
 RETURNING kind, target_id, company_id
), once AS (
    SELECT DISTINCT kind, target_id, company_id FROM due
)
SELECT crm_mail_pulse_renew(array_agg(kind), array_agg(target_id), array_agg(company_id)) FROM once HAVING count(*) > 0
"""
_CHECKED = 1_000

# Rows before and after are compared as sets. A join of the two goes through them row by row if its plan was made in a
# transaction that changed few: 1,000 rows took 150 ms, and ten times as many a hundred times as long.
_OF_LINKS = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_of_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM crm_mail_pulse_raise(ARRAY(SELECT id FROM after));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM crm_mail_pulse_lower(array_agg(t.kind), array_agg(t.target_id), array_agg(b.date))
           FROM before b CROSS JOIN LATERAL (VALUES %(before)s) t (kind, target_id)
          WHERE t.target_id IS NOT NULL AND b.is_undone IS NOT TRUE
         HAVING count(*) > 0;
    ELSE
        changed := ARRAY(SELECT a.id FROM (SELECT %(values)s FROM after EXCEPT SELECT %(values)s FROM before) a);
        IF changed != '{}' THEN
            PERFORM crm_mail_pulse_lower(array_agg(t.kind), array_agg(t.target_id), array_agg(b.date))
               FROM (SELECT %(values)s FROM before EXCEPT SELECT %(values)s FROM after) b
              CROSS JOIN LATERAL (VALUES %(before)s) t (kind, target_id)
              WHERE t.target_id IS NOT NULL AND b.is_undone IS NOT TRUE
             HAVING count(*) > 0;
            PERFORM crm_mail_pulse_raise(changed);
        END IF;
    END IF;
    RETURN NULL;
END $$;
"""

_OF_EMAILS = """
CREATE OR REPLACE FUNCTION crm_mail_pulse_of_emails() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer[] := ARRAY(
        SELECT a.id FROM (SELECT id, visibility, direction, kind FROM after
                          EXCEPT SELECT id, visibility, direction, kind FROM before) a);
BEGIN
    IF changed != '{}' THEN
        PERFORM crm_mail_pulse_lower(array_agg(t.kind), array_agg(t.target_id), array_agg(b.date))
           FROM crm_mail_link b CROSS JOIN LATERAL (VALUES %(before)s) t (kind, target_id)
          WHERE b.email_id = ANY(changed) AND t.target_id IS NOT NULL AND b.is_undone IS NOT TRUE
         HAVING count(*) > 0;
        PERFORM crm_mail_pulse_raise(ARRAY(SELECT id FROM crm_mail_link WHERE email_id = ANY(changed)));
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION crm_mail_pulse_of_companies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM crm_mail_pulse_lower(array_agg(t.kind), array_agg(t.target_id), array_agg(b.date))
           FROM crm_mail_link b CROSS JOIN LATERAL (VALUES %(before)s) t (kind, target_id)
          WHERE b.email_id IN (SELECT email_id FROM touched) AND t.target_id IS NOT NULL AND b.is_undone IS NOT TRUE
         HAVING count(*) > 0;
    ELSE
        PERFORM crm_mail_pulse_raise(ARRAY(
            SELECT id FROM crm_mail_link WHERE email_id IN (SELECT email_id FROM touched)));
    END IF;
    RETURN NULL;
END $$;
"""

_TRIGGERS = (
    ("crm_mail_link", "INSERT", "NEW TABLE AS after", "crm_mail_pulse_of_links"),
    ("crm_mail_link", "UPDATE", "OLD TABLE AS before NEW TABLE AS after", "crm_mail_pulse_of_links"),
    ("crm_mail_link", "DELETE", "OLD TABLE AS before", "crm_mail_pulse_of_links"),
    ("crm_mail_email", "UPDATE", "OLD TABLE AS before NEW TABLE AS after", "crm_mail_pulse_of_emails"),
    ("crm_mail_email_company_rel", "INSERT", "NEW TABLE AS touched", "crm_mail_pulse_of_companies"),
    ("crm_mail_email_company_rel", "DELETE", "OLD TABLE AS touched", "crm_mail_pulse_of_companies"),
)


def install(cr, kinds):
    """Create or renew table, functions and triggers; fill the table if there were letters before it.

    :param kinds: kind of target → its column in ``crm_mail_link``
    """
    cr.execute("SELECT to_regclass('crm_mail_pulse') IS NULL")
    is_new = cr.fetchone()[0]
    cr.execute(_TABLE)
    for statement in (_WALKS, _RAISE, _RENEW, _LOWER, _OF_LINKS, _OF_EMAILS):
        cr.execute(SQL(statement, **_parts(kinds)))
    for table, event, rows, function in _TRIGGERS:
        name = SQL.identifier(f"crm_mail_pulse_{event.lower()}")
        cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON %s", name, SQL.identifier(table)))
        cr.execute(
            SQL(
                "CREATE TRIGGER %s AFTER %s ON %s REFERENCING %s FOR EACH STATEMENT EXECUTE FUNCTION %s()",
                *(name, SQL(event), SQL.identifier(table), SQL(rows), SQL.identifier(function)),
            )
        )
    if is_new:
        cr.execute("SELECT crm_mail_pulse_raise(ARRAY(SELECT id FROM crm_mail_link))")


def check(cr):
    """Look again at those whose last letter was taken away a while ago; whether there may be more of them."""
    cr.execute(SQL(_CHECK, _CHECKED))
    cr.execute(
        "SELECT EXISTS (SELECT FROM crm_mail_pulse_check WHERE noted < clock_timestamp() - interval '10 minutes')"
    )
    return cr.fetchone()[0]


def uninstall(cr):
    for function in FUNCTIONS:
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", SQL.identifier(function)))
    cr.execute("DROP TABLE IF EXISTS crm_mail_pulse, crm_mail_pulse_check")


def _parts(kinds):
    columns = {kind: SQL.identifier(column) for kind, column in kinds.items()}
    counting = SQL(_COUNTING)

    def walks(walk):
        return SQL(" ").join(SQL(walk, kind=kind, column=column, counting=counting) for kind, column in columns.items())

    def targets(alias):
        return SQL(", ").join(SQL("(%s, %s)", kind, SQL.identifier(alias, kinds[kind])) for kind in kinds)

    values = SQL(", ").join(SQL.identifier(column) for column in ("id", "is_undone", "date", *kinds.values()))
    return {
        "last": walks(_LAST),
        "waits": walks(_WAITS),
        "targets": targets("l"),
        "before": targets("b"),
        "values": values,
    }
