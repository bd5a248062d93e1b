# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Uploads of messages: at once, together with JSON, or in pieces.

Source: developers.google.com/workspace/gmail/api/guides/uploads.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from email import message_from_bytes
from typing import Any
from urllib.parse import urlencode

from sandbox.cloud.call import Answer, Call

from . import errors

PREFIX = "/upload/"
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)$")

Upload = tuple["dict[str, Any]", bytes]


class Uploads:
    """Reads uploads, and keeps what came so far of those that come in pieces."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[dict[str, Any], bytearray]] = {}

    def take(self, call: Call) -> Upload | Answer:
        """The JSON and the message of an upload, or the answer to a step that is not the last one.

        :raises ApiError: 400 for what is no upload
        """
        kind = call.args.get("uploadType") or call.args.get("upload_protocol")
        try:
            if call.args.get("upload_id"):
                return self._piece(call)
            if kind == "resumable":
                return self._begin(call)
            if kind == "multipart":
                return _multipart(call)
        except ValueError:
            raise errors.ApiError(400, "parseError", "Parse Error", "INVALID_ARGUMENT") from None
        if kind in ("media", "raw"):
            return {}, call.body
        raise errors.invalid("Invalid upload request")

    def _begin(self, call: Call) -> Answer:
        upload_id = secrets.token_urlsafe(24)
        with self._lock:
            self._open[upload_id] = (json.loads(call.body or b"{}"), bytearray())
        query = urlencode([*call.args.items(multi=True), ("upload_id", upload_id)])
        return Answer(200, b"", {"Location": f"{call.base}{call.path}?{query}", "X-GUploader-UploadID": upload_id})

    def _piece(self, call: Call) -> Upload | Answer:
        upload_id = call.args["upload_id"]
        span = _RANGE.match(call.headers.get("Content-Range", f"bytes 0-{len(call.body) - 1}/{len(call.body)}"))
        with self._lock:
            if upload_id not in self._open:
                raise errors.not_found()
            body, content = self._open[upload_id]
            if span is None or (span[1] and int(span[1]) != len(content)):
                raise errors.invalid("Invalid Content-Range")
            content += call.body
            if span[3] == "*" or len(content) < int(span[3]):
                return Answer(308, b"", {"Range": f"bytes=0-{len(content) - 1}"} if content else {})
            del self._open[upload_id]
        return body, bytes(content)


def _multipart(call: Call) -> Upload:
    """RFC 2387: JSON first, then the message."""
    boundary = re.search(r'boundary="?([^";]+)"?', call.headers.get("Content-Type", ""))
    parts = call.body.split(b"--" + boundary[1].encode()) if boundary else []
    if len(parts) != 4:
        raise errors.invalid("Invalid multipart request with 0 mime parts.")
    head, media = re.split(rb"\r?\n\r?\n", parts[2].lstrip(b"\r\n"), maxsplit=1)
    if b"base64" in head.lower():
        raise errors.invalid("Unsupported Content-Transfer-Encoding")
    content = json.loads(_payload(parts[1]) or b"{}")
    return content, re.sub(rb"\r?\n\Z", b"", media)


def _payload(part: bytes) -> bytes:
    payload = message_from_bytes(part.lstrip(b"\r\n")).get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
