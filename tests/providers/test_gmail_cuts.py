# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers that break off, wherever they do: no half page is ever taken for a whole one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailsync.errors import ConnectionFailed, ProtocolError
from mailsync.provider import Page

from .cutting_proxy import CuttingProxy, Form, cutting
from .far_end import letter
from .gmail_server import GmailServer, endpoints_of

pytestmark = pytest.mark.slow

STEPS = 12


@pytest.fixture
def proxy(gmail: GmailServer) -> Iterator[CuttingProxy]:
    known = endpoints_of(gmail.google)
    with cutting(known.api_root, known.ca_file) as proxy:
        gmail.endpoints = replace(known, api_root=proxy.root)
        yield proxy


def offsets(length: int) -> list[int]:
    """Some of every kind: nothing, within the head, at its end, within the body, and all but the last bytes."""
    return sorted({*range(0, length, max(length // STEPS, 1)), *range(max(length - 6, 0), length)})


@pytest.mark.parametrize("form", ["length", "chunked", "gzip", "until the end"])
@pytest.mark.parametrize("path", ["/labels", "/profile", "/messages", "/history", "batch"])
def test_an_answer_that_breaks_off_anywhere_is_none(
    gmail: GmailServer, proxy: CuttingProxy, form: Form, path: str
) -> None:
    gmail.google.limits.off()
    other = gmail.add_folder("Customers")
    gmail.deliver(letter(0))
    proxy.form, proxy.path = form, path
    with gmail.session() as provider:
        cursor = provider.changes("INBOX", "").cursor
    for number in range(1, 4):
        gmail.deliver(letter(number), other if number == 1 else "INBOX")

    def pages() -> list[Page]:
        with gmail.session() as provider:
            return [provider.changes(other, ""), provider.changes("INBOX", ""), provider.changes("INBOX", cursor)]

    whole = pages()
    assert [len(page.listings) for page in whole] == [1, 3, 2]
    length = proxy.longest
    for proxy.cut_after in offsets(length):
        try:
            found = pages()
        except (ConnectionFailed, ProtocolError):
            continue
        # What is missing was nothing, or the answer that was cut was a longer one than it had to be.
        assert found == whole, proxy.cut_after
    proxy.cut_after = None
    assert pages() == whole
