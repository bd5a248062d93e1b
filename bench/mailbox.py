# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A Main mailbox as large as one grows in years, put into the tables by SQL, with letters for a part of it.

Message ``n`` is the ``n``-th newest; every third is archived, for the customer who wrote it. Eight of twenty are alone,
the others are conversations of two to five within a few hours, and one conversation is what a machine reports daily.
Two of three lie in the inbox, the others among what was sent or in one of ten directories of projects. One in a
thousand has a rare word in its subject, and so has one in a thousand texts of letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .letters import WORDS

MESSAGES = 100_000
CUSTOMERS = 2_000
PROJECTS = 10
LOGIN = PASSWORD = "app.reader"
RARE, RARE_IN_TEXT, FREQUENT = "bridge", "tunnel", "order"

_MESSAGES = """
CREATE TEMP TABLE filled ON COMMIT DROP AS
SELECT n, %(copy)s + n AS copy_id, %(item)s + n AS item_id, %(email)s + n AS email_id, %(pointer)s + n AS pointer_id,
       (now() AT TIME ZONE 'UTC')::timestamp(0) - n * interval '7 minutes' AS received,
       CASE WHEN n %% 3 < 2 THEN %(inbox)s WHEN n %% 6 = 2 THEN %(sent)s
            ELSE (%(projects)s::int[])[1 + n / 6 %% 10] END AS folder_id,
       n %% 3 = 0 AS is_kept, n %% 6 = 2 AS is_sent, n %% 11 = 0 AS is_new,
       'Customer ' || n %% %(customers)s AS customer, 'buyer' || n %% %(customers)s || '@app.bench.test' AS address,
       CASE WHEN n %% 50 = 0 THEN 1
            WHEN n %% 20 < 8 THEN 1000000000 + n
            ELSE 2000000000 + (n + n %% 20 * 37 %% 200) / 20 * 10
                 + CASE WHEN n %% 20 < 10 THEN 1 WHEN n %% 20 < 12 THEN 2 WHEN n %% 20 < 15 THEN 3 ELSE 4 END
            END::bigint AS conversation,
       concat_ws(' ', CASE WHEN n %% 1000 = 7 THEN 'bridge' END, (%(words)s::text[])[1 + n %% 20], 'order', n / 4)
           AS subject,
       concat_ws(' ', CASE WHEN n %% 1000 = 9 THEN 'tunnel' END, (%(words)s::text[])[1 + n %% 7],
                 (%(words)s::text[])[1 + n %% 11], 'with kind regards, about order', n) AS words
  FROM generate_series(0, %(messages)s - 1) AS n
"""
_COPIES = """
INSERT INTO crm_mail_copy (id, mailbox_id, folder_id, remote_id, state, reason, attempts, header_key, received,
                           addresses, size, flags, subject, email_id)
SELECT copy_id, %(mailbox)s, folder_id, n || '.1@bench', CASE WHEN is_kept THEN 'kept' ELSE 'skipped' END,
       CASE WHEN is_kept THEN 'matched' ELSE 'nobody_known' END, 0, encode(sha256(n::text::bytea), 'hex'), received,
       address, 4000, CASE WHEN is_new THEN NULL ELSE '\\Seen' END, subject, CASE WHEN is_kept THEN email_id END
  FROM filled
"""
_ITEMS = """
INSERT INTO crm_mail_item (id, mailbox_id, copy_id, received, sender_name, sender_address, people, subject, snippet,
                           has_files, is_seen, is_flagged, is_answered, is_draft, is_here, is_rough, conversation,
                           same_key, fts)
SELECT item_id, %(mailbox)s, copy_id, received, CASE WHEN is_sent THEN 'App Reader' ELSE customer END,
       CASE WHEN is_sent THEN 'app.reader@bench-own.test' ELSE address END,
       jsonb_build_object('to', jsonb_build_array(jsonb_build_array(
           CASE WHEN is_sent THEN customer ELSE 'App Reader' END,
           CASE WHEN is_sent THEN address ELSE 'app.reader@bench-own.test' END))),
       subject, left(words, 100), n %% 9 = 0, NOT is_new, n %% 97 = 0, n %% 13 = 0, FALSE, TRUE, FALSE, conversation,
       n, setweight(to_tsvector('simple', subject), 'A')
       || setweight(to_tsvector('simple', customer || ' ' || address), 'B')
       || to_tsvector('simple', left(words, 100)) || ('cmsbox' || %(mailbox)s)::tsvector
  FROM filled;
INSERT INTO crm_mail_item_folder (folder_id, item_id, received, conversation, is_seen, is_flagged, has_files)
SELECT f.folder_id, i.id, i.received, i.conversation, i.is_seen, i.is_flagged, i.has_files
  FROM filled f JOIN crm_mail_item i ON i.id = f.item_id
"""
_LETTERS = """
INSERT INTO mail_message (id, model, res_id, message_id, message_type, subtype_id, is_internal, body, date, create_date)
SELECT pointer_id, 'crm.mail.email', email_id, '<cms-' || email_id || '@archive.invalid>', 'email', %(note)s, TRUE, '',
       received, now() FROM filled WHERE is_kept;
INSERT INTO crm_mail_email (id, identity, date, direction, kind, visibility, mailbox_visibility, company_id,
                            is_linked_partner, is_linked_lead, pointer_id)
SELECT email_id, 'app-bench-' || n, received, 'received', 'personal', 'everything', 'everything', %(company)s, TRUE,
       FALSE, pointer_id FROM filled WHERE is_kept;
INSERT INTO crm_mail_head (email_id, subject, email_from, recipients, message_id, file_count, size, fts)
SELECT email_id, subject, customer || ' <' || address || '>', 'app.reader@bench-own.test', 'app-bench-' || n, 0, 4000,
       to_tsvector('simple', subject || ' ' || address) FROM filled WHERE is_kept;
INSERT INTO crm_mail_content (email_id, html, text, snippet, fts)
SELECT email_id, '<p>' || words || '</p><blockquote>' || repeat(words || '<br>', 20) || '</blockquote>', words,
       left(words, 100), to_tsvector('simple', subject || ' ' || address || ' ' || words) FROM filled WHERE is_kept;
INSERT INTO crm_mail_email_owner_rel (email_id, user_id) SELECT email_id, %(user)s FROM filled WHERE is_kept;
INSERT INTO crm_mail_email_company_rel (email_id, company_id) SELECT email_id, %(company)s FROM filled WHERE is_kept;
INSERT INTO crm_mail_participant (email_id, role, name, address, domain)
SELECT email_id, 'from', customer, address, 'app.bench.test' FROM filled WHERE is_kept;
INSERT INTO crm_mail_link (email_id, partner_id, reason, is_undone, date, pointer_id)
SELECT email_id, %(partner)s + n %% %(customers)s, 'customer_main', FALSE, received, pointer_id
  FROM filled WHERE is_kept
"""
_CUSTOMERS = """
INSERT INTO res_partner (id, name, complete_name, email, email_normalized, active, partner_share, is_company, type,
                         lang, commercial_partner_id)
SELECT %(partner)s + n, 'Customer ' || n, 'Customer ' || n, a.address, a.address, TRUE, TRUE, TRUE, 'contact', 'en_US',
       %(partner)s + n
  FROM generate_series(0, %(customers)s - 1) AS n, LATERAL (SELECT 'buyer' || n || '@app.bench.test' AS address) AS a
"""
_FILLED = (
    *("crm_mail_copy", "crm_mail_item", "crm_mail_item_folder", "crm_mail_email", "crm_mail_head", "crm_mail_content"),
    *("crm_mail_participant", "crm_mail_link", "crm_mail_email_owner_rel", "mail_message", "res_partner"),
)


@dataclass(frozen=True)
class LargeMailbox:
    """Whose mailbox it is, and what is in it."""

    env: Any
    mailbox: Any
    inbox: Any
    project: Any


def large_mailbox(env: Any, messages: int = MESSAGES) -> LargeMailbox:
    """A user with a Main mailbox of so many messages, all of them in its index."""
    user = _reader(env)
    mailbox = env["crm.mail.mailbox"].create(
        {"user_id": user.id, "address": "app.reader@bench-own.test", "host": "imap.bench.test"}
    )
    folders = _folders(env, mailbox)
    tables = {"partner": "res_partner", "copy": "crm_mail_copy", "item": "crm_mail_item", "email": "crm_mail_email"}
    values = {
        **{name: _reserve(env, table, messages) for name, table in {**tables, "pointer": "mail_message"}.items()},
        "messages": messages,
        "customers": CUSTOMERS,
        "user": user.id,
        "company": env.company.id,
        "mailbox": mailbox.id,
        "inbox": folders[0].id,
        "sent": folders[1].id,
        "projects": folders[2:].ids,
        "note": env.ref("mail.mt_note").id,
        "words": list(WORDS),
    }
    env.flush_all()
    for statement in (_CUSTOMERS, _MESSAGES, _LETTERS, _COPIES, _ITEMS):
        env.cr.execute(statement, values)
    mailbox.write({"state": "up_to_date", "last_scan": "2100-01-01 00:00:00", "next_run": False})
    env.cr.commit()
    env.cr._cnx.set_session(autocommit=True)
    for table in _FILLED:
        env.cr.execute(f"VACUUM ANALYZE {table}")
    env.cr._cnx.set_session(autocommit=False)
    env.invalidate_all()
    return LargeMailbox(env, mailbox, folders[0], folders[2])


def _reader(env: Any) -> Any:
    group = env.ref("sales_team.group_sale_salesman")
    users = env["res.users"].with_context(no_reset_password=True)
    values = {"name": "App Reader", "login": LOGIN, "password": PASSWORD, "group_ids": [(4, group.id)]}
    return users.create({**values, "email": "app.reader@bench-own.test"})


def _folders(env: Any, mailbox: Any) -> Any:
    names = [("Inbox", "inbox"), ("Sent", "sent"), *((f"Project {number}", False) for number in range(PROJECTS))]
    folders = env["crm.mail.folder"].create(
        [
            {
                "mailbox_id": mailbox.id,
                "remote_id": name,
                "name": name,
                "complete_name": name,
                "role": role,
                "selectable": True,
                "selected": True,
            }
            for name, role in names
        ]
    )
    folders.is_indexed = True
    return folders


def _reserve(env: Any, table: str, count: int) -> int:
    """The first of so many ids that nobody else takes."""
    env.cr.execute(f"SELECT nextval('{table}_id_seq')")
    first = int(env.cr.fetchone()[0]) + 1
    env.cr.execute("SELECT setval(%s, %s)", (f"{table}_id_seq", first + count))
    return first
