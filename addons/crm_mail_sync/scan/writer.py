# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, fields
from odoo.tools import SQL, formataddr

from ..mailsync.matching import Match
from ..mailsync.reading import Reading
from ..models.visibility import apply_to_letters
from . import odoo_mail
from .bulk import copy_large_rows, copy_rows, execute, next_ids
from .files import insert_attachments
from .folding import Known
from .following import wake_followers
from .indexing import note_read
from .learned import record_learned

# What a chatter's or a list's line can show of it, and an index of it can hold.
_LINE = 500


@dataclass
class Item:
    """A message on its way into the archive."""

    copy_id: int
    reading: Reading
    matches: tuple[Match, ...]
    email_id: int | None = None
    odoo_message: int | None = None


@dataclass
class Rows:
    """The rows of one batch, a list a table."""

    emails: list = field(default_factory=list)
    heads: list = field(default_factory=list)
    contents: list = field(default_factory=list)
    participants: list = field(default_factory=list)
    pointers: list = field(default_factory=list)
    files: list = field(default_factory=list)


class Writer:
    """Stores a batch of letters within the current transaction.

    Called again after a conflict with another worker, it finds what that one stored.
    """

    def __init__(self, env, scope):
        self.env = env
        self.scope = scope
        self.kinds = env["crm.mail.link"]._target_kinds()
        self.note = env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")

    def write(self, items):
        """Store these items' letters, links and pointers, and settle their copies.

        Returns the states that other copies of this mailbox had which now wait again, because they follow one of these
        in its thread.
        """
        now = fields.Datetime.now()
        known = Known(self.env, [item.reading for item in items], self.scope.user_id)
        new = []
        for item, spare_id in zip(items, next_ids(self.env, "crm_mail_email", len(items)), strict=True):
            item.email_id, key = known.find(item.reading)
            if not item.email_id:
                new.append((item, key))
                item.email_id = spare_id
                # A second copy in the same batch must find it.
                known.add(key, spare_id, item.reading)
        self._insert_letters(new, now)
        self._own(items)
        self.link(items, now)
        odoo_mail.note(self.env, items)
        self._settle_copies(items)
        if self.scope.is_main:
            note_read(self.env, items)
        self._show_known({item.email_id for item in items} - {item.email_id for item, _key in new})
        matched = {item.email_id: item.reading.message_id for item in items if item.matches}
        woken = wake_followers(self.env, self.scope, matched)
        # They may lie in another mailbox of the same user, which will find them waiting.
        return [state for mailbox_id, state in woken if mailbox_id == self.scope.mailbox_id]

    def _insert_letters(self, new, now):
        rows = Rows()
        content_ids = next_ids(self.env, "crm_mail_content", len(new))
        pointer_ids = next_ids(self.env, "mail_message", len(new))
        for (item, key), content_id, pointer_id in zip(new, content_ids, pointer_ids, strict=True):
            self._add(rows, item, key, content_id, pointer_id, now)
        copy_rows(self.env, "mail_message", rows.pointers)
        copy_rows(self.env, "crm_mail_email", rows.emails)
        copy_large_rows(self.env, "crm_mail_head", rows.heads)
        copy_large_rows(self.env, "crm_mail_content", rows.contents)
        copy_rows(self.env, "crm_mail_participant", rows.participants)
        insert_attachments(self.env, rows.files, self.scope.company_id, _stamp(now))

    def _add(self, rows, item, key, content_id, pointer_id, now):
        reading = item.reading
        head = reading.head
        sender = _sender(head)
        is_sent = bool(sender) and sender.normalized in self.scope.colleagues
        rows.emails.append(
            {
                "id": item.email_id,
                "identity": key,
                "date": reading.date,
                "direction": "sent" if is_sent else "received",
                "kind": reading.kind,
                "visibility": self.scope.visibility,
                "mailbox_visibility": self.scope.visibility,
                "company_id": self.scope.company_id,
                **{f"is_linked_{kind}": any(m.kind == kind for m in item.matches) for kind in self.kinds},
                "pointer_id": pointer_id,
                **_stamp(now),
            }
        )
        rows.heads.append(_head(item, sender))
        rows.pointers.append(self._pointer(item, pointer_id, now))
        rows.contents.append(_content(item, content_id))
        rows.participants.extend(_participants(item))
        rows.files.extend((content_id, file) for file in reading.files)

    def _pointer(self, item, pointer_id, now):
        """The mail.message that stands for the letter in chatters.

        It belongs to the letter, notifies nobody, and is empty, down to subject and sender: Odoo shows a message to
        whoever was ever notified of it, and lets admins export it. Its Message-ID is not the letter's: with that one
        Odoo's gateway would take the real message for a duplicate and drop it.
        """
        return {
            "id": pointer_id,
            "model": "crm.mail.email",
            "res_id": item.email_id,
            "message_id": f"<cms-{item.email_id}@archive.invalid>",
            "message_type": "email",
            "subtype_id": self.note,
            "is_internal": True,
            "body": "",
            "date": item.reading.date,
            **_stamp(now),
        }

    def _own(self, items):
        """The mailbox's user, its other readers and its company share every letter that it holds."""
        email_ids = sorted({item.email_id for item in items})
        for table, column, values in (
            ("crm_mail_email_owner_rel", "user_id", sorted(self.scope.owner_ids)),
            ("crm_mail_email_company_rel", "company_id", [self.scope.company_id]),
        ):
            execute(
                self.env,
                SQL(
                    """
                    INSERT INTO %s (email_id, %s)
                    SELECT * FROM unnest(%s::int[]) AS email_id CROSS JOIN unnest(%s::int[]) AS value
                    ON CONFLICT DO NOTHING
                    """,
                    SQL.identifier(table),
                    SQL.identifier(column),
                    email_ids,
                    values,
                ),
            )

    def _show_known(self, email_ids):
        """Letters that were there before are shown as the most open of their mailboxes is."""
        if email_ids:
            apply_to_letters(self.env, SQL("email_id = ANY(%s)", list(email_ids)))

    def link(self, items, now):
        """Link letters to targets. A link that somebody undid is still there, and is not made again.

        Returns those that are new, as (letter, kind of target, target).
        """
        links = {(item.email_id, m.kind, m.id): m for item in items for m in item.matches}
        rows = execute(
            self.env,
            SQL(
                """
                INSERT INTO crm_mail_link (email_id, %(columns)s, reason, is_undone, date, pointer_id,
                                           create_uid, create_date, write_uid, write_date)
                SELECT e.id, %(values)s, n.reason, NOT n.active, e.date, e.pointer_id,
                       %(root)s, %(now)s, %(root)s, %(now)s
                  FROM unnest(%(emails)s::int[], %(kinds)s::text[], %(targets)s::int[], %(reasons)s::text[],
                              %(active)s::bool[])
                       AS n (email_id, kind, target, reason, active)
                  JOIN crm_mail_email e ON e.id = n.email_id
                ON CONFLICT DO NOTHING
             RETURNING id, email_id, %(columns)s
                """,
                emails=[email_id for email_id, _kind, _target in links],
                kinds=[kind for _email_id, kind, _target in links],
                targets=[target for _email_id, _kind, target in links],
                reasons=[match.reason for match in links.values()],
                active=[match.is_active for match in links.values()],
                root=SUPERUSER_ID,
                now=now,
                columns=SQL(", ").join(SQL.identifier(column) for column in self.kinds.values()),
                values=SQL(", ").join(SQL("CASE n.kind WHEN %s THEN n.target END", kind) for kind in self.kinds),
            ),
        ).fetchall()
        made = {
            (email_id, kind, target): link_id
            for link_id, email_id, *targets in rows
            for kind, target in zip(self.kinds, targets, strict=True)
            if target
        }
        record_learned(self.env, [(link_id, links[key]) for key, link_id in made.items() if links[key].changes])
        return set(made)

    def _settle_copies(self, items):
        execute(
            self.env,
            SQL(
                """
                UPDATE crm_mail_copy c
                   SET state = 'kept', email_id = n.email_id, reason = n.reason, reason_text = NULL
                  FROM unnest(%s::int[], %s::int[], %s::text[]) AS n (copy_id, email_id, reason)
                 WHERE c.id = n.copy_id
                """,
                [item.copy_id for item in items],
                [item.email_id for item in items],
                ["matched" if item.matches else "scan_all" for item in items],
            ),
        )


def _sender(head):
    """Who wrote it: the first address of From, else of Sender."""
    return next(iter(head.by_role("from") or head.by_role("sender")), None)


def _shown(address):
    return formataddr((address.name, address.address))[:_LINE]


def _head(item, sender):
    reading = item.reading
    return {
        "email_id": item.email_id,
        "subject": reading.head.subject[:_LINE] or None,
        "email_from": _shown(sender) if sender else None,
        "recipients": ", ".join(_shown(a) for a in reading.head.by_role("to")[:20])[:_LINE] or None,
        "message_id": reading.message_id,
        "file_count": sum(1 for f in reading.files if not f.inline),
        "size": reading.size,
        "words": reading.head_search,
    }


def _content(item, content_id):
    reading = item.reading
    return {
        "id": content_id,
        "email_id": item.email_id,
        "html": reading.html,
        "text": reading.text,
        "snippet": reading.snippet,
        "fingerprint": reading.fingerprint,
        "words": reading.search,
    }


def _participants(item):
    """Each address of each header field once."""
    found = {(a.role, a.normalized): a for a in item.reading.head.addresses if a.normalized}
    return [
        {
            "email_id": item.email_id,
            "role": role,
            "name": address.name[:_LINE] or None,
            "address": normalized[:_LINE],
            "domain": address.domain[:_LINE] or None,
        }
        for (role, normalized), address in found.items()
    ]


def _stamp(now):
    return {
        "create_uid": SUPERUSER_ID,
        "create_date": now,
        "write_uid": SUPERUSER_ID,
        "write_date": now,
    }
