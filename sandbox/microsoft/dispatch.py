# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a call to its answer: routes, permissions, limits, faults and the log."""

from __future__ import annotations

from dataclasses import replace

from sandbox.cloud.call import Answer, Call
from sandbox.cloud.faults import Fault
from sandbox.cloud.log import Record

from . import access, batch, entra, folders, messages, sending, subscribing, tokens
from .errors import GraphError, traced
from .routes import Asked, Route, segments_of
from .spoil import Spoiler
from .world import World

ROUTES: tuple[Route, ...] = (*folders.ROUTES, *messages.ROUTES, *sending.ROUTES)
_PAGES = {
    "v2.0/.well-known/openid-configuration": "configuration",
    "oauth2/v2.0/authorize": "authorize",
    "oauth2/v2.0/token": "token",
    "discovery/v2.0/keys": "keys",
    "adminconsent": "adminconsent",
    "v2.0/adminconsent": "adminconsent",
}
_BATCH = "batch"
ROUTE_NAMES = frozenset({*(route.name for route in ROUTES), *_PAGES.values(), _BATCH, *subscribing.ROUTE_NAMES})
_ANSWERS = ("answer", "part", "reset")


class Dispatcher:
    """Answers every call."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._spoiler = Spoiler()

    def answer(self, call: Call) -> Answer:
        """What is said to a call, which is logged."""
        world = self._world
        name, route, values = self._match(call)
        record = Record(call.method, call.path, name, world.clock.now(), call.part)
        world.requests.add(record)
        try:
            answer = self._met(name, route, values, call, record)
            record.status, record.bytes = answer.status, len(answer.body)
            return answer
        finally:
            world.requests.leave(record, world.clock.now())

    def _match(self, call: Call) -> tuple[str, Route | None, dict[str, str]]:
        if not call.raw_path.startswith("/v1.0/"):
            tenant, _slash, rest = call.raw_path.lstrip("/").partition("/")
            return _PAGES.get(rest, ""), None, {"tenant": tenant}
        if call.raw_path.lower() == "/v1.0/$batch":
            return _BATCH, None, {}
        segments = segments_of(call.raw_path)
        if segments[:1] == ["subscriptions"]:
            return subscribing.name_of(call.method, segments), None, {"subscription": (*segments, "")[1]}
        who = ["me"] if segments[:1] == ["me"] else segments[1:2] if segments[:1] == ["users"] else []
        rest_of = segments[len(who) if who == ["me"] else 2 :] if who else []
        for route in ROUTES if who else ():
            if (values := route.match(call.method, rest_of)) is not None:
                return route.name, route, {**values, "who": who[0]}
        return "", None, {}

    def _met(self, name: str, route: Route | None, values: dict[str, str], call: Call, record: Record) -> Answer:
        fault = self._world.faults.meet(name, call.part)
        if fault is not None and fault.kind == "slow":
            fault.reached.set()
            fault.release.wait()
        if fault is not None and fault.kind in _ANSWERS:
            return _ordered(call, fault)
        try:
            answer = self._routed(name, route, values, call, record)
        except GraphError as error:
            answer = traced(call, error.answer())
        if fault is not None and fault.kind == "done":
            return _ordered(call, fault)
        whole = answer
        if fault is not None:
            answer = self._spoiler.spoilt(fault.kind, call, record.user, answer)
        self._spoiler.remember(call, record.user, whole)
        # A copy: what is remembered may be given out once more, without the fault.
        return replace(answer, fault=fault)

    def _routed(self, name: str, route: Route | None, values: dict[str, str], call: Call, record: Record) -> Answer:
        world = self._world
        if name == _BATCH:
            return self._batch(call, record)
        if name in subscribing.ROUTE_NAMES:
            token = access.token_of(world, call)
            world.requests.enter(record, token.address)
            return subscribing.answer(world, call, token, name, values["subscription"])
        if route is not None:
            return self._of_graph(route, values, call, record)
        tenant = values.get("tenant", "")
        if name == "configuration":
            return entra.configuration(world, tenant)
        if name == "authorize":
            return entra.authorize(world, call, tenant)
        if name == "adminconsent":
            return entra.admin_consent(world, call, tenant)
        if name == "token":
            return tokens.answer(world, call, tenant)
        if name == "keys":
            return Answer.json({"keys": [world.key.jwk()]})
        raise GraphError(404, "BadRequest", "Resource not found for the segment.")

    def _of_graph(self, route: Route, values: dict[str, str], call: Call, record: Record) -> Answer:
        world = self._world
        token = access.token_of(world, call)
        account = access.account_of(world, token, values["who"])
        world.requests.enter(record, account.address)
        if len(call.body) > world.limits.request_bytes:
            raise GraphError(413)
        with world.limits.slot(token.client_id, account.address):
            record.units = 1
            world.limits.spend(token.client_id, account.address)
            access.check(token, account, route.need)
            with account.mailbox.lock:
                return route.handler(Asked(world, call, account, values))

    def _batch(self, call: Call, record: Record) -> Answer:
        token = access.token_of(self._world, call)
        self._world.requests.enter(record, token.address)
        return batch.run(call, self._world.limits, self.answer)


def _ordered(call: Call, fault: Fault) -> Answer:
    headers = {"Content-Type": "application/json", **fault.headers}
    return traced(call, Answer(fault.status, fault.body, headers, fault))
