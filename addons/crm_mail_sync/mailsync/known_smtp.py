# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The server that takes a mailbox's mail, by the one where it lies.

Pure data and no network. Known providers publish the name, elsewhere there are usual ones to try: none of them is
outside the domain of the server that the mailbox's password was entered for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import known_servers


@dataclass(frozen=True, slots=True)
class Place:
    """A server to hand mail in at."""

    host: str
    port: int = 465
    security: Literal["ssl", "starttls"] = "ssl"


# Where it is not the same name with "smtp" for "imap" and TLS from the first byte.
_BY_HOST = {
    "imap.comcast.net": Place("smtp.comcast.net", 587, "starttls"),
    "imap.gmx.com": Place("mail.gmx.com"),
    "imap.gmx.net": Place("mail.gmx.net"),
    "imap.kpnmail.nl": Place("smtp.kpnmail.nl", 587, "starttls"),
    "imap.mail.me.com": Place("smtp.mail.me.com", 587, "starttls"),
    "imap.naver.com": Place("smtp.naver.com", 587, "starttls"),
    "imap.vodafonemail.de": Place("smtp.vodafonemail.de", 587, "starttls"),
    "imap.web.de": Place("smtp.web.de", 587, "starttls"),
    "imap.ziggo.nl": Place("smtp.ziggo.nl", 587, "starttls"),
    "imap.arcor.de": Place("mail.arcor.de"),
    "imapmail.libero.it": Place("smtp.libero.it"),
    "imaps.bluewin.ch": Place("smtpauths.bluewin.ch"),
    "outlook.office365.com": Place("smtp.office365.com", 587, "starttls"),
    "secureimap.t-online.de": Place("securesmtp.t-online.de"),
}
_PREFIXES = (("imap.", "smtp."), ("imaps.", "smtps."))


def places(imap_host: str) -> list[Place]:
    """Where to try, the likeliest first; none without a host."""
    host = imap_host.strip().lower()
    if not host:
        return []
    known = _BY_HOST.get(host)
    if known or known_servers.is_suggested(host):
        return [known or Place(_renamed(host))]
    names = dict.fromkeys((_renamed(host), host))
    return [place for name in names for place in (Place(name), Place(name, 587, "starttls"))]


def is_near(host: str, imap_host: str) -> bool:
    """Whether a server is the mailbox's own or one that is tried for it, so that one password is meant for both."""
    return host.strip().lower() in {imap_host.strip().lower(), *(place.host for place in places(imap_host))}


def _renamed(host: str) -> str:
    for imap, smtp in _PREFIXES:
        if host.startswith(imap):
            return f"{smtp}{host.removeprefix(imap)}"
    return host
