# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a draft to a message: headers and parts as the sender's mail program writes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import UUID

from . import mime
from .files import File, logo
from .letters import Copy, Draft, Letter, Written
from .programs import Program, paragraphs
from .vocabulary import LANGUAGES
from .world import Person, User

_PROGRAMS = {
    "outlook": ("X-Mailer", "Microsoft Outlook 16.0"),
    "apple": ("X-Mailer", "Apple Mail (2.3826.400.131.1.6)"),
    "iphone": ("X-Mailer", "iPhone Mail (22F76)"),
    "thunderbird": ("User-Agent", "Mozilla Thunderbird"),
    "web": ("X-Mailer", "Open-Xchange Mailer v8.20"),
}


def message_id(rng: random.Random, person: Person) -> str:
    """A Message-ID as this person's mail program makes them, without angle brackets."""
    domain = person.address.rpartition("@")[2].lower()
    number = rng.getrandbits(128)
    if person.client == "outlook":
        return f"{number:032X}@{domain}"
    if person.client == "gmail":
        return f"CA+{number:030x}@mail.{domain}"
    return f"{str(UUID(int=number)).upper()}@{domain}"


def write(draft: Draft, rng: random.Random, previous: Written | None = None) -> Written:
    """The draft as a message, with the previous letter of the thread quoted below it."""
    language = LANGUAGES[draft.sender.language]
    program = Program(draft, language)
    text = "\n".join(filter(None, (draft.text, program.signature_text(), program.quoted_text(previous))))
    rich = draft.sender.client not in ("thunderbird", "web")
    inline = _inline_logo(draft) if rich else None
    own = program.own_html(inline)
    inner = f"{own}\n{program.quoted_html(previous)}" if rich else paragraphs(text)
    html = program.page(inner) if rich else ""
    text, html = mime.typed(draft.sender.charset, text), mime.typed(draft.sender.charset, html)
    charset = mime.fitting_charset(draft.sender.charset, text, html)
    files = (*draft.files, *((inline,) if inline else ()))
    boundary = f"_{rng.getrandbits(80):020x}"
    message = mime.body(text, html, charset, boundary, files, draft.calendar, draft.method)
    ancestors = (previous.draft.message_id, *previous.ancestors) if previous else ()
    content = mime.wire(message, _headers(draft, charset, ancestors), draft.date)
    quotable = f"{program.own_html(None)}\n{program.quoted_html(previous)}" if rich else inner
    return Written(draft, text, quotable, ancestors, content)


def letter(written: Written, kind: str, copies: Sequence[Copy], *, sender_header: Sequence[Person] = ()) -> Letter:
    """The plan's entry for a written letter."""
    draft = written.draft
    everybody = (draft.sender, *draft.to, *draft.cc, *draft.bcc, *draft.reply_to, *sender_header)
    return Letter(
        kind=kind,
        message_id=draft.message_id,
        date=draft.date,
        sender=draft.sender,
        recipients=(*draft.to, *draft.cc),
        participants=tuple(dict.fromkeys(person.address.lower() for person in everybody)),
        ancestors=written.ancestors,
        content=written.content,
        copies=tuple(copies),
    )


def _headers(draft: Draft, charset: str, ancestors: Sequence[str]) -> list[tuple[str, str]]:
    return [
        ("From", mime.mailbox(draft.sender, charset)),
        ("Reply-To", mime.mailboxes(draft.reply_to)),
        ("To", mime.mailboxes(draft.to, charset)),
        ("Cc", mime.mailboxes(draft.cc, charset)),
        ("Bcc", mime.mailboxes(draft.bcc, charset)),
        ("Subject", mime.encoded(draft.subject, charset)),
        ("Message-ID", f"<{draft.message_id}>" if draft.message_id else ""),
        ("In-Reply-To", f"<{ancestors[0]}>" if ancestors else ""),
        ("References", "\n ".join(f"<{ancestor}>" for ancestor in reversed(ancestors))),
        _PROGRAMS.get(draft.sender.client, ("", "")),
        *draft.headers,
    ]


def _inline_logo(draft: Draft) -> File | None:
    if not (isinstance(draft.sender, User) and draft.sender.client == "outlook"):
        return None
    return logo(f"image001.png@{draft.message_id[:8]}.{draft.message_id[8:16]}")
