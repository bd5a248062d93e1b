# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The values that pass between providers, MIME reader, matcher and archive. All frozen, all storable.

"Storable" means: text holds no NUL and no lone surrogate, so that PostgreSQL takes it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["from", "sender", "reply_to", "to", "cc", "bcc"]
ROLES: tuple[Role, ...] = ("from", "sender", "reply_to", "to", "cc", "bcc")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of RFC 5322 §3.4; ``address`` as written, ``normalized`` in lower case for look-ups."""

    name: str
    address: str
    role: Role = "from"

    @property
    def normalized(self) -> str:
        return self.address.strip().lower()

    @property
    def domain(self) -> str:
        return self.normalized.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Head:
    """What the header of a message says; enough to decide whether its body is wanted.

    Providers fill it from header bytes (``mime.read_head``) or from their own listing, always with the
    same meaning. ``date`` is seconds since the epoch, None if missing or nonsense. Message-IDs are held
    without angle brackets and white space; ``message_id`` is "" if the message has none.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    date: float | None = None
    addresses: tuple[Address, ...] = ()
    # RFC 3834 Auto-Submitted, or what stands for it: "", "auto-replied", "auto-generated"
    auto_submitted: str = ""
    # RFC 2919 List-Id, RFC 2369 List-Unsubscribe, Precedence: bulk
    bulk: bool = False
    # RFC 2919 List-Id as it is written; "" where a provider's listing does not tell it
    list_id: str = ""
    # The provider's own conversation as a number; it is in no header, and good in one mailbox only.
    conversation: int | None = None
    # X-Odoo-Objects of mail that an Odoo sent: "model-id,model-id"
    odoo_objects: str = ""
    # Whether it seems to have files, by what the listing shows; it says nothing of which message it is.
    has_files: bool = field(default=False, compare=False)

    def by_role(self, *roles: Role) -> tuple[Address, ...]:
        return tuple(a for a in self.addresses if a.role in roles)

    @property
    def thread_ids(self) -> tuple[str, ...]:
        """Message-IDs of the ancestors, nearest first, each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))


@dataclass(frozen=True, slots=True)
class File:
    """A file of a letter, byte for byte as it was attached; ``content_id`` without angle brackets."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole message, read. ``html`` is as the sender wrote it: sanitise before it is stored or shown."""

    head: Head
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    # text/calendar METHOD (RFC 5546) in upper case if the letter is an invitation, else ""
    calendar_method: str = ""
    # what was wrong with the message and how it was read all the same, as stable codes
    defects: tuple[str, ...] = ()
