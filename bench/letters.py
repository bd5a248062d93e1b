# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters to measure with: as large and as mixed as a salesperson's, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime

START = datetime(2025, 1, 6, 8, 0, tzinfo=timezone.utc)
OWNER = "owner@bench-own.test"
WORDS = (
    *("delivery", "order", "offer", "desk", "chair", "quantity", "price", "invoice", "warranty", "assembly"),
    *("meeting", "schedule", "sample", "catalogue", "discount", "customer", "project", "floor", "plan", "carpet"),
    *("lamp", "storage", "drawer", "confirm", "attached", "tomorrow", "regards", "please"),
)


def known_address(number: int) -> str:
    """Address of a customer of the benchmark's database."""
    return f"buyer{number}@customer{number % 97}.bench.test"


def letters(count: int, known_share: float = 0.3, customers: int = 200, seed: int = 7) -> Iterator[bytes]:
    """Messages of 46 kB on average: text and HTML of 2 to 20 kB, every fifth with a file of 20 to 300 kB.

    :param known_share: part of the senders that are customers; the rest is unknown
    """
    chance = random.Random(seed)
    for number in range(count):
        if chance.random() < known_share:
            sender = known_address(chance.randrange(customers))
        else:
            sender = f"someone{number}@unknown{number % 500}.bench.test"
        yield _letter(chance, number, sender)


def small_letters(count: int, customers: int = 200) -> Iterator[bytes]:
    """Messages of a kilobyte, all from customers: what is asked for counts, not what is carried."""
    chance = random.Random(count)
    for number in range(count):
        yield (
            f"From: Sender {number} <{known_address(number % customers)}>\r\nTo: Owner <{OWNER}>\r\n"
            f"Subject: {' '.join(chance.choices(WORDS, k=4))} {number}\r\n"
            f"Date: {format_datetime(START + timedelta(minutes=number))}\r\n"
            f"Message-ID: <small-{number}@mail.bench.test>\r\n\r\n{_text(chance, 700)}\r\n"
        ).encode()


def _letter(chance: random.Random, number: int, sender: str) -> bytes:
    message = EmailMessage()
    message["From"] = f"Sender {number} <{sender}>"
    message["To"] = f"Owner <{OWNER}>"
    message["Subject"] = f"{' '.join(chance.choices(WORDS, k=5))} {number}"
    message["Date"] = format_datetime(START + timedelta(minutes=number))
    message["Message-ID"] = f"<bench-{number}@mail.bench.test>"
    for hop in range(4):
        message[f"X-Hop-{hop}"] = f"from relay{hop}.bench.test by mx{hop}.bench.test id {chance.getrandbits(64):x}"
    size = chance.randint(2_000, 20_000)
    text = _text(chance, size // 2)
    message.set_content(text)
    paragraphs = "".join(f'<p style="margin: 0 0 8px">{line}</p>' for line in text.splitlines())
    message.add_alternative(f"<html><body><div>{paragraphs}</div></body></html>", subtype="html")
    if number % 5 == 0:
        content = chance.randbytes(chance.randint(20_000, 300_000))
        message.add_attachment(content, maintype="application", subtype="pdf", filename=f"offer-{number}.pdf")
    return message.as_bytes().replace(b"\n", b"\r\n")


def _text(chance: random.Random, size: int) -> str:
    lines, length = [], 0
    while length < size:
        line = " ".join(chance.choices(WORDS, k=12))
        lines.append(line)
        length += len(line)
    return "\n".join(lines)
