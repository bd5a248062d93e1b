# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One message: its size, its letters, its recipients (RFC 1870, RFC 6152, RFC 6531)."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping

from ..envelope import recipients, sender, with_crlf, without_bcc
from ..errors import (
    MailSyncError,
    MessageRefused,
    MessageTooLarge,
    ProtocolError,
    RateLimited,
    RecipientsRefused,
    ServerUnavailable,
    SignInFailed,
    readable,
)
from ..mime.structure import header_end
from .transport import Connection

# A server may look into a letter for long before it takes it (seconds). RFC 5321 §4.5.3.2.6 has ten minutes.
_LOOKING = 75.0
_TOO_LARGE = re.compile(r"5\.3\.4|5\.2\.3|too (large|big)|size (limit|exceed)|exceed\w* [^.]{0,30}size", re.IGNORECASE)
_TOO_MUCH = re.compile(r"5\.4\.5|(quota|limit|too many)[^.]{0,40}(messages|recipients|sen[dt])|rate", re.IGNORECASE)
_SPACE = re.compile(r"[\s<>]")


def hand_in(connection: Connection, message: bytes) -> None:
    """All recipients or none."""
    content = with_crlf(without_bcc(message))
    header = content[: header_end(content)[0]]
    addresses = {address: _on_the_wire(address) for address in recipients(message)}
    from_address = _on_the_wire(sender(message))
    if not addresses or not from_address:
        raise MessageRefused("it names no sender, or nobody to send it to")
    options = []
    if not (header + "".join([from_address, *addresses.values()]).encode()).isascii():
        _require_utf8(connection, header, addresses)
        options.append("SMTPUTF8")
        connection.command_encoding = "utf-8"
    if not content.isascii():
        if connection.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        else:
            content = _in_seven_bits(content)
    _check_size(connection, content)
    if connection.has_extn("size"):
        options.append(f"SIZE={len(content)}")
    _begin(connection, from_address, options)
    _name(connection, addresses)
    _give(connection, content)


def _require_utf8(connection: Connection, header: bytes, addresses: Mapping[str, str]) -> None:
    if connection.has_extn("smtputf8"):
        return
    if beyond := [address for address, wire in addresses.items() if not wire.isascii()]:
        raise RecipientsRefused(beyond, server_text="SMTPUTF8 is not supported")
    raise MessageRefused(server_text="SMTPUTF8 is not supported")


def _check_size(connection: Connection, content: bytes) -> None:
    limit = connection.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(content):
        raise MessageTooLarge(f"larger than the {limit} bytes that the server takes")


def _begin(connection: Connection, from_address: str, options: list[str]) -> None:
    code, words = connection.docmd(" ".join([f"MAIL FROM:<{from_address}>", *options]))
    if code != 250:
        raise _refusal(code, words)


def _name(connection: Connection, addresses: Mapping[str, str]) -> None:
    refused: dict[str, tuple[int, bytes]] = {}
    for address, wire in addresses.items():
        code, words = connection.docmd(f"RCPT TO:<{wire}>")
        if code not in (250, 251):
            refused[address] = (code, words)
    if not refused:
        return
    connection.docmd("RSET")
    for_good = {address: told for address, told in refused.items() if told[0] >= 500}
    code, words = next(iter((for_good or refused).values()))
    if not for_good or code == 530:
        raise _refusal(code, words)
    raise RecipientsRefused(for_good, server_text=_text(code, words))


def _give(connection: Connection, content: bytes) -> None:
    code, words = connection.docmd("DATA")
    if code != 354:
        raise _refusal(code, words)
    assert connection.sock is not None
    connection.attach(connection.sock, _LOOKING)
    ended = b"" if content.endswith(b"\r\n") else b"\r\n"
    connection.is_given = True
    connection.send(re.sub(rb"(?m)^\.", b"..", content) + ended + b".\r\n")
    code, words = connection.getreply()
    if 400 <= code < 600:
        connection.is_given = False
        raise _refusal(code, words)
    if not 200 <= code < 300:
        raise ProtocolError(server_text=_text(code, words))


def _refusal(code: int, words: bytes) -> MailSyncError:
    """What a reply to the message says, or to whom it is from."""
    text = _text(code, words)
    if code == 530:
        return SignInFailed(server_text=text)
    if _TOO_LARGE.search(text):
        return MessageTooLarge(server_text=text)
    if _TOO_MUCH.search(text):
        return RateLimited(server_text=text)
    return (ServerUnavailable if 400 <= code < 500 else MessageRefused)(server_text=text)


def _text(code: int, words: bytes) -> str:
    return readable(b"%d %s" % (code, words))


def _on_the_wire(address: str) -> str:
    """An address as a path (RFC 5321 §4.1.2); its domain in ASCII, whatever script it is written in (RFC 5891)."""
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return _SPACE.sub("", f"{local}{at}{domain}")


def _in_seven_bits(content: bytes) -> bytes:
    """The same message with its bodies encoded, for a server that takes no other letters."""
    policy = email.policy.SMTP.clone(cte_type="7bit")
    return email.message_from_bytes(content, policy=email.policy.compat32).as_bytes(policy=policy)
