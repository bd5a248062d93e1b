# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders and the account itself (learn.microsoft.com/graph/api/resources/mailfolder)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.cloud.call import Answer

from . import items
from .errors import GraphError
from .mailbox import Folder
from .routes import Asked, Route

_PAGE = 10
_MOST = 999


def _user(asked: Asked) -> Answer:
    account = asked.account
    everything = {
        "id": account.oid,
        "displayName": account.name,
        "mail": account.address,
        "userPrincipalName": account.address,
        "proxyAddresses": [f"SMTP:{account.address}", *(f"smtp:{alias}" for alias in account.aliases)],
    }
    names = [name for name in asked.args.get("$select", "").split(",") if name in everything]
    return Answer.json({name: everything[name] for name in names or ("id", "displayName", "mail", "userPrincipalName")})


def paged(asked: Asked, found: Sequence[Any]) -> Answer:
    """A page of a collection, with a link to the next one."""
    args = asked.args
    size = max(1, min(_number(args.get("$top", str(_PAGE))), _MOST))
    start = _number(args.get("$skip", "0"))
    content: dict[str, Any] = {"value": list(found[start : start + size])}
    if len(found) > start + size:
        query = urlencode({**args, "$skip": str(start + size)}, quote_via=quote)
        content["@odata.nextLink"] = f"{asked.world.root}{asked.call.raw_path}?{query}"
    return Answer.json(content)


def _children(asked: Asked, parent: str) -> Answer:
    mailbox = asked.account.mailbox
    with_hidden = asked.call.args.get("includeHiddenFolders", "") == "true"
    found = [folder for folder in mailbox.children(parent) if with_hidden or not folder.is_hidden]
    return paged(asked, [_shown(asked, folder) for folder in found])


def _shown(asked: Asked, folder: Folder) -> dict[str, Any]:
    whole = items.folder(asked.account.mailbox, folder)
    names = [name for name in asked.args.get("$select", "").split(",") if name in whole]
    return {"id": whole["id"], **{name: whole[name] for name in names}} if names else whole


def _list(asked: Asked) -> Answer:
    return _children(asked, "")


def _child_folders(asked: Asked) -> Answer:
    return _children(asked, asked.account.mailbox.folder(asked.values["folder"]).id)


def _get(asked: Asked) -> Answer:
    return Answer.json(_shown(asked, asked.account.mailbox.folder(asked.values["folder"])))


def _create(asked: Asked) -> Answer:
    mailbox = asked.account.mailbox
    parent = mailbox.folder(asked.values["folder"]).id if "folder" in asked.values else ""
    folder = mailbox.add_folder(_name(_body(asked)), parent)
    return Answer.json(_shown(asked, folder), 201)


def _change(asked: Asked) -> Answer:
    folder = asked.account.mailbox.folder(asked.values["folder"])
    asked.account.mailbox.rename_folder(folder.id, _name(_body(asked), folder.name))
    return Answer.json(_shown(asked, folder))


def _delete(asked: Asked) -> Answer:
    mailbox = asked.account.mailbox
    mailbox.remove_folder(mailbox.folder(asked.values["folder"]).id)
    return Answer(204)


def _delta(asked: Asked) -> Answer:
    """Folders that are new, changed or gone since the link; their counts are part of them."""
    mailbox, args = asked.account.mailbox, asked.args
    since = _number(args.get("$deltatoken", "0"))
    changed = [folder_id for folder_id, number in mailbox.folder_changes.items() if number > since]
    found = []
    for folder_id in changed:
        folder = mailbox.folders.get(folder_id)
        if folder is None and since:
            found.append({"id": folder_id, "@removed": {"reason": "deleted"}})
        elif folder is not None and not folder.is_hidden:
            found.append(_shown(asked, folder))
    query = urlencode({**{k: v for k, v in args.items() if k == "$select"}, "$deltatoken": mailbox.number})
    link = f"{asked.world.root}{asked.call.raw_path}?{query}"
    return Answer.json({"value": found, "@odata.deltaLink": link})


def _name(body: dict[str, Any], default: str = "") -> str:
    name = body.get("displayName", default)
    if not isinstance(name, str) or not name:
        raise GraphError(400)
    return name


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise GraphError(400) from error


def _body(asked: Asked) -> dict[str, Any]:
    try:
        return dict(json.loads(asked.call.body))
    except (ValueError, TypeError) as error:
        raise GraphError(400) from error


_DELTA = "delta|delta()|microsoft.graph.delta()"
ROUTES = (
    Route("user", "GET", (), "user", _user),
    Route("mailFolders.delta", "GET", ("mailfolders", _DELTA), "list", _delta),
    Route("mailFolders.list", "GET", ("mailfolders",), "list", _list),
    Route("mailFolders.create", "POST", ("mailfolders",), "write", _create),
    Route("mailFolders.get", "GET", ("mailfolders", "{folder}"), "list", _get),
    Route("mailFolders.update", "PATCH", ("mailfolders", "{folder}"), "write", _change),
    Route("mailFolders.delete", "DELETE", ("mailfolders", "{folder}"), "write", _delete),
    Route("childFolders.list", "GET", ("mailfolders", "{folder}", "childfolders"), "list", _child_folders),
    Route("childFolders.create", "POST", ("mailfolders", "{folder}", "childfolders"), "write", _create),
)
