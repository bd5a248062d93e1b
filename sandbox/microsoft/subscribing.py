# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subscriptions as an app asks for them (learn.microsoft.com/graph/api/resources/subscription)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from sandbox.cloud.call import Answer, Call

from . import access, items
from .account import OutlookAccount
from .errors import GraphError
from .grants import Access
from .notices import LOOPBACK
from .subscriptions import Subscription
from .world import World

LONGEST_SECONDS = 10_080 * 60
SHORTEST_SECONDS = 45 * 60
_STATE_CHARACTERS = 128
_RESOURCE = re.compile(
    r"/?(?:me|users(?:/(?P<user>[^/]+)|\('(?P<quoted_user>[^']+)'\)))"
    r"(?:/mailFolders(?:/(?P<folder>.+)|\('(?P<quoted>[^']+)'\)))?/messages",
    re.IGNORECASE,
)
_MADE_OF = frozenset({
    "changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime", "clientState",
    "latestSupportedTlsVersion",
})  # fmt: skip
_NAMES = {
    ("GET", 0): "subscriptions.list",
    ("POST", 0): "subscriptions.create",
    ("GET", 1): "subscriptions.get",
    ("PATCH", 1): "subscriptions.update",
    ("DELETE", 1): "subscriptions.delete",
    ("POST", 2): "subscriptions.reauthorize",
}
ROUTE_NAMES = frozenset(_NAMES.values())


def name_of(method: str, segments: Sequence[str]) -> str:
    """The route of a path without its version; "" for none."""
    rest = segments[1:]
    if segments[0] != "subscriptions" or (len(rest) == 2 and rest[1].lower() != "reauthorize"):
        return ""
    return _NAMES.get((method, len(rest)), "")


def answer(world: World, call: Call, token: Access, name: str, subscription_id: str) -> Answer:
    """What is said to a call of a route; raises GraphError."""
    if name == "subscriptions.list":
        return Answer.json({"value": [_shown(one) for one in world.subscriptions.active() if _is_of(token, one)]})
    if name == "subscriptions.create":
        return Answer.json(_shown(_create(world, call, token)), 201)
    found = next((one for one in world.subscriptions.active() if one.id == subscription_id), None)
    if found is None or not _is_of(token, found):
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    if name == "subscriptions.delete":
        world.subscriptions.remove(found.id)
        return Answer(204)
    if name != "subscriptions.get":
        access.check(token, found.account, "list")
    if name == "subscriptions.reauthorize":
        return Answer(204)
    if name == "subscriptions.update":
        _update(world, found, _body(call))
    return Answer.json(_shown(found))


def _is_of(token: Access, subscription: Subscription) -> bool:
    """Apps see what they made themselves, for the same user or as themselves."""
    owner = subscription.owner
    return (owner.client_id, owner.tenant, owner.address) == (token.client_id, token.tenant, token.address)


def _create(world: World, call: Call, token: Access) -> Subscription:
    body = _body(call)
    if unknown := set(body) - _MADE_OF:
        raise _invalid(f"Not supported: {', '.join(sorted(unknown))}.")
    account, folder = _place(world, token, _text(body, "resource"))
    kinds = [kind.strip() for kind in _text(body, "changeType").split(",")]
    if not set(kinds) <= {"created", "updated", "deleted"}:
        raise _invalid("The changeType is not valid.")
    state = body.get("clientState")
    if state is not None and not (isinstance(state, str) and len(state) <= _STATE_CHARACTERS):
        raise _invalid(f"The clientState has more than {_STATE_CHARACTERS} characters.")
    ends = _end(world, _text(body, "expirationDateTime"))
    url = _url(body, "notificationUrl")
    lifecycle_url = _url(body, "lifecycleNotificationUrl") if body.get("lifecycleNotificationUrl") else ""
    for address in filter(None, (url, lifecycle_url)):
        world.subscriptions.notices.validate(address)
    is_immutable = 'IdType="ImmutableId"' in ", ".join(call.headers.getlist("Prefer"))
    made = Subscription(str(uuid.uuid4()), token, account, folder, body["resource"], kinds, url, lifecycle_url, state,
                        ends, is_immutable, account.mailbox.number)  # fmt: skip
    world.subscriptions.add(made)
    return made


def _update(world: World, subscription: Subscription, body: dict[str, Any]) -> None:
    """A later end, another address; nothing else can be changed."""
    if not body or set(body) - {"expirationDateTime", "notificationUrl"}:
        raise _invalid("Only expirationDateTime and notificationUrl can be updated.")
    ends = _end(world, _text(body, "expirationDateTime")) if "expirationDateTime" in body else subscription.ends
    url = _url(body, "notificationUrl") if "notificationUrl" in body else subscription.notification_url
    if url != subscription.notification_url:
        world.subscriptions.notices.validate(url)
    subscription.ends, subscription.notification_url = ends, url


def _place(world: World, token: Access, resource: str) -> tuple[OutlookAccount, str]:
    """The account and folder that a resource names; a user's token opens no other mailbox, not even a shared one."""
    match = _RESOURCE.fullmatch(resource)
    if match is None:
        raise _invalid(f"The resource '{resource}' is not supported.")
    account = access.account_of(world, token, match["user"] or match["quoted_user"] or "me")
    if token.address and token.address != account.address:
        raise GraphError(403)
    access.check(token, account, "list")
    folder = match["folder"] or match["quoted"]
    with account.mailbox.lock:
        return account, account.mailbox.folder(folder).id if folder else ""


def _end(world: World, text: str) -> float:
    now = world.clock.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _invalid("The expirationDateTime is not valid.") from error
    ends = moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()
    if ends <= now:
        raise _invalid("Subscription expiration must be in the future.")
    if ends > now + LONGEST_SECONDS:
        raise _invalid(f"Subscription expiration can only be {LONGEST_SECONDS // 60} minutes in the future.")
    return max(ends, now + SHORTEST_SECONDS)


def _url(body: dict[str, Any], name: str) -> str:
    """An address; the real Graph takes https only, here receivers on this computer may do without."""
    url = _text(body, name)
    parts = urlsplit(url)
    if not (parts.hostname and (parts.scheme == "https" or parts.hostname in LOOPBACK)):
        raise _invalid(f"The {name} must be an https address.")
    return url


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(f"The {name} is missing.")
    return value


def _body(call: Call) -> dict[str, Any]:
    try:
        return dict(json.loads(call.body))
    except (ValueError, TypeError) as error:
        raise GraphError(400) from error


def _invalid(text: str) -> GraphError:
    return GraphError(400, "InvalidRequest", text)


def _shown(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.owner.client_id,
        "changeType": ",".join(subscription.change_types),
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "lifecycleNotificationUrl": subscription.lifecycle_url or None,
        "expirationDateTime": items.iso(subscription.ends),
    }
