# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Holds the stand-in's answers to the schemas of Gmail's discovery document."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from typing import Any
from urllib.parse import urlsplit

from sandbox.google.methods import document

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}\Z")
_TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


def methods(resource: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    resource = resource or document()["resources"]["users"]
    found = list(resource.get("methods", {}).values())
    for inner in resource.get("resources", {}).values():
        found += methods(inner)
    return found


def check(value: Any, schema: dict[str, Any], where: str = "answer") -> None:
    """Fails when a value is not what the schema says, or has anything that the schema does not know."""
    if "$ref" in schema:
        return check(value, document()["schemas"][schema["$ref"]], where)
    kind = schema["type"]
    assert type(value) is _TYPES[kind], f"{where}: {value!r} is no {kind}"
    if kind == "object":
        unknown = set(value) - set(schema["properties"])
        assert not unknown, f"{where}: unknown {unknown}"
        for name, inner in value.items():
            check(inner, schema["properties"][name], f"{where}.{name}")
    elif kind == "array":
        assert value, f"{where}: empty lists are left out"
        for item in value:
            check(item, schema["items"], where)
    elif schema.get("format") in ("uint64", "int64"):
        assert value.isdigit(), f"{where}: {value!r} is no number"
    elif schema.get("format") == "byte":
        assert _BASE64URL.match(value), f"{where}: no base64url"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value!r}"
    return None


def check_answer(method: str, path: str, status: int, body: bytes) -> None:
    """Check what a call was answered with."""
    if status >= 400:
        error = json.loads(body)["error"]
        assert error["code"] == status and error["message"] and error["errors"][0]["reason"] and error["status"]
        return
    form = _method(method, path)
    if "response" not in form:
        assert not body
    else:
        check(json.loads(body), form["response"], form["id"])


def _method(method: str, path: str) -> dict[str, Any]:
    for form in methods():
        paths = [form["path"], form.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path", "")]
        for pattern in paths:
            expression = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(pattern.lstrip("/")))
            if form["httpMethod"] == method and re.fullmatch(expression, path.lstrip("/")):
                return form
    raise AssertionError(f"no such method: {method} {path}")


class Checked:
    """An httplib2 connection that checks each answer, also those within a batch."""

    def __init__(self, http: Any) -> None:
        self._http = http

    def __getattr__(self, name: str) -> Any:
        return getattr(self._http, name)

    def request(self, uri, method="GET", body=None, headers=None, **more):
        response, content = self._http.request(uri, method, body=body, headers=headers, **more)
        path = urlsplit(uri).path
        if path.startswith("/batch") and response.status == 200:
            self._check_parts(body, response, content)
        elif "/gmail/" in path and response.status != 308 and "text/html" not in response.get("content-type", ""):
            query = urlsplit(uri).query
            if "fields=" not in query and "upload_id" not in query and content:
                check_answer((headers or {}).get("x-http-method-override", method), path, response.status, content)
        return response, content

    def _check_parts(self, body: Any, response: Any, content: bytes) -> None:
        kind = b"Content-Type: %s\r\n\r\n"
        asked = message_from_bytes(kind % _boundary_of(body) + (body.encode() if isinstance(body, str) else body))
        lines = {part["Content-ID"]: part.get_payload().split("\n", 1)[0].split() for part in asked.get_payload()}
        answered = message_from_bytes(kind % response["content-type"].encode() + content)
        for part in answered.get_payload():
            method, url, _version = lines[part["Content-ID"].replace("response-", "", 1)]
            status, _newline, rest = part.get_payload().partition("\n")
            text = message_from_bytes(rest.encode()).get_payload()
            check_answer(method, urlsplit(url).path, int(status.split()[1]), text.strip().encode())


def _boundary_of(body: Any) -> bytes:
    text = body if isinstance(body, str) else body.decode()
    return f'multipart/mixed; boundary="{text.lstrip()[2:].splitlines()[0]}"'.encode()
