# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""MIME as Exchange gives it out: it keeps no MIME and builds it anew each time (``/messages/{id}/$value``).

Boundaries and folds differ from one reading to the next; texts and files stay what they are.
"""

from __future__ import annotations

import email.policy
import secrets
from email import message_from_bytes
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO


def rebuild(raw: bytes) -> bytes:
    """The same message in other bytes."""
    message = message_from_bytes(raw, policy=email.policy.compat32)
    for part in message.walk():
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"_{secrets.randbelow(1000):03}_{secrets.token_hex(12)}_")
    message["X-MS-Exchange-Rebuilt"] = secrets.token_hex(8)
    return _written(message)


def _written(message: Message) -> bytes:
    buffer = BytesIO()
    # Exchange folds as it likes; the old policy leaves lines alone that it cannot fold.
    policy = email.policy.compat32.clone(max_line_length=64 + secrets.randbelow(14), linesep="\r\n")
    BytesGenerator(buffer, mangle_from_=False, policy=policy).flatten(message)
    return buffer.getvalue()
