# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Exclude rules: which one, if any, keeps a message out of the archive. Pure; compiled once a scan.

A rule on people (an address, a domain, a pattern) reaches what they send, and what has nobody else from outside in it.
That somebody merely takes part in a letter says nothing against the others in it, so only a rule that says so, of the
reach "anybody", drops it for that.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Literal

from .domains import domain_of_address, domains_above
from .letter import Head, Role

RuleKind = Literal["address", "domain", "pattern", "folder", "header"]
Reach = Literal["sender", "anybody"]
# What a header rule can look at. List-Id and Auto-Submitted may also be asked for as such, whatever they say.
HEADER_FIELDS = ("subject", "from", "sender", "reply_to", "to", "cc", "bcc", "list_id", "auto_submitted")
OPTIONAL_VALUE = frozenset({"list_id", "auto_submitted"})
_ROLES: dict[str, Role] = {
    "from": "from",
    "sender": "sender",
    "reply_to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``value`` is normalised (``normalize``), ``field`` a header rule's."""

    id: int
    kind: RuleKind
    value: str
    field: str = ""
    reach: Reach = "sender"

    @property
    def ref(self) -> str:
        """The rule as it is now: what it kept out is decided anew when it is changed, or there no more."""
        said = "\0".join((self.kind, self.value, self.field, self.reach))
        return f"{self.id}.{zlib.crc32(said.encode('utf-8', 'replace')):08x}"


class Rules:
    """All rules of a mailbox, ready to be asked of many messages."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self.refs = frozenset(rule.ref for rule in rules)
        self._addresses: dict[str, list[Rule]] = defaultdict(list)
        self._domains: dict[str, list[Rule]] = defaultdict(list)
        self._patterns: list[tuple[re.Pattern[str], Rule]] = []
        self._folders: dict[str, Rule] = {}
        self._headers: list[Rule] = []
        for rule in sorted(rules, key=lambda r: r.id):
            self._add(rule)

    def _add(self, rule: Rule) -> None:
        if rule.kind == "address":
            self._addresses[rule.value].append(rule)
        elif rule.kind == "domain":
            self._domains[rule.value].append(rule)
        elif rule.kind == "pattern":
            self._patterns.append((_pattern(rule.value), rule))
        elif rule.kind == "folder":
            self._folders.setdefault(rule.value, rule)
        else:
            self._headers.append(rule)

    def excluding(self, head: Head, folder: str, outside: Sequence[str]) -> Rule | None:
        """The first rule that keeps this message out, None if there is none.

        :param folder: its folder's names from the root, parted by " / "
        :param outside: its addresses that are nobody's of us (``ourselves.outsiders``)
        """
        if self._folders and (rule := self._by_folder(folder)):
            return rule
        if self._headers and (rule := next(self._by_header(head), None)):
            return rule
        if self._addresses or self._domains or self._patterns:
            return next(self._by_people(head, outside), None)
        return None

    def _by_folder(self, folder: str) -> Rule | None:
        names = folder_key(folder).split(" / ")
        # A rule names a folder by its path, or by its own name wherever it lies; those below it go with it.
        keys = [" / ".join(names[:end]) for end in range(1, len(names) + 1)] + names
        return next((self._folders[key] for key in keys if key in self._folders), None)

    def _by_header(self, head: Head) -> Iterator[Rule]:
        for rule in self._headers:
            text = _header_text(head, rule.field)
            if text and rule.value in text:
                yield rule

    def _by_people(self, head: Head, outside: Sequence[str]) -> Iterator[Rule]:
        for sender in head.by_role("from") or head.by_role("sender"):
            yield from self._rules_of(sender.normalized)
        found = [self._rules_of(address) for address in outside]
        for rules in found:
            yield from (rule for rule in rules if rule.reach == "anybody")
        if found:
            yield from (rule for rule in found[0] if all(rule in rules for rules in found))

    def _rules_of(self, address: str) -> list[Rule]:
        """The rules that mean this address, whatever their reach."""
        rules = list(self._addresses.get(address, ()))
        if self._domains and (domain := domain_of_address(address)):
            for above in domains_above(domain):
                rules += self._domains.get(above, ())
        rules += (rule for pattern, rule in self._patterns if pattern.fullmatch(address))
        return rules


def folder_key(path: str) -> str:
    """A folder's path as it is compared."""
    return " / ".join(" ".join(part.split()).casefold() for part in path.split("/"))


def text_key(text: str) -> str:
    """A header field's text as it is compared."""
    return " ".join(text.split()).casefold()


def _pattern(value: str) -> re.Pattern[str]:
    # Of the shell's patterns the star and the question mark only: brackets are part of no rule.
    return re.compile(translate(value.replace("[", "[[]")))


def _header_text(head: Head, field: str) -> str:
    if field == "subject":
        return text_key(head.subject)
    if field == "list_id":
        return text_key(head.list_id)
    if field == "auto_submitted":
        return head.auto_submitted
    return text_key(", ".join(f"{a.name} <{a.address}>" for a in head.by_role(_ROLES[field])))
