# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a scan of the seeded mailboxes must find, worked out from the plan of the letters and the five rules.

Nothing of the engine is used here: the rules are written down a second time, over names instead of ids and without
any regard for speed, so that the two check each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .letters import Copy, Letter
from .world import OWN_COMPANY, OWN_DOMAINS, PROJECTS, PUBLIC_DOMAINS, USERS, Lead, Partner, User, leads, partners

_RANK = {"open": 0, "won": 1, "lost": 2}


@dataclass(frozen=True, slots=True)
class Links:
    """The XML ids of the records that a letter belongs to."""

    partners: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.partners or self.leads)


@dataclass(frozen=True, slots=True)
class MailboxFigures:
    """What became of the messages in the selected folders of a mailbox; ``owner`` is its user's login in Odoo."""

    owner: str
    address: str
    seen: int
    kept: int
    skipped: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """The figures of a first scan of everything, with Scan all email letters off, and of assigning to projects then.

    ``links``: number of links by model; ``of_record``: the same by XML id of the record.
    """

    mailboxes: tuple[MailboxFigures, ...]
    letters: int
    links: Mapping[str, int]
    of_record: Mapping[str, int]


def expect(letters: Sequence[Letter]) -> Expected:
    """The figures that these letters imply."""
    watched = [letter for letter in letters if any(is_selected(copy) for copy in letter.copies)]
    found = links_of(watched)
    kept = {id(letter) for letter, links in found if links}
    of_record: dict[str, int] = {}
    for _letter, links in found:
        for xmlid in (*links.partners, *links.leads):
            of_record[xmlid] = of_record.get(xmlid, 0) + 1
    assigned = {project: of_record.get(customer, 0) for project, customer in PROJECTS.items()}
    return Expected(
        mailboxes=tuple(_mailbox(login, letters, watched, kept) for login in USERS),
        letters=len(kept),
        links={
            "res.partner": sum(len(links.partners) for _letter, links in found),
            "crm.lead": sum(len(links.leads) for _letter, links in found),
            "project.project": sum(assigned.values()),
        },
        of_record={**of_record, **assigned},
    )


def is_selected(copy: Copy) -> bool:
    """Whether the copy lies in a folder that is synchronised: Inbox, Sent and the user's extra one."""
    return copy.folder in (("INBOX",), ("Sent",), USERS[copy.login].extra_folder)


def _mailbox(login: str, letters: Sequence[Letter], watched: Iterable[Letter], kept: set[int]) -> MailboxFigures:
    user = USERS[login]
    fates = [id(lt) in kept for lt in watched for copy in lt.copies if copy.login == login and is_selected(copy)]
    listed = _listed_only(login, letters) if _is_main(user) else 0
    return MailboxFigures(user.owner, user.address, len(fates) + listed, sum(fates), len(fates) - sum(fates) + listed)


def _listed_only(login: str, letters: Iterable[Letter]) -> int:
    places = {(login, (name,)) for name in ("Drafts", "Junk", "Trash")}
    return sum(1 for lt in letters for copy in lt.copies if (copy.login, copy.folder) in places)


def _is_main(user: User) -> bool:
    """Whether it is what its owner sees in the app Email, which lists drafts, spam and trash too: his first is."""
    return user == next(other for other in USERS.values() if other.owner == user.owner)


def links_of(letters: Iterable[Letter]) -> list[tuple[Letter, Links]]:
    """Each letter with its links; an answer is looked at after what it answers."""
    archive: dict[str, Links] = {}
    found = []
    for letter in sorted(letters, key=lambda letter: letter.date):
        links = _by_thread(letter, _by_address(letter), archive)
        found.append((letter, links))
        if links and letter.message_id:
            archive[letter.message_id] = links
    return found


def _by_address(letter: Letter) -> Links:
    customers: set[str] = set()
    chosen: set[str] = set()
    for address in letter.participants:
        people = [partner for partner in partners() if partner.address == address and _is_customer(partner)]
        for person in people:
            customers |= {person.xmlid, commercial(person).xmlid}
        if not people:
            customers |= {company.xmlid for company in _companies(address)}
        if candidates := list(_leads_of(address)):
            chosen.add(min(candidates, key=lambda lead: (_RANK[lead.status], -leads().index(lead))).xmlid)
    return Links(frozenset(customers), frozenset(chosen))


def _by_thread(letter: Letter, links: Links, archive: Mapping[str, Links]) -> Links:
    """What the nearest archived ancestor is linked to, for the kinds that no address spoke for."""
    inherited = next((archive[ancestor] for ancestor in letter.ancestors if ancestor in archive), Links())
    return Links(links.partners or inherited.partners, links.leads or inherited.leads)


def _by_xmlid(xmlid: str) -> Partner:
    return next(partner for partner in partners() if partner.xmlid == xmlid)


def commercial(partner: Partner) -> Partner:
    """The company a contact belongs to, itself for everybody else."""
    while partner.parent and not partner.is_company:
        partner = _by_xmlid(partner.parent)
    return partner


def _is_customer(partner: Partner) -> bool:
    return not partner.is_internal and commercial(partner).xmlid != OWN_COMPANY


def _companies(address: str) -> Iterator[Partner]:
    domain = address.rpartition("@")[2]
    if domain in OWN_DOMAINS | PUBLIC_DOMAINS:
        return
    for partner in partners():
        if partner.is_company and _is_customer(partner) and partner.address.endswith(f"@{domain}"):
            yield partner


def _leads_of(address: str) -> Iterator[Lead]:
    """The leads that have this address, and those of a customer who has it or whose contact has it."""
    people = [partner for partner in partners() if partner.address == address]
    if any(partner.is_internal for partner in people):
        return
    above = {xmlid for person in people if _is_customer(person) for xmlid in _line(person)}
    for lead in leads():
        if lead.address == address or lead.partner in above:
            yield lead


def _line(partner: Partner) -> Iterator[str]:
    yield partner.xmlid
    while partner.parent:
        partner = _by_xmlid(partner.parent)
        yield partner.xmlid
