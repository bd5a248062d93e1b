# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""IMAP servers of well-known providers, so that most people type an address and a password only.

Pure data and no network: the names are those that the providers publish in their help pages. A company's own domain
says nothing about where its mail is; there the usual name is offered as a suggestion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Advice = Literal["", "app_password", "no_password"]


@dataclass(frozen=True, slots=True)
class KnownServer:
    """All of them speak TLS from the first byte on port 993 (RFC 8314 §3.2).

    ``advice``: what else their users should know before they type a password.
    """

    host: str
    advice: Advice = ""


_GMAIL = KnownServer("imap.gmail.com", "app_password")
_OUTLOOK = KnownServer("outlook.office365.com", "no_password")
_YAHOO = KnownServer("imap.mail.yahoo.com", "app_password")
_AOL = KnownServer("imap.aol.com", "app_password")
_ICLOUD = KnownServer("imap.mail.me.com", "app_password")
_FASTMAIL = KnownServer("imap.fastmail.com", "app_password")
_GMX = KnownServer("imap.gmx.net")
_MAIL_RU = KnownServer("imap.mail.ru", "app_password")
_YANDEX = KnownServer("imap.yandex.ru", "app_password")
_ORANGE = KnownServer("imap.orange.fr")
_SEZNAM = KnownServer("imap.seznam.cz")

_BY_DOMAIN = {
    "126.com": KnownServer("imap.126.com", "app_password"),
    "163.com": KnownServer("imap.163.com", "app_password"),
    "abv.bg": KnownServer("imap.abv.bg"),
    "aol.com": _AOL,
    "arcor.de": KnownServer("imap.arcor.de"),
    "aruba.it": KnownServer("imaps.aruba.it"),
    "bk.ru": _MAIL_RU,
    "bluewin.ch": KnownServer("imaps.bluewin.ch"),
    "btinternet.com": KnownServer("mail.btinternet.com"),
    "comcast.net": KnownServer("imap.comcast.net"),
    "cox.net": KnownServer("imap.cox.net"),
    "email.cz": _SEZNAM,
    "fastmail.com": _FASTMAIL,
    "fastmail.fm": _FASTMAIL,
    "free.fr": KnownServer("imap.free.fr"),
    "freenet.de": KnownServer("mx.freenet.de"),
    "gmail.com": _GMAIL,
    "gmx.at": _GMX,
    "gmx.ch": _GMX,
    "gmx.com": KnownServer("imap.gmx.com"),
    "gmx.de": _GMX,
    "gmx.net": _GMX,
    "googlemail.com": _GMAIL,
    "hotmail.com": _OUTLOOK,
    "icloud.com": _ICLOUD,
    "inbox.lt": KnownServer("mail.inbox.lt"),
    "inbox.lv": KnownServer("mail.inbox.lv"),
    "inbox.ru": _MAIL_RU,
    "interia.pl": KnownServer("poczta.interia.pl"),
    "kpnmail.nl": KnownServer("imap.kpnmail.nl"),
    "laposte.net": KnownServer("imap.laposte.net"),
    "libero.it": KnownServer("imapmail.libero.it"),
    "list.ru": _MAIL_RU,
    "live.com": _OUTLOOK,
    "mac.com": _ICLOUD,
    "mail.de": KnownServer("imap.mail.de"),
    "mail.ru": _MAIL_RU,
    "mailbox.org": KnownServer("imap.mailbox.org"),
    "me.com": _ICLOUD,
    "msn.com": _OUTLOOK,
    "naver.com": KnownServer("imap.naver.com"),
    "o2.pl": KnownServer("poczta.o2.pl"),
    "onet.pl": KnownServer("imap.poczta.onet.pl"),
    "op.pl": KnownServer("imap.poczta.onet.pl"),
    "orange.fr": _ORANGE,
    "outlook.com": _OUTLOOK,
    "posteo.de": KnownServer("posteo.de"),
    "qq.com": KnownServer("imap.qq.com", "app_password"),
    "rocketmail.com": _YAHOO,
    "seznam.cz": _SEZNAM,
    "sfr.fr": KnownServer("imap.sfr.fr"),
    "t-online.de": KnownServer("secureimap.t-online.de", "app_password"),
    "telenet.be": KnownServer("imap.telenet.be"),
    "tiscali.it": KnownServer("imap.tiscali.it"),
    "vodafonemail.de": KnownServer("imap.vodafonemail.de"),
    "wanadoo.fr": _ORANGE,
    "web.de": KnownServer("imap.web.de"),
    "wp.pl": KnownServer("imap.wp.pl"),
    "ya.ru": _YANDEX,
    "yandex.com": KnownServer("imap.yandex.com", "app_password"),
    "yandex.ru": _YANDEX,
    "ymail.com": _YAHOO,
    "ziggo.nl": KnownServer("imap.ziggo.nl"),
    "zoho.com": KnownServer("imap.zoho.com"),
    "zoho.eu": KnownServer("imap.zoho.eu"),
}
# Providers with one service under many national domains (hotmail.de, yahoo.co.uk, ...).
_BY_NAME = {"hotmail": _OUTLOOK, "live": _OUTLOOK, "outlook": _OUTLOOK, "yahoo": _YAHOO}
# Of the suffixes with two parts only those under which a registrar sells names: live.company.com is the company's.
_PUBLIC_SUFFIX = re.compile(r"[a-z]{2,3}|com?\.[a-z]{2}")

_BY_HOST = {server.host: server for server in _BY_DOMAIN.values()}


def find(address: str) -> KnownServer | None:
    """The server of the provider that the address belongs to, None if the domain is not a known provider's."""
    domain = address.rpartition("@")[2].strip().lower()
    name, _, suffix = domain.partition(".")
    national = _BY_NAME.get(name) if _PUBLIC_SUFFIX.fullmatch(suffix) else None
    return _BY_DOMAIN.get(domain) or national


def provider_of(address: str) -> Literal["", "gmail", "outlook"]:
    """The provider whose own way in serves this address better than IMAP, "" if none is known to."""
    server = find(address)
    if server is _GMAIL:
        return "gmail"
    return "outlook" if server is _OUTLOOK else ""


def suggest(address: str) -> str:
    """The server's likely name, "" as long as the address has no domain."""
    known = find(address)
    if known:
        return known.host
    domain = address.rpartition("@")[2].strip().lower() if "@" in address else ""
    return f"imap.{domain}" if "." in domain else ""


def advice_for(host: str) -> Advice:
    """What users of this server should know before they type a password."""
    known = _BY_HOST.get(host.strip().lower())
    return known.advice if known else ""


def is_suggested(host: str) -> bool:
    """Whether the name is one that this module gives for a known provider."""
    return host.strip().lower() in _BY_HOST
