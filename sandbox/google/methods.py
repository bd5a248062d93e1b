# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The methods of the Gmail API: paths, parameters and scopes, from the discovery document of the client library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from werkzeug.datastructures import MultiDict

from . import errors

_PREFIX = "gmail.users."


@dataclass(frozen=True)
class Method:
    """One method. ``name`` is its id without ``gmail.users.``; ``rules`` are werkzeug's, the second for uploads."""

    name: str
    http: str
    rules: tuple[str, ...]
    scopes: frozenset[str]
    parameters: Mapping[str, Mapping[str, Any]]
    upload_limit: int

    def arguments(self, query: MultiDict[str, str]) -> dict[str, Any]:
        """The parameters of a query in their types, with defaults.

        :raises ApiError: 400 for a parameter that does not exist, or a value that cannot be
        """
        for name in query:
            if name not in self.parameters and name not in _common():
                raise errors.invalid(f'Unknown name "{name}": Cannot bind query parameter.')
        values: dict[str, Any] = {}
        for name, form in self.parameters.items():
            if form["location"] != "query":
                continue
            given = [_value(name, text, form) for text in query.getlist(name)]
            if form.get("repeated"):
                values[name] = given
            else:
                default = form.get("default")
                values[name] = given[-1] if given else default if default is None else _value(name, default, form)
        return values


@cache
def document() -> dict[str, Any]:
    """The discovery document of the Gmail API, version 1."""
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    content: dict[str, Any] = json.loads((folder / "gmail.v1.json").read_text("utf-8"))
    return content


@cache
def methods() -> dict[str, Method]:
    """All methods by name."""
    return {method.name: method for method in _methods(document()["resources"]["users"])}


@cache
def _common() -> frozenset[str]:
    return frozenset(document()["parameters"]) | {"upload_id"}


def _methods(resource: Mapping[str, Any]) -> Iterator[Method]:
    for form in resource.get("methods", {}).values():
        upload = form.get("mediaUpload")
        paths = ["/" + form["path"]] + ([upload["protocols"]["simple"]["path"]] if upload else [])
        yield Method(
            name=form["id"].removeprefix(_PREFIX),
            http=form["httpMethod"],
            rules=tuple(path.replace("{", "<").replace("}", ">") for path in paths),
            scopes=frozenset(form["scopes"]),
            parameters=form["parameters"],
            upload_limit=int(upload["maxSize"]) if upload else 0,
        )
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _value(name: str, text: str, form: Mapping[str, Any]) -> Any:
    reader: Callable[[str], Any] = _READERS.get(form["type"], str)
    if form.get("format") in ("uint64", "int64", "uint32", "int32"):
        reader = _number
    try:
        value = reader(text)
    except (KeyError, ValueError):
        raise errors.invalid(f"Invalid value at '{name}': \"{text}\"") from None
    if "enum" in form and value not in form["enum"]:
        raise errors.invalid(f"Invalid value at '{name}': \"{text}\"")
    return value


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": _number,
    "boolean": lambda text: {"true": True, "false": False, "1": True, "0": False}[text.lower()],
}
