# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an answer takes from the letter that it answers: subject, recipients, place in the conversation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..letter import Address, Head

# What programs of all languages put before the subject of an answer, and of a letter that is passed on.
_ANSWERED = "re|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt|ats|atb|vá|σχετ|отв|回复|回覆|答复|返信|답장"
_FORWARDED = "fwd?|wg|weitergeleitet|tr|rv|enc|pd|i|vl|vb|doorst|persiųsta|пер|转发|轉寄|転送|전달"
_COUNT = r"(?:\[\d{1,3}\]|\(\d{1,3}\))?"
_REPLY = re.compile(rf"\s*(?:(?:{_ANSWERED}){_COUNT}\s*[:：]\s*)+", re.I)
_FORWARD = re.compile(rf"\s*(?:{_FORWARDED}){_COUNT}\s*[:：]\s*", re.I)

# Ids that References holds at most (RFC 5322 §3.6.4 sets no limit; servers cut lines and headers that are too long).
MOST_REFERENCES = 20
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\Z")


@dataclass(frozen=True, slots=True)
class Ancestors:
    """The place of an answer in its conversation; Message-IDs without brackets."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def reply_subject(subject: str) -> str:
    """The subject of an answer: marked as one once, however often the conversation went to and fro."""
    return f"Re: {_REPLY.sub('', subject, count=1) if _REPLY.match(subject) else subject.strip()}".strip()


def forward_subject(subject: str) -> str:
    """The subject of a letter that is passed on."""
    return subject.strip() if _FORWARD.match(subject) else f"Fwd: {subject.strip()}".strip()


def reply_recipients(
    head: Head, own: Collection[str], to_all: bool = False
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To and Cc of an answer: where the sender wants it (Reply-To), or whom one wrote to oneself.

    :param own: normalised addresses of who answers; he does not write to himself unless there is nobody else
    :param to_all: also to whoever else got the letter
    """
    senders = head.by_role("from") or head.by_role("sender")
    is_own = any(person.normalized in own for person in senders)
    first = head.by_role("to") if is_own else head.by_role("reply_to") or senders
    to = _people(first, own)
    if to_all and not is_own:
        to = _people((*first, *head.by_role("to")), own)
    cc = _people(head.by_role("cc"), {*own, *(person.normalized for person in to)}) if to_all else ()
    if not to:
        # To oneself, or answered by somebody of whose answer all others are oneself.
        to, cc = (cc, ()) if cc else (_people(first, ()), ())
    return to, cc


def _people(people: Iterable[Address], without: Collection[str]) -> tuple[Address, ...]:
    """Each of them once, as recipients; what is no address ("undisclosed-recipients") is none."""
    found = {
        person.normalized: Address(person.name, person.address.strip(), "to")
        for person in reversed(tuple(people))
        if person.normalized not in without and _ADDRESS.match(person.normalized)
    }
    return tuple(reversed(found.values()))


def ancestors_of(head: Head) -> Ancestors:
    """In-Reply-To and References of an answer to this letter (RFC 5322 §3.6.4).

    Of a very long conversation References keeps its beginning and its end.
    """
    if not head.message_id:
        return Ancestors()
    earlier = head.references or (head.in_reply_to if len(head.in_reply_to) == 1 else ())
    line = tuple(dict.fromkeys((*(known for known in earlier if known != head.message_id), head.message_id)))
    if len(line) > MOST_REFERENCES:
        line = (line[0], *line[1 - MOST_REFERENCES :])
    return Ancestors(head.message_id, line)
