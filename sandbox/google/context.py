# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a method of the Gmail API is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import errors
from .account import GmailAccount
from .grants import GMAIL, MAIL
from .mailbox import Mailbox, Message
from .world import World

_METADATA = GMAIL + "metadata"
# With one of these the limits of the metadata scope do not count.
_WIDER = frozenset((MAIL, GMAIL + "readonly", GMAIL + "modify"))


@dataclass
class Context:
    """One call of a method, checked so far: the token is good and of this user, and has the scope.

    :param values: from the path; ``args``: from the query, in their types; ``body``: JSON
    :param media: an uploaded message
    :param until: the history number up to which this call sees the mailbox
    :param outgoing: messages to deliver to others, with their recipients, once the mailbox is unlocked
    """

    world: World
    account: GmailAccount
    scopes: frozenset[str]
    values: Mapping[str, str]
    args: dict[str, Any]
    body: dict[str, Any]
    media: bytes | None
    until: int
    outgoing: list[tuple[bytes, list[str]]] = field(default_factory=list)

    @property
    def mailbox(self) -> Mailbox:
        return self.account.mailbox

    @property
    def metadata_only(self) -> bool:
        return _METADATA in self.scopes and not self.scopes & _WIDER

    def message(self) -> Message:
        """The message that the path names.

        :raises ApiError: 404, or 400 when no message can have such an id
        """
        return self.find(self.values["id"])

    def find(self, message_id: str) -> Message:
        """:raises ApiError: 404, or 400 when no message can have such an id"""
        if not message_id.isalnum():
            raise errors.invalid("Invalid id value")
        return self.mailbox.get(message_id, self.until)

    def strings(self, name: str) -> list[str]:
        """A list of texts in the body.

        :raises ApiError: 400 when it is something else
        """
        given = self.body.get(name, [])
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise errors.invalid(f"Invalid value at '{name}'")
        return given

    def many(self) -> Iterable[Message]:
        """The messages that the body names; those that are gone are passed over, as Gmail does.

        :raises ApiError: 400 when there are none or more than a thousand
        """
        ids = self.strings("ids")
        if not 0 < len(ids) <= 1000:
            raise errors.invalid("Invalid number of ids")
        known = {message.id: message for message in self.mailbox.all()}
        return [known[message_id] for message_id in dict.fromkeys(ids) if message_id in known]


Handler = Callable[[Context], "dict[str, Any] | None"]
