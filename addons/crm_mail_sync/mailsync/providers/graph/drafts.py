# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drafts, as MIME (https://learn.microsoft.com/graph/api/user-post-messages). Another version is another message."""

from __future__ import annotations

from base64 import b64encode

from ...errors import MessageGone, MessageTooLarge, ProtocolError
from .changing import Changer
from .http import Client, query
from .sending import LARGEST_REQUEST
from .translate import error_of

_DELETED = "deleteditems"


class Drafts:
    """The drafts of a mailbox."""

    def __init__(self, client: Client, changer: Changer) -> None:
        self._client = client
        self._changer = changer

    def save(self, message: bytes, replacing: str) -> str:
        """The new draft's id; the old one goes when the new one is safe.

        :raises MessageTooLarge: above 3 MB, which is 4 MB in Base64.
        """
        content = b64encode(message)
        if len(content) > LARGEST_REQUEST:
            raise MessageTooLarge("larger than what Graph takes as MIME")
        answer = self._client.post(f"{self._client.mailbox}/messages", content, "text/plain", urgent=True)
        if not answer.is_ok:
            raise error_of(answer)
        saved = answer.body.get("id") if isinstance(answer.body, dict) else None
        if not isinstance(saved, str) or not saved:
            raise ProtocolError("a draft without an id")
        self.discard(replacing)
        return saved

    def discard(self, remote_id: str) -> None:
        """Deleted twice: what is deleted lies among the deleted items first."""
        if remote_id and self._is_draft(remote_id):
            self._changer.move("", [remote_id], _DELETED)
            self._changer.remove([remote_id])

    def _is_draft(self, remote_id: str) -> bool:
        answer = self._client.get(f"{self._changer.path(remote_id)}{query(select='isDraft')}", urgent=True)
        if answer.is_ok and isinstance(answer.body, dict):
            return answer.body.get("isDraft") is True
        if not isinstance(error := error_of(answer, MessageGone), MessageGone):
            raise error
        return False
