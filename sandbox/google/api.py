# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Gmail API: who may call what, what it costs, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.cloud.call import Answer, Call
from sandbox.cloud.faults import Fault
from sandbox.cloud.log import Record

from . import drafts, errors, fields, messages, uploads, users
from .account import GmailAccount
from .context import Context, Handler
from .grants import Access
from .methods import Method
from .quota import UNITS
from .uploads import Uploads
from .world import World

HANDLERS: dict[str, Handler] = {**messages.HANDLERS, **drafts.HANDLERS, **users.HANDLERS}


class Api:
    """Answers calls of the methods in :data:`HANDLERS`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._uploads = Uploads()

    def answer(
        self, method: Method, call: Call, values: Mapping[str, str], record: Record, fault: Fault | None
    ) -> Answer:
        """Check a call and do what it asks.

        :raises ApiError: what the caller is told instead
        """
        access = self.access(call)
        account = self._account(access, values["userId"])
        if not method.scopes & set(access.scopes):
            raise errors.insufficient_scopes()
        self._world.limits.check_concurrency(record.in_flight)
        body, media = _body(call), None
        if call.path.startswith(uploads.PREFIX):
            upload = self._uploads.take(call)
            if isinstance(upload, Answer):
                return upload
            body, media = upload
        if method.upload_limit and max(len(media or b""), len(call.body) * 3 // 4) > method.upload_limit:
            raise errors.too_large()
        args = method.arguments(call.args)
        self._world.limits.spend(access.address, UNITS[method.name])
        record.units = UNITS[method.name]
        context = Context(self._world, account, frozenset(access.scopes), values, args, body, media, until=0)
        content = self._run(HANDLERS[method.name], context, fault)
        if content is None:
            return Answer(204)
        selector = call.args.get("fields")
        return Answer.json(fields.select(content, fields.parse(selector)) if selector else content)

    def access(self, call: Call) -> Access:
        """:raises ApiError: 401"""
        access = self._world.grants.access(call.bearer or "")
        if access is None:
            raise errors.unauthenticated()
        return access

    def _account(self, access: Access, user: str) -> GmailAccount:
        own = self._world.find(access.address)
        if own is None:
            raise errors.ApiError(400, "failedPrecondition", "Precondition check failed.", "FAILED_PRECONDITION")
        if user != "me" and user.lower() not in (own.address, *own.aliases):
            raise errors.forbidden(f"Delegation denied for {own.address}")
        return own

    def _run(self, handler: Handler, context: Context, fault: Fault | None) -> dict[str, Any] | None:
        mailbox = context.mailbox
        stale = fault is not None and fault.kind == "stale"
        with mailbox.lock:
            context.until = mailbox.seen if stale else mailbox.history.current
            content = handler(context)
            if not stale:
                mailbox.seen = mailbox.history.current
        for raw, recipients in context.outgoing:
            self._world.post(raw, recipients)
        if fault is not None and fault.kind == "duplicate" and content:
            content = {key: _twice(value) for key, value in content.items()}
        return content


def _twice(value: Any) -> Any:
    return [item for item in value for _time in range(2)] if isinstance(value, list) else value


def _body(call: Call) -> dict[str, Any]:
    if not call.body or call.path.startswith(uploads.PREFIX):
        return {}
    try:
        content = json.loads(call.body)
    except ValueError:
        raise errors.ApiError(400, "parseError", "Parse Error", "INVALID_ARGUMENT") from None
    if not isinstance(content, dict):
        raise errors.invalid("Invalid JSON payload received.")
    return content
