# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Single letters: colleagues, strangers, notices, junk, trash and drafts from ``data/singles.txt``; and newsletters."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import parseaddr
from html import escape
from string import Template
from typing import Any

from . import mime
from .letters import Copy, Draft, Letter
from .world import DATA, USERS, Person, people
from .writing import letter, message_id, write

Paper = dict[str, Any]
Article = tuple[str, str]

_FOLDERS = {"junk": "Junk", "trash": "Trash", "draft": "Drafts"}


def singles(now: datetime, rng: random.Random) -> Iterator[Letter]:
    """The letters of ``data/singles.txt``."""
    text = (DATA / "singles.txt").read_text(encoding="utf-8")
    for block in text.split("=== ")[1:]:
        kind, _newline, rest = block.partition("\n")
        fields: dict[str, str] = {}
        while ": " in (line := rest.partition("\n")[0]):
            name, _colon, fields[name] = line.partition(": ")
            rest = rest.partition("\n")[2]
            if name == "subject":
                break
        yield _single(kind, fields, rest.strip(), now, rng)


def _single(kind: str, fields: dict[str, str], text: str, now: datetime, rng: random.Random) -> Letter:
    known = people()
    sender = known.get(fields["from"]) or _somebody(
        fields["from"], fields, "web" if kind in ("junk", "notice") else "gmail"
    )
    to = tuple(known[key] for key in fields["to"].split())
    cc = (_somebody(fields["cc"], fields, "web"),) if "cc" in fields else ()
    date = _moment(now, float(fields["days"]), sender, rng)
    headers = (("Auto-Submitted", "auto-generated"),) if kind == "notice" else ()
    draft = Draft(sender, to, fields["subject"], text, date, message_id(rng, sender), cc=cc, headers=headers)
    flags = {"\\Seen"} if float(fields["days"]) > 2 or kind == "draft" else set()
    if kind == "draft":
        copies = [Copy(fields["from"], ("Drafts",), frozenset(flags | {"\\Draft"}))]
    else:
        folder = (_FOLDERS.get(kind) or fields.get("in") or "INBOX",)
        copies = [Copy(key, folder, frozenset(flags)) for key in fields["to"].split()]
        if fields["from"] in USERS:
            copies.append(Copy(fields["from"], ("Sent",), frozenset({"\\Seen"})))
    return letter(write(draft, rng), kind, copies)


def _somebody(written: str, fields: dict[str, str], client: str) -> Person:
    name, address = parseaddr(written)
    language = fields.get("language", "en")
    return Person(address, name, address, language=language, client=client, charset=fields.get("charset", "utf-8"))


def _moment(now: datetime, days: float, sender: Person, rng: random.Random) -> datetime:
    zone = timezone(timedelta(hours=sender.zone))
    day = (now - timedelta(days=days)).astimezone(zone)
    return day.replace(hour=rng.randrange(8, 12), minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)


def newsletters(now: datetime, rng: random.Random) -> Iterator[Letter]:
    """Issues of what the users have subscribed to: bulk mail with remote pictures and a way to unsubscribe."""
    papers = json.loads((DATA / "newsletters.json").read_text(encoding="utf-8"))
    for number, paper in enumerate(papers):
        sender = Person(paper["address"], paper["name"], paper["address"], client="none")
        articles = paper["articles"]
        login = ("admin", "demo")[number % 2]
        for issue in range(len(articles)):
            date = _moment(now, 480 - 31 * number - 60 * issue, sender, rng)
            order = [articles[(issue + step) % len(articles)] for step in range(3)]
            yield _issue(paper, sender, login, order, date, rng)


def _issue(
    paper: Paper, sender: Person, login: str, articles: list[Article], date: datetime, rng: random.Random
) -> Letter:
    identifier = message_id(rng, sender)
    domain = sender.address.partition("@")[2]
    leave = f"https://{domain}/leave/{rng.getrandbits(64):016x}"
    text = "\n\n".join(f"{title}\n{lead}\nhttps://{domain}/read/{rng.randrange(10**6)}" for title, lead in articles)
    text += f"\n\nUnsubscribe: {leave}\n"
    content = mime.wire(
        mime.body(text, _page(paper, articles, domain, leave), "utf-8", f"=_{rng.getrandbits(64):x}"),
        [
            ("From", mime.mailbox(sender)),
            ("To", mime.mailbox(USERS[login])),
            ("Subject", mime.encoded(articles[0][0])),
            ("Message-ID", f"<{identifier}>"),
            ("List-Id", f"<{paper['list_id']}>"),
            ("List-Unsubscribe", f"<{leave}>, <mailto:leave@{domain}?subject={identifier[:12]}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Precedence", "bulk"),
        ],
        date,
    )
    addresses = (sender.address, USERS[login].address)
    copies = (Copy(login, ("INBOX",), frozenset({"\\Seen"})),)
    return Letter("newsletter", identifier, date, sender, (USERS[login],), addresses, (), content, copies)


def _page(paper: Paper, articles: list[Article], domain: str, leave: str) -> str:
    look = {"domain": domain, "colour": paper["colour"]}
    one = Template((DATA / "newsletter_article.html").read_text(encoding="utf-8"))
    blocks = (
        one.substitute(look, number=number, title=escape(title), lead=escape(lead))
        for number, (title, lead) in enumerate(articles, 1)
    )
    page = Template((DATA / "newsletter.html").read_text(encoding="utf-8"))
    name, line = escape(paper["name"]), escape(paper["line"])
    return page.substitute(look, name=name, line=line, leave=leave, articles="".join(blocks))
