# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which stored letter a message is: the same message is one letter, two messages never are."""

from dataclasses import dataclass

from odoo.tools import SQL

from ..mailsync import identity
from . import sent_here
from .bulk import execute


class Known:
    """The letters, stored or about to be, that the messages of a batch may be copies of.

    A letter's identity is the key over its headers. If two messages share it but not their contents, the second's
    identity gets its fingerprint too. A list's footer or a gateway's banner does not make another message. But whoever
    is not yet an owner must show all that he would get to read: else a message forged from a letter's header and its
    first words, laid into his own mailbox, would open the letter to him.
    """

    def __init__(self, env, readings, user_id):
        self.env = env
        self.user_id = user_id
        # identity → (letter id, fingerprint)
        self._by_identity = {}
        # letter id → reading, of this batch
        self._fresh = {}
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
            self._by_identity[key] = (email_id, fingerprint)
        self._sent_here = sent_here.letters(env, [r.head.message_id for r in readings])

    def find(self, reading):
        """(id of the letter that this message is a copy of or None, identity for a new one)."""
        for key in (_second_identity(reading), reading.header_key):
            if key in self._by_identity and self._is_same(*self._by_identity[key], reading):
                return self._by_identity[key][0], key
        for email_id, fingerprint in self._sent_here.get(reading.head.message_id, ()):
            if self._is_same(email_id, fingerprint, reading):
                return email_id, reading.header_key
        if reading.header_key in self._by_identity:
            return None, _second_identity(reading)
        return None, reading.header_key

    def add(self, key, email_id, reading):
        """A letter that is being stored with this batch, which is its user's own."""
        self._fresh[email_id] = reading
        self._by_identity[key] = (email_id, reading.fingerprint)

    def _is_same(self, email_id, fingerprint, reading):
        if fingerprint == reading.fingerprint:
            return True
        stored = self._load(email_id)
        if not identity.same_content(stored.text, reading.text):
            return False
        # A file that the letter does not have would be lost with it.
        if not _checksums(reading) <= stored.checksums:
            return False
        return stored.is_own or (len(stored.text) <= len(reading.text) and stored.checksums <= _checksums(reading))

    def _load(self, email_id):
        if email_id in self._fresh:
            reading = self._fresh[email_id]
            return _Stored(reading.text, True, _checksums(reading))
        text, is_own, checksums = execute(
            self.env,
            SQL(
                """
                SELECT c.text,
                       EXISTS (SELECT FROM crm_mail_email_owner_rel o
                                WHERE o.email_id = c.email_id AND o.user_id = %s),
                       ARRAY(SELECT a.checksum FROM ir_attachment a
                              WHERE a.res_model = 'crm.mail.content' AND a.res_id = c.id)
                  FROM crm_mail_content c WHERE c.email_id = %s
                """,
                self.user_id,
                email_id,
            ),
        ).fetchone()
        return _Stored(text or "", is_own, frozenset(checksums))


@dataclass(frozen=True)
class _Stored:
    """What a letter shows; ``checksums`` are its files' as Odoo keeps them."""

    text: str
    is_own: bool
    checksums: frozenset[str]


def _checksums(reading):
    return frozenset(file.checksum for file in reading.files)


def _second_identity(reading):
    return f"{reading.header_key}:{reading.fingerprint}"
