# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTML to test with: the corpus's hostile vectors and the bodies of its messages."""

from __future__ import annotations

import email
import json
from functools import lru_cache

from tests.corpus import corpus, corpus_messages


@lru_cache(maxsize=1)
def vectors() -> dict[str, str]:
    """Hostile and awkward HTML by its id."""
    lines = (corpus() / "html" / "vectors.jsonl").read_text("utf-8").splitlines()
    found = {vector["id"]: vector["html"] for vector in map(json.loads, lines)}
    assert len(found) > 500, "the corpus of hostile HTML is not complete"
    return found


@lru_cache(maxsize=1)
def letters() -> dict[str, str]:
    """Every text/html part of the corpus's messages, by file name and position."""
    found = {}
    for path in corpus_messages():
        message = email.message_from_bytes(path.read_bytes())
        for number, part in enumerate(message.walk()):
            if part.get_content_type() == "text/html":
                found[f"{path.name}#{number}"] = _decoded(part)
    return {name: html for name, html in found.items() if html.strip()}


def _decoded(part: email.message.Message) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
