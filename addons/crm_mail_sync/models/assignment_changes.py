# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What assignments do to links, in bulk, so that each can be taken back alone, whatever others did before and after.

Each change of a link is kept: by which assignment, whether it set or cleared the link, and what it found. A link is
what the last of its changes made of it. To take one back, the next one inherits what it found; if there is no next one,
the link becomes that again. The order of changes is that in which the links' rows were locked.
"""

from odoo.tools import SQL


def create_changes(env):
    """The table of changes. No model: there is nothing in it for anybody to read."""
    env.cr.execute(
        """
        CREATE TABLE IF NOT EXISTS crm_mail_assignment_change (
            assignment_id integer NOT NULL REFERENCES crm_mail_assignment ON DELETE CASCADE,
            link_id integer NOT NULL REFERENCES crm_mail_link ON DELETE CASCADE,
            position bigserial,
            is_on boolean NOT NULL,
            before text NOT NULL CHECK (before IN ('absent', 'linked', 'undone')),
            PRIMARY KEY (link_id, assignment_id)
        );
        CREATE INDEX IF NOT EXISTS crm_mail_assignment_change_idx ON crm_mail_assignment_change (assignment_id)
        """
    )


def set_links(env, assignment, letter_ids, column, target_ids, reason):
    """Link these letters to these targets; links that somebody undid come back."""
    _change(env, assignment, letter_ids, column, target_ids, is_on=True)
    env.cr.execute(
        SQL(
            """
            WITH made AS (
                INSERT INTO crm_mail_link (email_id, %(column)s, reason, maker_id, is_undone, assignment_id, date,
                                           pointer_id, create_uid, create_date, write_uid, write_date)
                SELECT e.id, t.id, %(reason)s, %(user)s, FALSE, %(assignment)s, e.date, e.pointer_id,
                       %(user)s, %(now)s, %(user)s, %(now)s
                  FROM crm_mail_email e CROSS JOIN unnest(%(targets)s::int[]) AS t (id)
                 WHERE e.id = ANY(%(letters)s)
                ON CONFLICT DO NOTHING
             RETURNING id
            )
            INSERT INTO crm_mail_assignment_change (assignment_id, link_id, is_on, before)
            SELECT %(assignment)s, id, TRUE, 'absent' FROM made
            """,
            column=SQL.identifier(column),
            reason=reason,
            user=env.uid,
            assignment=assignment.id,
            now=env.cr.now(),
            targets=list(target_ids),
            letters=list(letter_ids),
        )
    )


def clear_links(env, assignment, letter_ids, column, target_ids):
    """Undo the links of these letters to these targets; they stay, so that no scan makes them again."""
    _change(env, assignment, letter_ids, column, target_ids, is_on=False)


def _change(env, assignment, letter_ids, column, target_ids, is_on):
    # Links that are so already are written all the same: who changes them at the same time must meet a conflict.
    env.cr.execute(
        SQL(
            """
            WITH found AS (
                SELECT id, is_undone FROM crm_mail_link
                 WHERE email_id = ANY(%(letters)s) AND %(column)s = ANY(%(targets)s)
                 ORDER BY id FOR UPDATE
            ), changed AS (
                UPDATE crm_mail_link l
                   SET is_undone = NOT %(is_on)s, write_uid = %(user)s, write_date = %(now)s,
                       assignment_id = CASE WHEN %(is_on)s THEN %(assignment)s ELSE assignment_id END,
                       undone_by_id = CASE WHEN %(is_on)s THEN NULL ELSE %(assignment)s END
                  FROM found WHERE l.id = found.id
             RETURNING l.id, found.is_undone
            )
            INSERT INTO crm_mail_assignment_change (assignment_id, link_id, is_on, before)
            SELECT %(assignment)s, id, %(is_on)s, CASE WHEN is_undone THEN 'undone' ELSE 'linked' END FROM changed
            """,
            column=SQL.identifier(column),
            letters=list(letter_ids),
            targets=list(target_ids),
            is_on=is_on,
            assignment=assignment.id,
            user=env.uid,
            now=env.cr.now(),
        )
    )


def take_back(env, assignment):
    """All that this assignment did to links, as though it had never been; what later ones did to them stays."""
    mine = {"mine": assignment.id}
    for statement in (_INHERIT, _UNMAKE, _RESTORE, _FORGET):
        env.cr.execute(SQL(statement, **mine))


_INHERIT = """
    UPDATE crm_mail_assignment_change later SET before = c.before
      FROM crm_mail_assignment_change c
     WHERE c.assignment_id = %(mine)s AND later.link_id = c.link_id
       AND later.position = (SELECT min(n.position) FROM crm_mail_assignment_change n
                              WHERE n.link_id = c.link_id AND n.position > c.position)
"""
_UNMAKE = """
    DELETE FROM crm_mail_link l USING crm_mail_assignment_change c
     WHERE c.assignment_id = %(mine)s AND c.link_id = l.id AND c.before = 'absent'
       AND NOT EXISTS (SELECT FROM crm_mail_assignment_change n WHERE n.link_id = l.id AND n.position > c.position)
"""
_RESTORE = """
    UPDATE crm_mail_link l
       SET is_undone = CASE WHEN other.position > c.position THEN l.is_undone ELSE c.before = 'undone' END,
           undone_by_id = CASE WHEN NOT other.is_on THEN other.assignment_id END,
           assignment_id = maker.id, maker_id = COALESCE(maker.user_id, l.maker_id)
      FROM crm_mail_assignment_change c
      LEFT JOIN LATERAL (SELECT n.position, n.is_on, n.assignment_id FROM crm_mail_assignment_change n
                          WHERE n.link_id = c.link_id AND n.assignment_id != %(mine)s
                          ORDER BY n.position DESC LIMIT 1) other ON TRUE
      LEFT JOIN LATERAL (SELECT a.id, a.user_id
                           FROM crm_mail_assignment_change n JOIN crm_mail_assignment a ON a.id = n.assignment_id
                          WHERE n.link_id = c.link_id AND n.assignment_id != %(mine)s AND n.is_on
                          ORDER BY n.position DESC LIMIT 1) maker ON TRUE
     WHERE c.assignment_id = %(mine)s AND l.id = c.link_id
"""
_FORGET = "DELETE FROM crm_mail_assignment_change WHERE assignment_id = %(mine)s"
