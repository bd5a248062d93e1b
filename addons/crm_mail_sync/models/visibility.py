# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a letter colleagues are shown: four levels, and how those of mailboxes become those of their letters."""

from odoo.tools import SQL

MAILBOX_LEVELS = [
    ("everything", "Everything"),
    ("subject", "Subject only"),
    ("event", "That it happened only"),
    ("private", "Only me"),
]
LETTER_LEVELS = [*MAILBOX_LEVELS[:-1], ("private", "Only the owners")]

# From the least open to the most open one.
_ORDER = ("private", "event", "subject", "everything")


def rank(level):
    """The more open a level, the higher."""
    return _ORDER.index(level)


def most_open(*levels):
    """The one of these that shows most."""
    return max(levels, key=rank)


def apply_to_letters(env, held_by, but_of=()):
    """Give letters the most open level of the mailboxes that hold them, each raised to its company's minimum.

    A letter that an owner keeps private stays private. One that no mailbox holds any more keeps its level.

    :param SQL held_by: condition on copies (``crm_mail_copy``): which letters
    :param but_of: ids of mailboxes that count no longer
    """
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            WITH held AS (
                SELECT c.email_id,
                       (%(order)s::text[])[max(GREATEST(%(mailbox_rank)s, %(floor_rank)s))] AS level,
                       count(DISTINCT m.id) > 1 AS is_shared
                  FROM crm_mail_copy c
                  JOIN crm_mail_mailbox m ON m.id = c.mailbox_id AND m.id != ALL(%(but_of)s)
                  JOIN res_company f ON f.id = m.company_id
                 WHERE c.email_id IN (SELECT email_id FROM crm_mail_copy WHERE email_id IS NOT NULL AND %(held_by)s)
                 GROUP BY c.email_id
            ), result AS (
                SELECT held.*,
                       CASE WHEN EXISTS (SELECT FROM crm_mail_email_private_rel p WHERE p.email_id = held.email_id)
                            THEN 'private' ELSE level END AS shown
                  FROM held
            )
            UPDATE crm_mail_email e SET mailbox_visibility = result.level, visibility = result.shown
              FROM result
             WHERE e.id = result.email_id
               -- A letter of several mailboxes is written in any case: of two that change at once, one then waits for
               -- the other and is done again, or each would keep the letter as open as the other was.
               AND (is_shared OR e.mailbox_visibility IS DISTINCT FROM result.level
                    OR e.visibility IS DISTINCT FROM result.shown)
            """,
            order=list(_ORDER),
            mailbox_rank=_rank(SQL("m.visibility")),
            floor_rank=_rank(SQL("COALESCE(f.mail_sync_floor, 'private')")),
            but_of=list(but_of),
            held_by=held_by,
        ),
        log_exceptions=False,
    )
    env.invalidate_all(flush=False)


def _rank(level):
    return SQL("array_position(%s::text[], %s::text)", list(_ORDER), level)
