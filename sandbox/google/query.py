# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail's search language, as far as mail programs use it (support.google.com/mail/answer/7190).

Words side by side must all match; ``OR`` joins its two neighbours; ``-`` excludes; ``( )`` group, ``{ }`` group
alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .labels import Labels
from .mailbox import Message
from .query_terms import Test, term

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<bracket>[(){}])
      | (?P<minus>-(?=\S))
      | (?P<field>[A-Za-z][A-Za-z0-9_]*):(?P<of>\(|"[^"]*"|[^\s(){}]*)
      | "(?P<quoted>[^"]*)"
      | (?P<word>[^\s(){}"]+)
      | (?P<stray>")
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Search:
    """A search that was read; ``everywhere`` when it looks into spam and trash as well."""

    matches: Test
    everywhere: bool


def parse(text: str, labels: Labels, now: float) -> Search:
    """Read a search; one that is empty finds everything.

    :param now: seconds since 1970, for what is said relative to today
    """
    parser = _Parser(text, labels, now)
    return Search(_all(parser.terms("")), parser.everywhere)


class _Parser:
    def __init__(self, text: str, labels: Labels, now: float) -> None:
        self._tokens = [match for match in _TOKEN.finditer(text) if not match["stray"]]
        self._labels = labels
        self._now = now
        self.everywhere = False

    def terms(self, end: str, name: str = "") -> list[Test]:
        """The terms up to a closing bracket.

        :param name: the operator in front of the bracket, which then holds for each word
        """
        tests: list[Test] = []
        joins = False
        while self._tokens:
            token = self._tokens.pop(0)
            if token["bracket"] and token["bracket"] == end:
                break
            if token["word"] in ("OR", "|") and tests:
                joins = True
                continue
            if token["word"] == "AND":
                continue
            test = self._term(token, name)
            if test is not None:
                tests.append(_any([tests.pop(), test]) if joins else test)
                joins = False
        return tests

    def _term(self, token: re.Match[str], name: str) -> Test | None:
        if token["minus"]:
            return _not(self._term(self._tokens.pop(0), name)) if self._tokens else None
        if token["bracket"] == "(":
            return _all(self.terms(")", name))
        if token["bracket"] == "{":
            return _any(self.terms("}", name))
        if token["bracket"]:
            return None
        if token["field"]:
            return self._field(token["field"].lower(), token["of"])
        word = token["quoted"] if token["quoted"] is not None else token["word"]
        return term(name, word, self._labels, self._now)

    def _field(self, name: str, of: str) -> Test:
        if of == "(":
            return _all(self.terms(")", name))
        value = of.strip('"')
        if name in ("in", "label") and value.lower() in ("anywhere", "spam", "trash"):
            self.everywhere = True
        return term(name, value, self._labels, self._now)


def _all(tests: list[Test]) -> Test:
    return lambda message: all(test(message) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda message: any(test(message) for test in tests)


def _not(test: Callable[[Message], bool] | None) -> Test | None:
    return None if test is None else lambda message: not test(message)
