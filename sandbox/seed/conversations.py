# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Plays the conversations of ``data/conversations``: who writes when, the blanks filled in, answers below each other.

A conversation opens with ``=== NAME`` and ``subject: ...``, a turn with ``--- WHO +HOURS [options]``. WHO is ``c``
(the customer), ``u`` (the user), ``k`` (a colleague of the customer whom nobody knows) or ``p`` (the customer's
private address).
``cc=o`` copies the other user from then on; ``cc=c`` and ``cc=c2`` the customer and a second contact of his in this
turn. ``file=`` attaches something, ``auto`` marks an automatic reply. ``[[a|b]]`` is one of several wordings.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import cache

from . import files
from .letters import Copy, Draft, Letter, Written
from .vocabulary import LANGUAGES, Language, money, spoken_day
from .world import DATA, USERS, Person, User, people
from .writing import letter, message_id, write

_TURN = re.compile(r"^--- (?P<who>\w+)(?: \+(?P<hours>\d+))?(?P<options>.*)$", re.MULTILINE)
_CHOICE = re.compile(r"\[\[(.+?)\]\]")


@dataclass(frozen=True, slots=True)
class Turn:
    who: str
    hours: int
    options: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    subject: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A conversation that is to take place: ``days`` ago it begins; ``roles`` are the people by their letter."""

    days: float
    user: User
    script: str
    roles: Mapping[str, Person]
    filed: bool = False


@cache
def scripts(language: str) -> dict[str, Script]:
    """The conversations of a language by name."""
    text = (DATA / "conversations" / f"{language}.txt").read_text(encoding="utf-8")
    return {block.split("\n", 1)[0].strip(): _script(block) for block in text.split("=== ")[1:]}


def _script(block: str) -> Script:
    head, *rest = _TURN.split(block)
    subject = head.split("subject:", 1)[1].strip()
    turns = []
    for who, hours, options, text in zip(rest[0::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        pairs = (option.partition("=") for option in options.split())
        turns.append(Turn(who, int(hours or 0), {name: value for name, _sign, value in pairs}, text.strip()))
    return Script(subject, tuple(turns))


def play(appointment: Appointment, now: datetime, rng: random.Random) -> Iterator[Letter]:
    """The letters of a conversation in their order, none of them younger than an hour before ``now``."""
    language = appointment.roles.get("c", appointment.roles.get("k", appointment.user)).language
    script = scripts(language)[appointment.script]
    dates = _dates(script, appointment, now, rng)
    scene = _Scene(appointment, language, dates[0], rng)
    previous: Written | None = None
    for number, (turn, date) in enumerate(zip(script.turns, dates, strict=True)):
        draft = scene.draft(turn, date, script.subject, previous)
        previous = write(draft, rng, previous)
        answered = any(later.who == "u" for later in script.turns[number + 1 :])
        copies = scene.copies(draft, turn, answered, now)
        yield letter(previous, f"conversation {language}", copies)


def _dates(script: Script, appointment: Appointment, now: datetime, rng: random.Random) -> list[datetime]:
    begin = now - timedelta(days=appointment.days)
    begin = begin.replace(hour=rng.randrange(8, 16), minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
    dates: list[datetime] = []
    for turn in script.turns:
        zone = timezone(timedelta(hours=_zone(turn, appointment)))
        earliest = (
            dates[-1] + timedelta(hours=turn.hours, minutes=rng.randrange(3, 50), seconds=rng.randrange(60))
            if dates
            else begin
        )
        automatic = "auto" in turn.options
        local = earliest.astimezone(zone)
        dates.append(local if automatic else _office_hours(local, rng))
    while dates[-1] > now - timedelta(hours=1):
        dates = [date - timedelta(days=7) for date in dates]
    return dates


def _zone(turn: Turn, appointment: Appointment) -> int:
    return appointment.user.zone if turn.who == "u" else appointment.roles[turn.who].zone


def _office_hours(local: datetime, rng: random.Random) -> datetime:
    """The same moment if somebody is at work then, else early in the next working morning."""
    if local.hour >= 18:
        local = (local + timedelta(days=1)).replace(hour=8, minute=rng.randrange(60), second=rng.randrange(60))
    elif local.hour < 8:
        local = local.replace(hour=8, minute=rng.randrange(60), second=rng.randrange(60))
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local


@dataclass(slots=True)
class _Scene:
    """The cast and the words of one conversation."""

    appointment: Appointment
    language_code: str
    begin: datetime
    rng: random.Random
    words: dict[str, str] = field(default_factory=dict)
    watching: bool = False

    def __post_init__(self) -> None:
        self.words = _words(LANGUAGES[self.language_code], self.begin, self.rng)

    def draft(self, turn: Turn, date: datetime, subject: str, previous: Written | None) -> Draft:
        user, roles = self.appointment.user, self.appointment.roles
        sender = replace(user, language=self.language_code) if turn.who == "u" else roles[turn.who]
        self.watching = self.watching or turn.options.get("cc") == "o"
        other = next(person for person in USERS.values() if person.login != user.login)
        cc: list[Person] = [other] if self.watching else []
        if turn.options.get("cc") in roles:
            cc.append(roles[turn.options["cc"]])
        to = self._answered(previous) if turn.who == "u" else user
        identifier = message_id(self.rng, sender)
        headers = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk"))
        title = self._fill(subject, sender)
        prefix = LANGUAGES[sender.language].replied if previous else ""
        calendar, method = self._calendar(turn, title, identifier)
        return Draft(
            sender=sender, to=(to,), cc=tuple(cc), date=date, message_id=identifier,
            subject=prefix + title, text=self._fill(turn.text, sender),
            files=self._files(turn), calendar=calendar, method=method,
            headers=headers[: 2 if "auto" in turn.options else 0],
        )  # fmt: skip

    def _answered(self, previous: Written | None) -> Person:
        """Whom the user writes to: who wrote last, else the customer."""
        if previous and previous.draft.sender.address != self.appointment.user.address:
            return previous.draft.sender
        return self.appointment.roles["c"]

    def _fill(self, text: str, sender: Person) -> str:
        roles = self.appointment.roles
        customer = roles.get("c") or roles["k"]
        names = {
            "from": sender.first if self.language_code == "en" and sender.first != "all" else sender.name,
            "me": self.appointment.user.first,
            "first": customer.first,
            "last": customer.last,
            "salutation": customer.salutation or customer.first,
            "company": customer.company,
            "kfirst": roles["k"].first if "k" in roles else "",
        }
        chosen = _CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), text)
        return chosen.format_map({**self.words, **names})

    def _files(self, turn: Turn) -> tuple[files.File, ...]:
        return tuple(_FILES[kind](self) for kind in (turn.options.get("file", ""),) if kind in _FILES)

    def _calendar(self, turn: Turn, title: str, identifier: str) -> tuple[bytes, str]:
        method = {"invite": "REQUEST", "accept": "REPLY"}.get(turn.options.get("file", ""), "")
        if not method:
            return b"", ""
        roles = self.appointment.roles
        uid = f"{self.words['quote']}-{roles['c'].key}@yourcompany.com"
        start = (self.begin + timedelta(days=9)).replace(hour=10, minute=30, second=0)
        user = self.appointment.user.address
        return files.invitation(method, uid, title, user, roles["c"].address, start), method

    def copies(self, draft: Draft, turn: Turn, answered: bool, now: datetime) -> list[Copy]:
        """The user's own copy, and the other user's if he was copied in."""
        user = self.appointment.user
        seen = {"\\Seen"} if now - draft.date > timedelta(days=2) or turn.who == "u" else set()
        if turn.who == "u":
            found = [Copy(user.login, ("Sent",), frozenset(seen))]
        else:
            folder = user.extra_folder if self.appointment.filed else ("INBOX",)
            found = [Copy(user.login, folder, frozenset(seen | ({"\\Answered"} if answered else set())))]
        for person in draft.cc:
            if isinstance(person, User):
                found.append(Copy(person.login, ("INBOX",), frozenset(seen)))
        return found

    @property
    def paper(self) -> list[str]:
        """The lines of a commercial document about this conversation's goods."""
        words, english = self.words, LANGUAGES["en"]
        goods = english.goods[int(words["number"]) % len(english.goods)]
        title = goods[0] if self.language_code not in ("en", "de", "fr", "es") else words["product"]
        customer = (self.appointment.roles.get("c") or self.appointment.roles["k"]).company
        latin = customer if customer.encode("cp1252", "ignore").decode("cp1252") == customer else "the customer"
        return [
            "YourCompany - 8000 Marina Blvd, Suite 300 - Brisbane CA 94005", "", f"For {latin}", "",
            f"{words['qty']} x {title}",
            f"Unit price    {words['plain_unit']} USD", f"Total         {words['plain_total']} USD", "",
            f"Delivery in {words['weeks']} weeks, assembly included.", "Payable within 30 days of invoice.",
        ]  # fmt: skip


def _words(language: Language, begin: datetime, rng: random.Random) -> dict[str, str]:
    """What the blanks of a conversation stand for, the same in all its letters."""
    number = rng.randrange(len(language.goods))
    one, many, price = language.goods[number]
    quantity = rng.choice((8, 12, 15, 18, 24, 25, 30, 36, 40, 60))
    total = quantity * price
    day, later = begin + timedelta(days=rng.randrange(20, 40)), begin + timedelta(days=rng.randrange(45, 70))
    return {
        "number": str(number),
        "product": one,
        "products": many,
        "qty": str(quantity),
        "qty2": str(rng.randrange(4, 12)),
        "unit": money(language, price),
        "total": money(language, total),
        "plain_unit": f"{price:.2f}",
        "plain_total": f"{total:.2f}",
        "quote": f"S{rng.randrange(10000, 99999)}",
        "order": f"PO-{rng.randrange(4000, 9999)}",
        "invoice": f"INV/{begin.year}/{rng.randrange(100, 9999):05d}",
        "date": spoken_day(language, _office_hours(day, rng).date()),
        "date2": spoken_day(language, _office_hours(later, rng).date()),
        "weekday": rng.choice(language.weekdays),
        "month": language.months[(begin.month + 1) % 12],
        "city": rng.choice(language.cities),
        "floor": rng.choice(language.floors),
        "colour": rng.choice(language.colours),
        "weeks": str(rng.randrange(3, 8)),
        "discount": str(rng.choice((5, 8, 10, 12, 15))),
    }


_QUOTE_NAMES = {
    "de": "Angebot {quote} Büromöbel.pdf",
    "fr": "Devis {quote} – mobilier.pdf",
    "lt": "Pasiūlymas {quote}.pdf",
    "ja": "見積書_{quote}.pdf",
    "ar": "عرض سعر {quote}.pdf",
    "ru": "Предложение {quote}.pdf",
}

_FILES = {
    "quote": lambda s: files.pdf(
        _QUOTE_NAMES.get(s.language_code, "Quotation {quote}.pdf").format_map(s.words),
        [f"QUOTATION {s.words['quote']}", "", *s.paper],
    ),
    "order": lambda s: files.pdf(f"{s.words['order']}.pdf", [f"PURCHASE ORDER {s.words['order']}", "", *s.paper]),
    "confirmation": lambda s: files.pdf("Order confirmation.pdf", ["ORDER CONFIRMATION", "", *s.paper]),
    "invoice": lambda s: files.pdf(
        f"{s.words['invoice'].replace('/', '_')}.pdf", [f"INVOICE {s.words['invoice']} (corrected)", "", *s.paper]
    ),
    "photo": lambda s: files.photo(f"IMG_{s.rng.randrange(1000, 9999)}.png", s.rng),
    "plan": lambda s: files.floor_plan("floor plan.png", s.rng),
    "csv": lambda s: files.price_list("price list.csv", LANGUAGES[s.language_code].goods),
    "docx": lambda s: files.docx("Overview.docx", s.paper),
}


def appointments() -> list[Appointment]:
    """The lines of ``data/schedule.txt``: days ago, user, conversation, roles, ``filed`` at the end."""
    found = []
    everybody = people()
    for line in (DATA / "schedule.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            days, login, script, *rest = line.split()
            roles = {role: everybody[key] for role, _sign, key in (item.partition("=") for item in rest if "=" in item)}
            found.append(Appointment(float(days), USERS[login], script, roles, filed="filed" in rest))
    return found
