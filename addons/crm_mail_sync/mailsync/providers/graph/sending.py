# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending (https://learn.microsoft.com/graph/api/user-sendmail). Exchange puts a copy among the sent items."""

from __future__ import annotations

from base64 import b64encode

from ...errors import MessageTooLarge
from .http import Client
from .translate import error_of

# Bytes of a request. Upload sessions, which take more, take attachments and no MIME.
LARGEST_REQUEST = 4 * 2**20


def send(client: Client, message: bytes) -> None:
    """Send a message of RFC 5322, to the recipients that its header names. Never tried twice.

    :raises MessageTooLarge: above 3 MB, which is 4 MB in Base64.
    """
    content = b64encode(message)
    if len(content) > LARGEST_REQUEST:
        raise MessageTooLarge("larger than what Graph sends as MIME")
    answer = client.post(f"{client.mailbox}/sendMail", content, "text/plain", urgent=True)
    if not answer.is_ok:
        error = error_of(answer)
        # A gateway that answers in Graph's stead does not know what Graph did.
        error.is_unsent = answer.has_code and answer.status < 500
        raise error
