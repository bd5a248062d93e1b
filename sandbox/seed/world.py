# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is in the demo world: Odoo's and our own demo customers and leads, and the people who write letters.

``data/partners.csv`` and ``data/leads.csv`` say what a database with the demo data of ``crm`` and ``crm_mail_sync``
holds, in the order of the records' ids; ``python -m sandbox.seed.verify`` compares them with a database.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

DATA = Path(__file__).parent / "data"

Status = Literal["open", "won", "lost"]
Provider = Literal["imap", "gmail", "outlook"]

OWN_COMPANY = "base.main_partner"
OWN_DOMAINS = frozenset({"yourcompany.com"})
# Domains of many people, as far as anybody in this world uses them.
PUBLIC_DOMAINS = frozenset({"example.com", "gmail.com", "outlook.com", "yahoo.com", "web.de", "mail.ru"})


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner of the demo database; ``parent`` is an XML id or ""."""

    xmlid: str
    name: str
    email: str
    parent: str
    is_company: bool
    is_internal: bool

    @property
    def address(self) -> str:
        return self.email.lower()


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead of the demo database that has an address; ``partner`` is an XML id or ""."""

    xmlid: str
    name: str
    email_from: str
    partner: str
    status: Status

    @property
    def address(self) -> str:
        return self.email_from.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes letters; ``zone`` is his clock's distance from UTC in hours.

    ``client`` is his mail program, which decides how letters and quotations of his look; ``charset`` is what it
    writes where the text allows, else UTF-8.
    """

    key: str
    name: str
    address: str
    language: str = "en"
    company: str = ""
    function: str = ""
    client: str = "outlook"
    zone: int = 1
    charset: str = "utf-8"
    salutation: str = ""
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class User(Person):
    """Whoever writes from a mailbox of ours; ``extra_folder`` is what is synchronised beside Inbox and Sent.

    ``login`` names the mailbox, ``owner`` is the name in Odoo of the user whose it is, ``provider`` where it lies.
    """

    zone: int = -7
    login: str = ""
    owner: str = ""
    provider: Provider = "imap"
    extra_folder: tuple[str, ...] = ()
    other_folder: tuple[str, ...] = ()


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def partners() -> tuple[Partner, ...]:
    """All active partners with an address, in the order of their ids."""
    return tuple(
        Partner(
            row["xmlid"], row["name"], row["email"], row["parent"], bool(row["is_company"]), bool(row["is_internal"])
        )
        for row in _rows("partners.csv")
    )


@cache
def leads() -> tuple[Lead, ...]:
    """All leads with an address, lost ones too, in the order of their ids."""
    return tuple(
        Lead(row["xmlid"], row["name"], row["email_from"], row["partner"], row["status"])  # type: ignore[arg-type]
        for row in _rows("leads.csv")
    )


@cache
def people() -> dict[str, Person]:
    """Everybody who takes part in a conversation, by key: customers, leads, their and our colleagues, the users."""
    found = {row["key"]: Person(**{**row, "zone": int(row["zone"])}) for row in _rows("people.csv")}  # type: ignore[arg-type]
    return {**found, **USERS}


USERS: dict[str, User] = {
    "admin": User(
        "admin", "Mitchell Admin", "mitchell.admin@yourcompany.com", company="YourCompany", function="Sales Manager",
        client="outlook", first="Mitchell", last="Admin", login="admin", owner="admin",
        extra_folder=("Kunden", "Angebote"), other_folder=("Lieferanten",),
    ),
    "demo": User(
        "demo", "Marc Demo", "marc.demo@yourcompany.com", company="YourCompany", function="Account Manager",
        client="apple", first="Marc", last="Demo", login="demo", owner="demo", provider="gmail",
        extra_folder=("Clients", "Dossiers traités"), other_folder=("Privé",),
    ),
    "sales": User(
        "sales", "YourCompany Sales", "sales@yourcompany.com", company="YourCompany", function="Sales Desk",
        client="outlook", first="Sales Desk", last="Desk", login="sales", owner="admin", provider="outlook",
        extra_folder=("Customers", "In progress – laufend"), other_folder=("Suppliers",),
    ),
}  # fmt: skip

# Odoo's demo projects to which somebody assigns all letters of a customer.
PROJECTS = {
    "project.project_home_construction": "base.res_partner_2",
    "project.project_project_3": "base.res_partner_12",
}
