# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters as they should not be but are: broken, huge, nameless, twice in a mailbox, raw bytes in their headers."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from email.message import Message
from email.utils import format_datetime

from . import files, mime
from .letters import Copy, Draft, Letter
from .world import USERS, Person, people
from .writing import letter, message_id, write

_SEEN = frozenset({"\\Seen"})
ADMIN, DEMO = USERS["admin"], USERS["demo"]


def oddities(now: datetime, rng: random.Random) -> Iterator[Letter]:
    """All of them; which mailbox holds which is part of what the checks expect."""
    everybody = people()
    yield _without_message_id(everybody["ron"], _before(now, 63), rng)
    yield _huge(everybody["brandon"], _before(now, 92), rng)
    yield from _same_message_id(everybody, now)
    yield _to_many_blindly(everybody, _before(now, 186), rng)
    yield _twice_in_a_mailbox(everybody["edith"], _before(now, 121), rng)
    yield _in_an_unwatched_folder(everybody["kim"], _before(now, 142), rng)
    yield _sent_by_an_assistant(everybody["willie"], _before(now, 257), rng)
    yield _forwarded(everybody["toni"], everybody["gordon"], _before(now, 86), rng)
    yield _html_only(everybody["lightsup"], _before(now, 109), rng)
    yield _with_tnef(everybody["travis"], _before(now, 177), rng)
    yield from _raw_letters(everybody, now)


def _before(now: datetime, days: float) -> datetime:
    return (now - timedelta(days=days)).astimezone(timezone.utc).replace(hour=9, minute=41, second=7, microsecond=0)


def _inbox(user: str) -> tuple[Copy, ...]:
    return (Copy(user, ("INBOX",), _SEEN),)


def _without_message_id(sender: Person, date: datetime, rng: random.Random) -> Letter:
    text = "Scanner 2nd floor sent you a document. The delivery note with our stamp is attached."
    note = files.pdf("scan0042.pdf", ["DELIVERY NOTE", "", "Received complete and without damage.", sender.name])
    draft = Draft(sender, (ADMIN,), "Scan from the second floor", text, date, "", files=(note,))
    return letter(write(draft, rng), "without message-id", _inbox("admin"))


def _huge(sender: Person, date: datetime, rng: random.Random) -> Letter:
    pictures = tuple(files.photo(f"site {n}.png", rng, 960, 720) for n in range(1, 4))
    text = "Hi Marc,\n\nthree pictures of the site, straight from the camera. Sorry for the size.\n\nBrandon"
    draft = Draft(sender, (DEMO,), "Pictures of the site", text, date, message_id(rng, sender), files=pictures)
    return letter(write(draft, rng), "huge", _inbox("demo"))


def _same_message_id(everybody: dict[str, Person], now: datetime) -> Iterator[Letter]:
    """A web form whose program gives every message the same Message-ID; who asks is in Reply-To."""
    robot = Person("form", "Contact form", "wwwrun@web1.form-mailer.example", client="web")
    asked = (
        ("ashdown", 199, "Do your library shelves come with castors?"),
        ("osei", 66, "We have 2.3 m ceilings. Does the phone booth fit?"),
    )
    for key, days, question in asked:
        person = everybody[key]
        date = _before(now, days)
        text = f"Name: {person.name}\nAddress: {person.address}\n\n{question}"
        draft = Draft(robot, (ADMIN,), f"Web form: {person.company}", text, date, "1@localhost", reply_to=(person,))
        yield letter(write(draft, random.Random(days)), "same message-id", _inbox("admin"))


def _to_many_blindly(everybody: dict[str, Person], date: datetime, rng: random.Random) -> Letter:
    hidden = tuple(everybody[key] for key in ("miller", "helle", "logan"))
    text = "Hello,\n\nour spring price list is out; your prices stay as they were in my last offer.\n\nMitchell"
    draft = Draft(ADMIN, (ADMIN,), "Spring price list", text, date, message_id(rng, ADMIN), bcc=hidden)
    return letter(write(draft, rng), "bcc", (Copy("admin", ("Sent",), _SEEN),))


def _twice_in_a_mailbox(sender: Person, date: datetime, rng: random.Random) -> Letter:
    text = "Hello Mitchell,\n\nplease keep this in mind: we will need about 90 chairs a year.\n\nEdith"
    draft = Draft(sender, (ADMIN,), "Our plans for next year", text, date, message_id(rng, sender))
    copies = (*_inbox("admin"), Copy("admin", ADMIN.extra_folder, _SEEN))
    return letter(write(draft, rng), "twice", copies)


def _in_an_unwatched_folder(sender: Person, date: datetime, rng: random.Random) -> Letter:
    text = "Mitchell, this is the carrier I told you about: Bay Haulage, ask for Ron.\n\nKim"
    draft = Draft(sender, (ADMIN,), "The carrier", text, date, message_id(rng, sender))
    return letter(write(draft, rng), "unwatched folder", (Copy("admin", ADMIN.other_folder, _SEEN),))


def _sent_by_an_assistant(sender: Person, date: datetime, rng: random.Random) -> Letter:
    author = Person("events", "Wood Corner Events", "hello@wood-corner-events.example", client="web")
    text = "Dear suppliers,\n\nour open day is on the last Saturday of the month. There will be soup.\n\nThe team"
    draft = Draft(
        author, (ADMIN,), "Open day", text, date, message_id(rng, author), headers=(("Sender", mime.mailbox(sender)),)
    )
    return letter(write(draft, rng), "sender", _inbox("admin"), sender_header=(sender,))


def _forwarded(sender: Person, author: Person, date: datetime, rng: random.Random) -> Letter:
    inner = Draft(
        author, (sender,), "Chairs in the small meeting room", "They squeak. All of them.\n\nGordon",
        date - timedelta(hours=3), message_id(rng, author),
    )  # fmt: skip
    text = "Hi Mitchell,\n\nsee the message attached. Can somebody oil them?\n\nToni"
    draft = Draft(sender, (ADMIN,), "FW: Chairs in the small meeting room", text, date, message_id(rng, sender))
    boundary = f"_{rng.getrandbits(64):x}"
    attached = mime.attached_message(f"{inner.subject}.eml", write(inner, rng).content)
    message = mime.multipart("mixed", boundary, [mime.text_part(text, "plain", "utf-8"), attached])
    return _composed(draft, message, "forwarded")


def _html_only(sender: Person, date: datetime, rng: random.Random) -> Letter:
    html = (
        "<html><body><h1 style='color:#c0392b'>Thank you for your order</h1><p>Dear Mitchell,</p>"
        "<p>your lamps leave our warehouse <b>today</b>.</p>"
        "<table border=1><tr><td>LED desk lamp</td><td>24</td></tr></table>"
        "<p>LightsUp</p></body></html>"
    )
    draft = Draft(sender, (ADMIN,), "Your order has been shipped", html, date, message_id(rng, sender))
    return _composed(draft, mime.text_part(html, "html", "utf-8"), "html only")


def _with_tnef(sender: Person, date: datetime, rng: random.Random) -> Letter:
    # TNEF signature, key, then one attribute: the message class (MS-OXTNEF 2.1.3).
    name = b"IPM.Microsoft Mail.Note\0"
    attribute = (
        b"\x01\x08\x80\x07\x00" + len(name).to_bytes(4, "little") + name + (sum(name) % 65536).to_bytes(2, "little")
    )
    tnef = files.File("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22\x01\x00" + attribute)
    text = "Hello Mitchell,\n\nthe room list for the new building.\n\nTravis"
    draft = Draft(sender, (ADMIN,), "Room list", text, date, message_id(rng, sender), files=(tnef,))
    return letter(write(draft, rng), "tnef", _inbox("admin"))


def _composed(draft: Draft, message: Message, kind: str) -> Letter:
    headers = [
        ("From", mime.mailbox(draft.sender)),
        ("To", mime.mailboxes(draft.to)),
        ("Subject", mime.encoded(draft.subject)),
        ("Message-ID", f"<{draft.message_id}>"),
    ]
    content = mime.wire(message, headers, draft.date)
    addresses = (draft.sender.address.lower(), *(person.address for person in draft.to))
    return Letter(kind, draft.message_id, draft.date, draft.sender, draft.to, addresses, (), content, _inbox("admin"))


def _raw_letters(everybody: dict[str, Person], now: datetime) -> Iterator[Letter]:
    """Bytes that no mail library would write."""
    broken, undated, shouting = everybody["tom"], everybody["campbell"], everybody["addison"]
    yield _raw("broken", broken, _before(now, 52), "52.BROKEN@wood", [
        b"From: Tom Ruiz <tom.ruiz89@example.com>", b"To: mitchell.admin@yourcompany.com",
        b"Date: " + format_datetime(_before(now, 52)).encode(), b"Message-ID: <52.BROKEN@wood>",
        b"this line is no header", b"Subject: =?utf-8?Q?Broken=20=ZZ_and_cut",
        b'Content-Type: multipart/mixed; boundary="never-closed', b"MIME-Version: 1.0", b"",
        b"--never-closed", b"Content-Type: text/plain; charset=x-unknown-9",
        b"Content-Transfer-Encoding: quoted-printable", b"",
        b"Hi Mitchell, our mail gateway cuts long messages. Is the drawing readable? =E9=", b"=", b"--never-closed",
        b'Content-Type: image/png; name="drawing.png"', b"Content-Transfer-Encoding: base64", b"",
        base64.b64encode(files.logo("").content)[:301] + b"*!",
    ])  # fmt: skip
    yield _raw("undated", undated, _before(now, 176), "chairs-176@yahoo.example.com", [
        b"From: hmc@yahoo.example.com", b"To: mitchell.admin@yourcompany.com",
        b"Message-ID: <chairs-176@yahoo.example.com>", b"Subject: chairs", b"",
        b"Still thinking about them. Henry",
    ])  # fmt: skip
    yield _raw("capitals", shouting, _before(now, 144), "144.OLSON@mobile", [
        b"From: ADDISON OLSON <ADDISON.OLSON28@EXAMPLE.COM>", b"To: undisclosed-recipients:;",
        b"Date: " + format_datetime(_before(now, 144)).encode(), b"Message-ID: <144.OLSON@mobile>",
        b"Subject: Market day", b"Content-Type: text/plain", b"",
        "Our stand is number 12, next to the caf\u00e9. Come by!".encode("latin-1"),
    ])  # fmt: skip
    novak = everybody["novak"]
    yield _raw("raw header", novak, _before(now, 71), "71.raw@moravia-hotels.example", [
        "From: Petr Novák <p.novak@moravia-hotels.example>".encode(), b"To: marc.demo@yourcompany.com",
        b"Date: " + format_datetime(_before(now, 71)).encode(), b"Message-ID: <71.raw@moravia-hotels.example>",
        "Subject: Pokoje ve třetím patře – změna".encode(), b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: 8bit", b"",
        "Hi Marc, the rooms on the third floor get the wider desk after all. Děkuji, Petr".encode(),
    ], login="demo")  # fmt: skip
    osei = everybody["osei"]
    word = base64.b64encode("Booths arrived 🎉 – thank you".encode())
    yield _raw("cut encoded word", osei, _before(now, 30), "30.ama@mail.kumasi-cowork.example", [
        b"From: Ama Osei <a.osei@kumasi-cowork.example>", b"To: marc.demo@yourcompany.com",
        b"Date: " + format_datetime(_before(now, 30)).encode(), b"Message-ID: <30.ama@mail.kumasi-cowork.example>",
        # The emoji's bytes are split over two encoded words, which RFC 2047 forbids.
        b"Subject: =?utf-8?B?" + word[:24] + b"?=\r\n =?utf-8?B?" + word[24:] + b"?=",
        b"Content-Type: text/plain; charset=us-ascii", b"", b"People queue to phone each other. Ama",
    ], login="demo")  # fmt: skip
    nobody = Person("nobody", "", "")
    noise = bytes(range(128, 256)) * 3
    yield _raw("garbage", nobody, _before(now, 97), "", [noise[i : i + 60] for i in range(0, 360, 60)])


def _raw(
    kind: str, sender: Person, date: datetime, identifier: str, lines: Sequence[bytes], login: str = "admin"
) -> Letter:
    addresses = (sender.address.lower(), USERS[login].address) if sender.address else ()
    return Letter(kind, identifier, date, sender, (), addresses, (), b"\r\n".join(lines) + b"\r\n", _inbox(login))
