# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every provider must do for the owner of a mailbox who acts in it, whatever its protocol.

A provider's test file subclasses :class:`ActingContract` and gives it a ``server`` fixture. What was done is looked at
by a session that reads, as the next scan sees it.
"""

from __future__ import annotations

from .acting_drafts import DraftsContract
from .acting_moves import MovesContract
from .far_end import ActingServer, letter

LONG = "Good morning, the offer for the new hall is attached. " * 30


class ActingContract(MovesContract, DraftsContract):
    """Tests that every provider passes."""

    def test_closing_twice_is_harmless(self, server: ActingServer) -> None:
        actor = server.actor()
        actor.close()
        actor.close()

    def test_a_snippet_is_the_beginning_of_a_letter_on_one_line(self, server: ActingServer) -> None:
        short = server.deliver(letter(1, body="Dear all,\r\nsee you\ton Monday."))
        long = server.deliver(letter(2, body=LONG))
        gone = server.deliver(letter(3))
        server.delete(gone)
        with server.actor() as actor:
            found = actor.snippets("INBOX", [short, long, gone, "nonsense"])
            assert actor.snippets("INBOX", []) == {}
        assert set(found) == {short, long}
        assert found[short].startswith("Dear all, see you on Monday.")
        assert 100 < len(found[long]) <= 260
        assert found[long].startswith("Good morning, the offer for the new hall is attached. Good")

    def test_a_snippet_of_html_is_its_text(self, server: ActingServer) -> None:
        source = (
            "<html><head><style>" + "p { color: red }\n" * 500 + "</style></head>"
            "<body><p>Hello <b>Anna</b> &amp; all,</p><p>we begin in K=C3=B6ln.</p></body></html>"
        )
        parts = (
            b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: quoted-printable\r\n"
        )
        message = server.deliver(parts + letter(1).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + source.encode())
        with server.actor() as actor:
            assert actor.snippets("INBOX", [message])[message] == "Hello Anna & all, we begin in Köln."

    def test_reading_snippets_marks_nothing_as_read(self, server: ActingServer) -> None:
        message = server.deliver(letter(1))
        with server.actor() as actor:
            actor.snippets("INBOX", [message])
        with server.session() as provider:
            [item] = provider.listings("INBOX", [message])
        assert item.flags == frozenset()
