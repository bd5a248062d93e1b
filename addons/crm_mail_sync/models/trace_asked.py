# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person types who looks for a letter, and what it may mean."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.tools import email_normalize

from ..mailsync import search_keys
from ..mailsync.looking import words_of
from ..mailsync.provider import Query

_DOMAIN = re.compile(r"@?((?:[\w-]+\.)+[a-z]{2,63})", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<?([^\s<>@]+@[^\s<>@]+)>?")
# Longer than any Message-ID that is one.
_MOST = 500


@dataclass(frozen=True)
class Asked:
    """One question; what is typed may be several things at once, of which any will do."""

    message_id: str = ""
    address: str = ""
    domain: str = ""
    words: tuple[str, ...] = ()
    # The span of time in question, naive UTC.
    between: tuple[datetime, datetime] | None = None

    @classmethod
    def of(cls, text, day=None):
        """:param day: a date, in whatever form fields.Date takes; a day more or less is no matter."""
        text = (text or "").strip()[:_MOST]
        between = None
        if day and (date := fields.Date.to_date(day)):
            noon = datetime(date.year, date.month, date.day, 12)
            between = noon - timedelta(hours=36), noon + timedelta(hours=36)
        if domain := _DOMAIN.fullmatch(text):
            return cls(domain=domain[1].lower(), words=() if text.startswith("@") else words_of(text), between=between)
        found = _MESSAGE_ID.fullmatch(text)
        address = email_normalize(text) or ""
        if found or address:
            return cls(found[1] if found else "", address, between=between)
        return cls(words=words_of(text), between=between)

    @property
    def is_empty(self):
        return not (self.message_id or self.address or self.domain or self.words)

    def key_lists(self):
        """Keys of ``mailsync.search_keys``: a message that has all of one of these lists is one that is looked for."""
        lists = []
        if self.address:
            lists.append([search_keys.address_key(self.address)])
        if self.domain:
            lists.append([search_keys.domain_key(self.domain)])
        if self.words:
            lists.append(search_keys.word_keys(" ".join(self.words)))
        return lists

    def queries(self):
        """What a server is asked, one after the other until something is found."""
        span = self.between and tuple(moment.replace(tzinfo=timezone.utc).timestamp() for moment in self.between)
        if self.message_id:
            yield Query(message_id=self.message_id, between=span)
        if self.address:
            yield Query(address=self.address, between=span)
        if self.words:
            yield Query(words=self.words, between=span)
