# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a call to its answer: routes, faults and the log are the same for pages, tokens, methods and parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from sandbox.cloud.call import Answer, Call
from sandbox.cloud.faults import Fault
from sandbox.cloud.log import Record

from . import batch, consent, oauth
from .api import HANDLERS, Api
from .errors import ApiError, not_found
from .methods import methods
from .world import World

AUTH_PATH = "/o/oauth2/v2/auth"
TOKEN_PATH = "/token"
REVOKE_PATH = "/revoke"
CERTS_PATH = "/oauth2/v1/certs"
JWKS_PATH = "/oauth2/v3/certs"
USERINFO_PATH = "/v1/userinfo"

_BATCH = "batch"
_ANSWERS = ("answer", "part", "reset")


class Dispatcher:
    """Answers every call.

    :param token_uri: our own token endpoint as clients know it
    """

    def __init__(self, world: World, token_uri: str) -> None:
        self._world = world
        self._api = Api(world)
        self._pages: dict[str, Callable[[Call], Answer]] = {
            "auth": lambda call: consent.authorize(world, call),
            "token": lambda call: oauth.token(world, call, token_uri),
            "revoke": lambda call: oauth.revoke(world, call),
            "userinfo": lambda call: oauth.userinfo(world, call),
            "certs": lambda call: Answer.json({world.key.name: world.key.certificate_pem}),
            "jwks": lambda call: Answer.json({"keys": [world.key.jwk()]}),
            _BATCH: lambda call: self._batch(call),
        }
        self._routes: MapAdapter = _routes().bind("localhost")

    def answer(self, call: Call) -> Answer:
        """What is said to a call, which is logged."""
        override = call.headers.get("X-HTTP-Method-Override")
        if override:  # the client library does so when an address gets too long
            call = _overridden(call, override)
        route, values = self._match(call)
        world = self._world
        record = Record(call.method, call.path, route, world.clock.now(), call.part)
        world.requests.add(record)
        access = world.grants.access(call.bearer or "")
        if access is not None:
            world.requests.enter(record, access.address)
        try:
            answer = self._met(route, call, values, record)
            record.status, record.bytes = answer.status, len(answer.body)
            return answer
        finally:
            world.requests.leave(record, world.clock.now())

    def _match(self, call: Call) -> tuple[str, Mapping[str, str]]:
        try:
            return self._routes.match(call.path, call.method)
        except HTTPException:
            return "", {}

    def _met(self, route: str, call: Call, values: Mapping[str, str], record: Record) -> Answer:
        fault = self._world.faults.meet(route, call.part)
        if fault is not None and fault.kind == "slow":
            fault.reached.set()
            fault.release.wait()
        if fault is not None and fault.kind in _ANSWERS:
            return _ordered(fault)
        try:
            answer = self._routed(route, call, values, record, fault)
        except ApiError as error:
            answer = error.answer()
        if fault is not None and fault.kind == "done":
            return _ordered(fault)
        answer.fault = fault
        return answer

    def _routed(self, route: str, call: Call, values: Mapping[str, str], record: Record, fault: Fault | None) -> Answer:
        if route in self._pages and not call.part:
            page = self._pages[route]
            if route == _BATCH:
                self._api.access(call)
                self._world.limits.check_concurrency(record.in_flight)
            return page(call)
        if route not in HANDLERS:
            raise not_found()
        return self._api.answer(methods()[route], call, values, record, fault)

    def _batch(self, call: Call) -> Answer:
        return batch.run(call, self.answer)


def _ordered(fault: Fault) -> Answer:
    return Answer(fault.status, fault.body, {"Content-Type": "application/json", **fault.headers}, fault)


def _overridden(call: Call, method: str) -> Call:
    args = MultiDict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return replace(call, method=method, args=args, body=b"")


def _routes() -> Map:
    rules = [
        Rule(AUTH_PATH, endpoint="auth", methods=["GET", "POST"]),
        Rule(TOKEN_PATH, endpoint="token", methods=["POST"]),
        Rule(REVOKE_PATH, endpoint="revoke", methods=["POST"]),
        Rule(USERINFO_PATH, endpoint="userinfo", methods=["GET", "POST"]),
        Rule(CERTS_PATH, endpoint="certs", methods=["GET"]),
        Rule(JWKS_PATH, endpoint="jwks", methods=["GET"]),
        *(Rule(path, endpoint=_BATCH, methods=["POST"]) for path in batch.PATHS),
    ]
    for name in HANDLERS:
        method = methods()[name]
        for rule in method.rules:
            rules.append(Rule(rule, endpoint=name, methods=[method.http]))
            if rule.startswith("/upload/"):
                rules.append(Rule(rule, endpoint=name, methods=["PUT"]))
    return Map(rules)
