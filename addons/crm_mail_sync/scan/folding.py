# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which stored letter a message is: the same message is one letter, two messages never are."""

from odoo.tools import SQL

from ..mailsync import identity
from .bulk import execute


class Known:
    """The letters, stored or about to be, that the messages of a batch may be copies of.

    A letter's identity is the key over its headers. If two messages share it but not their contents, the second's
    identity gets its fingerprint too. The contents are always compared: whoever merely knows a letter's headers must not become its
    owner by putting a forged message into his mailbox.
    """

    def __init__(self, env, readings):
        self.env = env
        # identity → (letter id, fingerprint, text or None if it is to be loaded)
        self._by_identity = {}
        keys = {r.header_key for r in readings}
        keys |= {_second_identity(r) for r in readings}
        rows = execute(
            env,
            SQL(
                """
                SELECT e.identity, e.id, c.fingerprint
                  FROM crm_mail_email e JOIN crm_mail_content c ON c.email_id = e.id
                 WHERE e.identity = ANY(%s)
                """,
                list(keys),
            ),
        ).fetchall()
        for key, email_id, fingerprint in rows:
            self._by_identity[key] = (email_id, fingerprint, None)

    def find(self, reading):
        """(id of the letter that this message is a copy of or None, identity for a new one)."""
        for key in (_second_identity(reading), reading.header_key):
            if self._is_same(key, reading):
                return self._by_identity[key][0], key
        if reading.header_key in self._by_identity:
            return None, _second_identity(reading)
        return None, reading.header_key

    def add(self, key, email_id, reading):
        """A letter that is being stored with this batch."""
        self._by_identity[key] = (email_id, reading.fingerprint, reading.text)

    def _is_same(self, key, reading):
        if key not in self._by_identity:
            return False
        email_id, fingerprint, text = self._by_identity[key]
        if fingerprint == reading.fingerprint:
            return True
        if text is None:
            text = self._load_text(email_id)
        return identity.same_content(text, reading.text)

    def _load_text(self, email_id):
        row = execute(
            self.env, SQL("SELECT text FROM crm_mail_content WHERE email_id = %s", email_id)
        ).fetchone()
        return row[0] or ""


def _second_identity(reading):
    return f"{reading.header_key}:{reading.fingerprint}"
