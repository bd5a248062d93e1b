# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The endpoint of a push subscription, which checks tokens as a product has to."""

from __future__ import annotations

import base64
import json

import google.auth.exceptions
import jwt
from google.oauth2 import id_token

from sandbox.cloud.call import Answer, Call
from sandbox.google import Google

AUDIENCE = "https://crm.example/push"
PUSHER = "push@sandbox.iam.gserviceaccount.com"


class Receiver:
    """A product's endpoint: it believes nobody but Google, speaking for :data:`PUSHER` to :data:`AUDIENCE`.

    ``bodies`` are what it took, ``refused`` counts tokens that it did not believe; it answers ``status``.
    """

    def __init__(self, server: Google, transport) -> None:
        self.certs_uri = server.endpoints["certs_uri"]
        self.transport = transport
        self.status = 204
        self.bodies: list[dict] = []
        self.refused = 0
        self.then = lambda: None

    def answer(self, call: Call) -> Answer:
        if not self._believes(call.bearer or ""):
            self.refused += 1
            return Answer(401)
        self.bodies.append(json.loads(call.body))
        self.then()
        return Answer(self.status)

    def _believes(self, token: str) -> bool:
        by_google, by_pyjwt = self._by_google(token), self._by_pyjwt(token)
        assert by_google == by_pyjwt, "two libraries judge alike"
        claims = by_google or {}
        return (
            claims.get("iss") == "https://accounts.google.com"
            and claims["email"] == PUSHER
            and claims["email_verified"] is True
        )

    def _by_google(self, token: str) -> dict | None:
        try:
            return dict(id_token.verify_token(token, self.transport, AUDIENCE, self.certs_uri))
        except (google.auth.exceptions.GoogleAuthError, jwt.InvalidTokenError, ValueError):
            return None

    def _by_pyjwt(self, token: str) -> dict | None:
        keys = jwt.PyJWKSet.from_dict(self.transport.session.get(self.certs_uri).json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        try:
            return jwt.decode(token, key, algorithms=["RS256"], audience=AUDIENCE)
        except jwt.InvalidTokenError:
            return None

    @property
    def ids(self) -> list[str]:
        return [body["message"]["messageId"] for body in self.bodies]

    @property
    def told(self) -> list[dict]:
        return [json.loads(base64.b64decode(body["message"]["data"])) for body in self.bodies]
