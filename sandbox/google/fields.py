# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Partial answers: the parameter ``fields`` of Google's APIs, ``messages(id,payload/headers),nextPageToken``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import errors

Fields = Mapping[str, Any]
_TOKEN = re.compile(r"[A-Za-z0-9_$*]+|[(),/]")


def parse(text: str) -> dict[str, Any]:
    """The selector as a tree; an empty branch selects everything below it.

    :raises ApiError: 400 when it is none
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise errors.invalid(f"Invalid field selection {text}")
    try:
        tree = _list(tokens)
    except IndexError:
        tree = {}
    if tokens or not tree:
        raise errors.invalid(f"Invalid field selection {text}")
    return tree


def select(content: Any, tree: Fields) -> Any:
    """What of a JSON value the selector leaves."""
    if not tree:
        return content
    if isinstance(content, list):
        return [select(item, tree) for item in content]
    if isinstance(content, dict):
        every = tree.get("*")
        wanted = {key: tree.get(key, every) for key in content if key in tree or every is not None}
        return {key: select(content[key], branch) for key, branch in wanted.items()}
    return content


def _list(tokens: list[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    while True:
        name = tokens.pop(0)
        branch = tree.setdefault(name, {})
        if tokens and tokens[0] == "/":
            tokens.pop(0)
            branch.update(_path(tokens))
        elif tokens and tokens[0] == "(":
            tokens.pop(0)
            branch.update(_list(tokens))
            tokens.pop(0)
        if not tokens or tokens[0] != ",":
            return tree
        tokens.pop(0)


def _path(tokens: list[str]) -> dict[str, Any]:
    name = tokens.pop(0)
    if tokens and tokens[0] == "/":
        tokens.pop(0)
        return {name: _path(tokens)}
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        inner = _list(tokens)
        tokens.pop(0)
        return {name: inner}
    return {name: {}}
