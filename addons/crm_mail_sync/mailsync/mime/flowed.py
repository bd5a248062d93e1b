# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""text/plain; format=flowed (RFC 3676): lines that the sender's mailer broke become whole again."""

from __future__ import annotations


def unflow(text: str, delete_space: bool = False) -> str:
    """Paragraphs joined within their quote depth; :param delete_space: DelSp=yes."""
    out: list[str] = []
    depth_before, flowing = -1, False
    for line in text.split("\n"):
        stripped = line.lstrip(">")
        depth = len(line) - len(stripped)
        if stripped.startswith(" "):
            stripped = stripped[1:]
        # RFC 3676 §4.3: a signature's line is neither flowed nor joined to one before it
        signature = stripped == "-- "
        joins = flowing and depth == depth_before and not signature
        flowing = stripped.endswith(" ") and not signature
        if flowing and delete_space:
            stripped = stripped[:-1]
        if joins:
            out.append(stripped)
        else:
            out.append(("\n" if depth_before >= 0 else "") + (">" * depth + " " if depth else "") + stripped)
        depth_before = depth
    return "".join(out)
