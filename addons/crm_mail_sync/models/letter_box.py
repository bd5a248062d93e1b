# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A record's letters as one file for mail programs (mbox), however many there are.

They are written a few at a time, each time in a transaction of its own: whoever fetches the file may be slow, and
nothing waits for him with a transaction open, or with more than one letter in memory.
"""

import time
from datetime import timezone
from tempfile import SpooledTemporaryFile

from odoo import api, models
from odoo.modules.registry import Registry
from odoo.tools import SQL

from ..mailsync import rebuild
from ..mailsync.letter import Address, Head, Letter
from .chatter_page import linked_letters

# A file holds so many letters, the newest ones, and takes so long at most (seconds); Odoo ends a request at 120.
MOST_LETTERS = 10_000
MOST_SECONDS = 75
_AT_ONCE = 20
_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 256 * 1024


class CrmMailTargetMixin(models.AbstractModel):
    _inherit = "crm.mail.target.mixin"

    def action_download_letters(self):
        """The record's letters, as far as the user may read them, as one file."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self._letters_url(), "target": "download"}

    def _letters_url(self, behind=None):
        address = f"/crm_mail_sync/letters/{self._name}/{self.id}.mbox"
        return f"{address}?behind={behind}" if behind else address


class LetterBox:
    """The file as an iterable of bytes.

    :param record: a target of letters, in its reader's environment
    :param behind: the id of the link behind which it goes on, where another file has ended
    """

    def __init__(self, record, behind=None):
        self.dbname = record.env.cr.dbname
        self.uid, self.context = record.env.uid, dict(record.env.context)
        self.model, self.record_id = record._name, record.id
        self.behind = behind
        # (date, id) of that link, once it is known.
        self.place = None
        self.left = MOST_LETTERS

    def __iter__(self):
        end = time.monotonic() + MOST_SECONDS
        more = True
        while more:
            with SpooledTemporaryFile(max_size=_IN_MEMORY) as part:
                more = self._write(part, end)
                part.seek(0)
                while chunk := part.read(_CHUNK):
                    yield chunk

    def _write(self, part, end):
        """Write the next few letters; whether there are more of them for this file."""
        with Registry(self.dbname).cursor() as cursor:
            env = api.Environment(cursor, self.uid, self.context)
            record = env[self.model].browse(self.record_id)
            # Asked again each time: he may have lost the right to it meanwhile.
            rows = self._next(record) if record.exists() and record.has_access("read") else []
            for date, link_id, email_id in rows[:_AT_ONCE]:
                if not self.left or time.monotonic() > end:
                    part.write(self._notice(record))
                    return False
                self._add(part, env["crm.mail.email"].browse(email_id))
                self.behind, self.place = link_id, (date, link_id)
                self.left -= 1
            return len(rows) > _AT_ONCE

    def _next(self, record):
        """(date, link, letter) of the next letters whose text the reader may read, newest first."""
        env = record.env
        source = linked_letters(env, record, with_odoo_messages=True)
        contents = env["crm.mail.content"].sudo(False)
        if source is None or not contents.has_access("read"):
            return []
        readable = SQL("%s AND crm_mail_email.id IN %s", source, contents._search([]).subselect("email_id"))
        if self.behind and not self.place:
            # Only from a letter of this record that he may read; behind any other it begins at the beginning.
            rows = env.execute_query(SQL("SELECT l.date, l.id %s AND l.id = %s", readable, self.behind))
            self.place = rows[0] if rows else None
        return env.execute_query(
            SQL(
                "SELECT l.date, l.id, crm_mail_email.id %s AND %s ORDER BY l.date DESC, l.id DESC LIMIT %s",
                readable,
                SQL("(l.date, l.id) < (%s, %s)", *self.place) if self.place else SQL("TRUE"),
                _AT_ONCE + 1,
            )
        )

    def _add(self, part, letter):
        message = letter._rebuilt()
        if message:
            sender = letter.participant_ids.filtered(lambda person: person.role == "from")[:1].address
            part.write(rebuild.mbox_entry(message, sender or "", letter.date.replace(tzinfo=timezone.utc).timestamp()))
        # Neither the letters before nor their files stay in memory.
        letter.env.invalidate_all(flush=False)

    def _notice(self, record):
        """A last entry that says where the older ones are."""
        env = record.with_context(lang=record.env.user.lang).env
        subject = env._("Older emails are in a further file")
        text = env._(
            "This file was getting large, so it ends here. Fetch the older emails of %(name)s with this address, "
            "signed in to Odoo:\n\n%(address)s",
            name=record.display_name,
            address=record.get_base_url() + record._letters_url(self.behind),
        )
        now = time.time()
        people = (Address("Odoo", "archive@archive.invalid"),)
        notice = rebuild.rebuild(Letter(Head(subject=subject, date=now, addresses=people), text=text))
        return rebuild.mbox_entry(notice, "", now)
