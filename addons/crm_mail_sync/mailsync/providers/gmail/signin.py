# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A user signs in at Google (https://developers.google.com/identity/protocols/oauth2/web-server).

The pages differ from the standard in two points: a refresh token comes with ``access_type=offline`` only, and surely
only with ``prompt=consent``; and the user may untick single permissions, which the answer's ``scope`` then lacks.
"""

from __future__ import annotations

import base64
import hashlib
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import google.oauth2.credentials

from ...endpoints import GoogleEndpoints
from ...errors import AppInvalid, ConsentMissing, ProtocolError, TokenRevoked, WrongAccount
from ...http_session import Session, json_object
from ...id_token import verified_claims
from ...oauth import Account, Consent, Grant, Tokens
from .addresses import own_addresses
from .grants import MODIFY, READ, SEND, expires_at, library_error, refresh, refusal

_ACCOUNT = ("openid", "email")
# Google writes its name in either way (https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken).
_ISSUERS = ("https://accounts.google.com", "accounts.google.com")


@dataclass(frozen=True, slots=True)
class GoogleApp:
    """An OAuth client of type *Web application* in a project at Google.

    :ivar internal_domain: the Workspace domain whose accounts alone may sign in; "" for any account.
    """

    client_id: str
    client_secret: str = field(repr=False)
    endpoints: GoogleEndpoints = GoogleEndpoints()
    internal_domain: str = ""


class GoogleSignIn:
    """:class:`~mailsync.oauth.SignIn` at Google.

    ``acting``: for an owner who lets the mailbox be changed.
    """

    def __init__(self, app: GoogleApp, acting: bool = False) -> None:
        self._app = app
        self._wanted = (MODIFY,) if acting else (READ, SEND)

    def consent(self, redirect_uri: str, state: str, address: str) -> Consent:
        verifier, nonce = random.token_urlsafe(48), random.token_urlsafe(24)
        query = {
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join((*_ACCOUNT, *self._wanted)),
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": address,
        }
        if self._app.internal_domain:
            query["hd"] = self._app.internal_domain
        url = f"{self._app.endpoints.auth_uri}?{urlencode(query)}"
        return Consent(url, {"verifier": verifier, "nonce": nonce})

    def redeem(self, redirect_uri: str, answer: Mapping[str, str], secrets: Mapping[str, object]) -> Grant:
        if "error" in answer:
            raise refusal(answer)
        if not answer.get("code"):
            raise ProtocolError("neither a code nor an error came back")
        with Session(self._app.endpoints.ca_file) as session:
            got = self._exchange(session, redirect_uri, answer["code"], str(secrets["verifier"]))
            scopes = frozenset(str(got.get("scope", "")).split())
            if scopes.isdisjoint((READ, MODIFY)):
                raise ConsentMissing(f"not granted: {self._wanted[0]}", server_text=self._wanted[0])
            tokens = self._tokens(got, scopes)
            claims = self._claims(session, str(got.get("id_token", "")), str(secrets["nonce"]))
            addresses = own_addresses(session, self._app.endpoints, tokens.access_token)
        account = Account(claims["sub"], claims["email"].lower(), addresses)
        return Grant(tokens, account, frozenset(self._wanted) - scopes)

    def renewed(self, tokens: Tokens | None) -> Tokens:
        if tokens is None or not tokens.refresh_token:
            raise TokenRevoked("there is no refresh token")
        credentials = google.oauth2.credentials.Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=tokens.refresh_token,
            token_uri=self._app.endpoints.token_uri,
            client_id=self._app.client_id,
            client_secret=self._app.client_secret,
        )
        secrets = (tokens.refresh_token, self._app.client_secret)
        access_token, ends = refresh(
            credentials, self._app.endpoints.ca_file, lambda error: library_error(error, secrets)
        )
        refresh_token = credentials.refresh_token or tokens.refresh_token
        return Tokens(access_token, ends, refresh_token, tokens.scopes)

    def withdraw(self, tokens: Tokens) -> None:
        # In the body, where no log of requests shows it.
        token = tokens.refresh_token or tokens.access_token
        with Session(self._app.endpoints.ca_file) as session:
            response = session.post(self._app.endpoints.revoke_uri, data={"token": token})
        if response.status_code != 200 and json_object(response).get("error") != "invalid_token":
            raise ProtocolError(f"the grant could not be withdrawn: status {response.status_code}")

    def check(self, redirect_uri: str) -> None:
        # The client is judged before the code, which nobody gave out.
        with Session(self._app.endpoints.ca_file) as session:
            try:
                self._exchange(session, redirect_uri, "4/0" + random.token_urlsafe(40), random.token_urlsafe(48))
            except TokenRevoked:
                return
        raise AppInvalid("a made-up code was accepted")

    def _exchange(self, session: Session, redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "redirect_uri": redirect_uri,
            "code": code,
            "code_verifier": verifier,
        }
        response = session.post(self._app.endpoints.token_uri, data=form)
        got = json_object(response)
        if response.status_code != 200 or "error" in got:
            raise refusal(got, (code, verifier, self._app.client_secret))
        return got

    def _tokens(self, got: Mapping[str, Any], scopes: frozenset[str]) -> Tokens:
        access_token, refresh_token = got.get("access_token"), got.get("refresh_token")
        if not access_token:
            raise ProtocolError("no access token came")
        if not refresh_token:
            raise ConsentMissing("no refresh token came: the access would end within the hour")
        return Tokens(access_token, expires_at(got), refresh_token, scopes)

    def _claims(self, session: Session, id_token: str, nonce: str) -> dict[str, Any]:
        """What Google says of the account (https://developers.google.com/identity/openid-connect/openid-connect)."""
        keys = json_object(session.get(self._app.endpoints.certs_uri))
        claims = verified_claims(id_token, keys, audience=self._app.client_id)
        if claims.get("nonce") != nonce:
            raise ProtocolError("the ID token is of another sign-in")
        if claims["iss"] not in _ISSUERS:
            raise ProtocolError("the ID token is of another issuer")
        if not claims.get("email") or claims.get("email_verified") is not True:
            raise ProtocolError("the account has no verified address")
        if self._app.internal_domain and claims.get("hd") != self._app.internal_domain:
            raise WrongAccount(f"not of the domain {self._app.internal_domain}", server_text=claims["email"])
        return claims


def _challenge(verifier: str) -> str:
    """RFC 7636 §4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
