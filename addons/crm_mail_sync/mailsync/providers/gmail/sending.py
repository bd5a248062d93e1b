# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending through Gmail: as the mailbox's owner, into a conversation if one is named."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

from ...errors import MessageGone, MessageTooLarge
from . import translate
from .api import UNITS, Api

# maxSize of messages.send in the discovery document (bytes).
MOST = 36_700_160
# Beyond this the message does not travel inside JSON, which is a third longer (bytes).
_INSIDE_JSON = 3 * 1024 * 1024


def send(api: Api, message: bytes, thread_id: str) -> str:
    """Send a whole message (RFC 5322, lines ending in CRLF); its id in the mailbox.

    A conversation takes it only if its header refers to a message in there (In-Reply-To, References) and its subject
    is the same; one that is gone is done without. Raises MessageTooLarge, and ConnectionFailed if it is not known
    whether the message was sent.
    """
    if len(message) > MOST:
        raise MessageTooLarge()
    try:
        with api.unrepeated():
            answer = api.call(request_with(api.messages.send, api.user_id, message, thread_id), UNITS["send"])
    except HttpError as error:
        told = translate.refusal(error)
        if thread_id and isinstance(told, MessageGone):
            # The conversation is gone, nothing was sent; the letter begins one of its own.
            return send(api, message, "")
        told.is_unsent = translate.is_sure(error)
        raise told from error
    with translate.reading():
        return str(answer["id"])


def request_with(method: Any, user_id: str, message: bytes, thread_id: str, wrapped: str = "", **names: str) -> Any:
    """The request that hands a message to a method.

    Either way takes any byte; the client's multipart upload, the third, fails on those that are not ASCII.

    :param wrapped: the field of the body that the message stands in, if it is not the body itself.
    :param names: the method's further arguments.
    """
    body: dict[str, Any] = {"threadId": thread_id} if thread_id else {}
    if len(message) <= _INSIDE_JSON:
        body["raw"] = urlsafe_b64encode(message).decode("ascii")
        return method(userId=user_id, body={wrapped: body} if wrapped else body, **names)
    media = MediaInMemoryUpload(message, mimetype="message/rfc822", resumable=True)
    return method(userId=user_id, body={wrapped: body} if wrapped else body, media_body=media, **names)
