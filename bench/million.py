# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An archive as large as one grows in years, put into the tables by SQL, and as many messages of Odoo's own beside it.

Letter ``n`` belongs to a contact and to his company, every tenth of them to a lead instead of the company; every
twentieth is of one busy customer, every two hundredth of a domain that nobody has yet. It is held by one of the
salespeople; every twentieth is private. Its text holds a word that it shares with ninety-nine others, a word that every
third one holds, and words of the trade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .letters import WORDS

LETTERS = 1_000_000
PARTNERS = 200_000
LEADS = 20_000
SALESPEOPLE = 20
# A word of a hundred letters, one of every third, one of none.
RARE, FREQUENT, MISSING = "crane1x", "forklift", "nowhere"
LATE_DOMAIN = "late.bench.test"

# Ten to a company, which is the first of its ten.
_PARTNERS = """
INSERT INTO res_partner (id, name, complete_name, email, email_normalized, active, partner_share, is_company, type,
                         lang, parent_id, commercial_partner_id)
SELECT %(partner)s + n, 'Customer ' || n, 'Customer ' || n, a.address, a.address, TRUE, TRUE, n %% 10 = 0,
       'contact', 'en_US', CASE WHEN n %% 10 > 0 THEN %(partner)s + n - n %% 10 END, %(partner)s + n - n %% 10
  FROM generate_series(0, %(partners)s - 1) AS n,
       LATERAL (SELECT 'buyer' || n || '@c' || n / 10 || '.bench.test' AS address) AS a
"""
_LEADS = """
INSERT INTO crm_lead (id, name, type, active, user_id, company_id, partner_id, email_normalized)
SELECT %(lead)s + n, 'Lead ' || n, 'opportunity', TRUE, (%(users)s::int[])[1 + n %% %(salespeople)s], %(company)s,
       %(partner)s + n, NULL
  FROM generate_series(0, %(leads)s - 1) AS n
"""
# Back in time, as an import goes: three months hold 44,000 of them.
_LETTERS = """
CREATE TEMP TABLE filled ON COMMIT DROP AS
SELECT n, %(email)s + n AS email_id, %(message)s + n AS pointer_id,
       (now() AT TIME ZONE 'UTC') - n * interval '3 minutes' AS date,
       CASE WHEN n %% 20 = 0 THEN 0 ELSE n %% (%(partners)s - 10) + 10 END AS partner,
       n %% 10 = 9 AS of_lead, n %% 3 = 0 AS is_sent, (%(users)s::int[])[1 + n %% %(salespeople)s] AS user_id,
       CASE WHEN n %% 200 = 1 THEN 'someone' || n || '@' || %(late_domain)s
            ELSE 'buyer' || n %% %(partners)s || '@c' || n %% %(partners)s / 10 || '.bench.test' END AS address
  FROM generate_series(%(first)s, %(last)s - 1) AS n
"""
_POINTERS = """
INSERT INTO mail_message (id, model, res_id, message_id, message_type, subtype_id, is_internal, body, date, create_date)
SELECT pointer_id, 'crm.mail.email', email_id, '<cms-' || email_id || '@archive.invalid>', 'email', %(note)s, TRUE, '',
       date, now() FROM filled
"""
_EMAILS = """
INSERT INTO crm_mail_email (id, identity, date, direction, kind, visibility, mailbox_visibility, company_id,
                            is_linked_partner, is_linked_lead, pointer_id)
SELECT email_id, 'bench-' || n, date, CASE WHEN is_sent THEN 'sent' ELSE 'received' END,
       CASE WHEN n %% 7 = 0 THEN 'bulk' ELSE 'personal' END, level, level, %(company)s, TRUE, of_lead, pointer_id
  FROM filled, LATERAL (SELECT CASE WHEN n %% 20 = 19 THEN 'private' ELSE 'everything' END AS level) AS l
"""
_HEADS = """
INSERT INTO crm_mail_head (email_id, subject, email_from, recipients, message_id, file_count, size, fts)
SELECT email_id, subject, address, 'sales@bench-own.test', 'bench-' || n || '@mail.bench.test', n %% 5 / 4, 4000,
       to_tsvector('simple', subject || ' ' || address)
  FROM filled, LATERAL (SELECT 'About order ' || n AS subject) AS s
"""
_OWNERS = """
INSERT INTO crm_mail_email_owner_rel (email_id, user_id) SELECT email_id, user_id FROM filled;
INSERT INTO crm_mail_email_company_rel (email_id, company_id) SELECT email_id, %(company)s FROM filled
"""
_PARTICIPANTS = """
INSERT INTO crm_mail_participant (email_id, role, address, domain)
SELECT email_id, 'from', address, split_part(address, '@', 2) FROM filled
"""
_CONTENTS = """
INSERT INTO crm_mail_content (email_id, html, text, snippet, fts)
SELECT email_id, '<p>' || words || '</p>', words, left(words, 50), to_tsvector('simple', words)
  FROM filled, LATERAL (
       SELECT concat_ws(' ', 'crane' || n / 100 || 'x', CASE WHEN n %% 3 = 0 THEN 'forklift' END,
                        (%(words)s::text[])[1 + n %% 20], (%(words)s::text[])[1 + n %% 7],
                        (%(words)s::text[])[1 + n %% 11], 'order', n) AS words) AS w
"""
# One a letter, in the mailbox of whoever holds it.
_COPIES = """
INSERT INTO crm_mail_copy (mailbox_id, folder_id, remote_id, state, reason, received, addresses, email_id)
SELECT m.mailbox_id, m.folder_id, n, 'kept', 'matched', date, address, email_id
  FROM filled
  JOIN unnest(%(users)s::int[], %(mailboxes)s::int[], %(folders)s::int[]) AS m (user_id, mailbox_id, folder_id)
 USING (user_id)
"""
_LINKS = """
INSERT INTO crm_mail_link (email_id, partner_id, reason, is_undone, date, pointer_id)
SELECT email_id, %(partner)s + partner, 'customer_main', FALSE, date, pointer_id FROM filled;
INSERT INTO crm_mail_link (email_id, partner_id, reason, is_undone, date, pointer_id)
SELECT email_id, %(partner)s + CASE WHEN partner %% 10 = 0 THEN partner + 1 ELSE partner - partner %% 10 END,
       'customer_contact', FALSE, date, pointer_id FROM filled WHERE NOT of_lead;
INSERT INTO crm_mail_link (email_id, lead_id, reason, is_undone, date, pointer_id)
SELECT email_id, %(lead)s + n %% %(leads)s, 'lead_contact', FALSE, date, pointer_id FROM filled WHERE of_lead
"""
# What Odoo itself would have: comments at the same customers, and a thread that is as long as the busy customer's.
_MESSAGES = """
INSERT INTO mail_message (id, model, res_id, message_id, message_type, subtype_id, is_internal, subject, body, date,
                          author_id, create_date)
SELECT %(comment)s + n, CASE WHEN n %% 20 = 0 THEN 'crm.team' ELSE 'res.partner' END,
       CASE WHEN n %% 20 = 0 THEN %(team)s ELSE %(partner)s + partner END,
       '<bench-' || n || '@odoo.bench.test>', 'comment', %(note)s, FALSE, 'About order ' || n,
       '<p>' || concat_ws(' ', 'crane' || n / 100 || 'x', CASE WHEN n %% 3 = 0 THEN 'forklift' END,
                          (%(words)s::text[])[1 + n %% 20], 'order', n) || '</p>',
       date, 3, now() FROM filled
"""

_FILLED = (
    "crm_mail_copy",
    "crm_mail_email",
    "crm_mail_head",
    "crm_mail_email_owner_rel",
    "crm_mail_email_company_rel",
    "crm_mail_participant",
    "crm_mail_content",
    "crm_mail_link",
    "crm_mail_pulse",
    "mail_message",
    "res_partner",
    "res_users",
    "crm_lead",
)
_CHUNK = 100_000
# The flags of letters are put in as the triggers would set them; that each row names rows that are there is so.
_UNCHECKED = "SET session_replication_role = replica"


@dataclass
class Million:
    """The archive of a database, and who and what is in it."""

    env: Any
    values: dict[str, Any]
    filled: int = 0

    def grow(self, letters: int) -> None:
        """Let there be so many letters."""
        cr = self.env.cr
        cr.execute(_UNCHECKED)
        for first in range(self.filled, letters, _CHUNK):
            chunk = {**self.values, "first": first, "last": min(first + _CHUNK, letters)}
            for statement in (
                *(_LETTERS, _POINTERS, _EMAILS, _HEADS, _OWNERS, _PARTICIPANTS, _CONTENTS, _COPIES, _LINKS, _MESSAGES),
            ):
                cr.execute(statement, chunk)
            cr.commit()
        cr.execute("RESET session_replication_role")
        cr.execute("SELECT crm_mail_pulse_raise(ARRAY(SELECT id FROM crm_mail_link WHERE pointer_id >= %s))", [
            self.values["message"] + self.filled,
        ])  # fmt: skip
        self.filled = letters
        cr.commit()
        cr._cnx.set_session(autocommit=True)
        for table in _FILLED:
            cr.execute(f"VACUUM ANALYZE {table}")
        cr._cnx.set_session(autocommit=False)
        self.env.invalidate_all()

    @property
    def salesperson(self) -> Any:
        return self.env["res.users"].browse(self.values["users"][0])

    @property
    def busy_partner(self) -> Any:
        return self.env["res.partner"].browse(self.values["partner"])

    @property
    def quiet_partner(self) -> Any:
        """A customer with a few letters, as most are."""
        return self.env["res.partner"].browse(self.values["partner"] + 15)

    @property
    def busy_team(self) -> Any:
        """The record with the long thread of Odoo's own messages."""
        return self.env["crm.team"].browse(self.values["team"])


def million(env: Any, partners: int = PARTNERS) -> Million:
    """Customers, leads and salespeople, and no letter yet."""
    users = _salespeople(env)
    mailboxes = _mailboxes(env, users)
    first = {table: _free_id(env, table) for table in ("res_partner", "crm_lead", "crm_mail_email", "mail_message")}
    values = {
        "partner": first["res_partner"],
        "partners": partners,
        "lead": first["crm_lead"],
        "leads": LEADS,
        "email": first["crm_mail_email"],
        "message": first["mail_message"],
        "comment": first["mail_message"] + LETTERS,
        "users": users.ids,
        "mailboxes": mailboxes.ids,
        "folders": mailboxes.folder_ids.ids,
        "salespeople": len(users),
        "company": env.company.id,
        "team": env["crm.team"].create({"name": "Busy"}).id,
        "note": env.ref("mail.mt_note").id,
        "late_domain": LATE_DOMAIN,
        "words": list(WORDS),
    }
    env.flush_all()
    env.cr.execute(_UNCHECKED)
    for statement in (_PARTNERS, _LEADS):
        env.cr.execute(statement, values)
    _move_sequences(env, values)
    env.cr.execute("RESET session_replication_role")
    env.cr.commit()
    return Million(env, values)


def _salespeople(env: Any) -> Any:
    group = env.ref("sales_team.group_sale_salesman")
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [{"name": f"Seller {n}", "login": f"seller{n}", "group_ids": [(4, group.id)]} for n in range(SALESPEOPLE)]
        )
    )


def _mailboxes(env: Any, users: Any) -> Any:
    """One a salesperson, each with a folder, in their order."""
    mailboxes = env["crm.mail.mailbox"].create(
        [{"user_id": user.id, "address": f"{user.login}@bench-own.test", "host": "imap.bench.test"} for user in users]
    )
    env["crm.mail.folder"].create(
        [{"mailbox_id": box.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": "INBOX"} for box in mailboxes]
    )
    return mailboxes


def _free_id(env: Any, table: str) -> int:
    env.cr.execute(f"SELECT nextval('{table}_id_seq') + 1000")
    return int(env.cr.fetchone()[0])


def _move_sequences(env: Any, values: dict[str, Any]) -> None:
    """What is made later goes behind what was put in here."""
    ends: Sequence[tuple[str, int]] = (
        ("res_partner", values["partner"] + values["partners"]),
        ("crm_lead", values["lead"] + LEADS),
        ("crm_mail_email", values["email"] + LETTERS),
        ("mail_message", values["comment"] + LETTERS),
    )
    for table, end in ends:
        env.cr.execute("SELECT setval(%s, %s)", (f"{table}_id_seq", end))
