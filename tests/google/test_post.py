# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that leaves the stand-ins for people who have no account there."""

from __future__ import annotations

from sandbox.cloud.post import Post


def test_mail_goes_to_whom_it_is_for_and_to_nobody_else() -> None:
    post, got = Post(), []
    post.add("Anna@example.com", lambda address, content: got.append((address, content)))
    post.deliver("anna@EXAMPLE.com", b"1")
    post.deliver("nobody@example.com", b"2")
    assert got == [("anna@example.com", b"1")]
