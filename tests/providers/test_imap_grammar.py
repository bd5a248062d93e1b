# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP's syntax and the names of folders, as pure functions and over a scripted server."""

from __future__ import annotations

import datetime
import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import imap_utf7

from mailsync.providers.imap import connect, grammar
from mailsync.providers.imap.cursor import Cursor, Status
from mailsync.providers.imap.grammar import Response

from .scripted import OK, ScriptedServer

UIDS = st.sets(st.integers(1, 2**32 - 1), max_size=50)


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(grammar).failed == 0


@given(UIDS)
def test_a_sequence_set_gives_its_numbers_back(uids: set[int]) -> None:
    written = grammar.uid_set(uids)
    assert (grammar.expanded(written, 1000) if uids else []) == sorted(uids)


@pytest.mark.parametrize("junk", [b"", b"x", b"1:x", b"*", b"1,,2", b"1:99999999999999999999", b"1:5000"])
def test_a_sequence_set_that_is_none_or_too_large_is_refused(junk: bytes) -> None:
    assert grammar.expanded(junk, 1000) is None


ITEMS = st.recursive(
    st.one_of(st.none(), st.binary(max_size=20)), lambda inner: st.lists(inner, max_size=4), max_leaves=12
)


def written(items: list, literals: list[bytes], choose) -> bytes:  # type: ignore[no-untyped-def,type-arg]
    parts = []
    for item in items:
        if item is None:
            parts.append(b"NIL")
        elif isinstance(item, list):
            parts.append(b"(" + written(item, literals, choose) + b")")
        elif choose() and not any(byte in b"\r\n\0" for byte in item):
            parts.append(grammar.quoted(item))
        else:
            literals.append(item)
            parts.append(b"{%d}" % len(item))
    return b" ".join(parts)


@given(st.lists(ITEMS, max_size=5), st.data())
def test_what_is_written_is_read(items: list, data: st.DataObject) -> None:  # type: ignore[type-arg]
    literals: list[bytes] = []
    text = written(items, literals, lambda: data.draw(st.booleans()))
    assert Response(text, literals).items() == items


@given(st.binary(max_size=200), st.lists(st.binary(max_size=5), max_size=3))
def test_any_bytes_are_items_or_nothing(text: bytes, literals: list[bytes]) -> None:
    items = Response(text, literals).items()
    assert items is None or all(item is None or isinstance(item, (bytes, list)) for item in items)


@given(st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda s: all(c.isprintable() for c in s)))
def test_modified_utf7_is_read(name: str) -> None:
    assert grammar.mailbox_name(imap_utf7.encode(name)) == name


@given(st.binary(max_size=40))
def test_any_name_can_be_shown_and_stored(raw: bytes) -> None:
    name = grammar.mailbox_name(raw)
    assert all(char.isprintable() for char in name)
    name.encode("utf-8")


@pytest.mark.parametrize("raw", [b"a\r\nA1 DELETE x", b"a\0", b"\n"])
def test_a_name_that_would_end_the_command_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="control"):
        grammar.quoted(raw)


@given(
    st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
)
def test_internal_dates_are_read(moment: datetime.datetime, minutes: int) -> None:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    moment = moment.replace(microsecond=0, tzinfo=zone)
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    sign, offset = "-+"[minutes >= 0], abs(minutes)
    text = (
        f"{moment.day:2}-{months[moment.month - 1]}-{moment.year:04} {moment:%H:%M:%S} "
        f"{sign}{offset // 60:02}{offset % 60:02}"
    )
    assert grammar.internal_date(text.encode()) == moment.timestamp()


@pytest.mark.parametrize(
    "junk", [None, [], b"", b"nonsense", b"32-Foo-2026 10:00:00 +0000", b"00-Jan-0000 00:00:00 +0000"]
)
def test_what_is_no_date_is_none(junk: object) -> None:
    assert grammar.internal_date(junk) is None  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 2**63), min_size=6, max_size=6))
def test_a_cursor_survives_as_text(numbers: list[int]) -> None:
    cursor = Cursor(*numbers)
    assert Cursor.read(cursor.text()) == cursor
    assert len(cursor.text()) < 150


@pytest.mark.parametrize(
    ("status", "differs"),
    [
        (Status(7, 16, 3, 1, 40), False),
        (Status(8, 16, 3, 1, 40), True),
        (Status(7, 17, 3, 1, 40), True),
        (Status(7, 16, 2, 1, 40), True),
        (Status(7, 16, 3, 1, 41), True),
        (Status(7, 16, 3, 2, 40), False),
        (Status(7, 16, 3, 1, None), True),
        (Status(), True),
    ],
)
def test_a_change_shows_in_the_status(status: Status, differs: bool) -> None:
    assert Cursor(7, 1, 16, 3, 1, 40).differs(status) is differs
    assert Cursor(7, 5, 16, 3, 1, 40).differs(status)


@pytest.mark.parametrize(
    ("status", "differs"),
    [
        (Status(7, 16, 3, 1), False),
        (Status(7, None, 3, 1), False),
        (Status(7, 16, 3, 2), True),
        (Status(7, 16, 3), True),
    ],
)
def test_without_modseq_the_unseen_tell(status: Status, differs: bool) -> None:
    assert Cursor(7, 1, 16, 3, 1).differs(status) is differs


def roles(answer: bytes) -> dict[tuple[str, ...], str]:
    answers = {b'LIST "" "*" RETURN (SPECIAL-USE)': b'* LIST () "." INBOX\r\n' + answer + OK}
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        return {folder.path: folder.role for folder in provider.folders()}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Sent Items", "sent"), ("Gesendet", "sent"), ("Envoyés", "sent"), ("Išsiųsti", "sent"), ("Enviados", "sent"),
        ("Отправленные", "sent"), ("送信済みメール", "sent"), ("INBOX.Sent", "sent"), ("Entwürfe", "drafts"),
        ("Juodraščiai", "drafts"), ("Spam", "junk"), ("Šlamštas", "junk"), ("Papierkorb", "trash"),
        ("Deleted Items", "trash"), ("Archiv", "archive"), ("Customers", ""), ("Projects.Sent", ""), ("Sent by us", ""),
    ],
)  # fmt: skip
def test_names_tell_the_role_where_nothing_is_marked(name: str, role: str) -> None:
    found = roles(b'* LIST () "." "' + imap_utf7.encode(name) + b'"\r\n')
    assert found[tuple(name.split("."))] == role
    assert found[("INBOX",)] == "inbox"


def test_a_marked_folder_outdoes_names() -> None:
    found = roles(
        b'* LIST (\\Sent) "." "Out"\r\n* LIST () "." "Sent Items"\r\n* LIST (\\Trash \\HasNoChildren) "." "T"\r\n'
    )
    assert found == {("INBOX",): "inbox", ("Out",): "sent", ("Sent Items",): "", ("T",): "trash"}


def test_containers_are_listed_and_not_selectable() -> None:
    listed = b'* LIST (\\Noselect \\HasChildren) "/" "[Gmail]"\r\n* LIST (\\All) "/" "[Gmail]/All Mail"\r\n'
    answers = {b'LIST "" "*" RETURN (SPECIAL-USE)': b'* LIST () "/" INBOX\r\n' + listed + OK}
    with ScriptedServer(answers).running() as server, connect(server.settings()) as provider:
        folders = {folder.path: (folder.role, folder.selectable) for folder in provider.folders()}
    assert folders == {
        ("INBOX",): ("inbox", True),
        ("[Gmail]",): ("", False),
        ("[Gmail]", "All Mail"): ("all", True),
    }
