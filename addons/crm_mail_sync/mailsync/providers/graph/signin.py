# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A user signs in at Microsoft (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import AppInvalid, ConsentMissing, MailSyncError, ProtocolError, TokenRevoked
from ...http_session import Session, json_object
from ...id_token import verified_claims
from ...oauth import Account, Consent, Grant, Tokens
from .addresses import own_addresses
from .app import MANY, EntraSession, MicrosoftApp, ask, tokens_of
from .refusals import codes, names_tenant, refusal

__all__ = ["MicrosoftApp", "MicrosoftSignIn"]


class MicrosoftSignIn:
    """:class:`~mailsync.oauth.SignIn` at Microsoft.

    ``shared``: for a mailbox that is not the account's own and that the account may open. ``acting``: for an owner who
    lets the mailbox be changed.
    """

    def __init__(self, app: MicrosoftApp, shared: bool = False, acting: bool = False) -> None:
        self._app = app
        kind = ".Shared" if shared else ""
        self._read, self._change, self._send = f"Mail.Read{kind}", f"Mail.ReadWrite{kind}", f"Mail.Send{kind}"
        self._wanted = (self._change if acting else self._read, self._send)

    def consent(self, redirect_uri: str, state: str, address: str) -> Consent:
        """Asks Entra where its page is; raises AppInvalid and whatever a connection may raise."""
        flow = self._flow(redirect_uri, state=state, login_hint=address)
        return Consent(flow.pop("auth_uri"), flow)

    def redeem(self, redirect_uri: str, answer: Mapping[str, str], secrets: Mapping[str, object]) -> Grant:
        if "error" in answer:
            raise refusal(answer)
        flow = {**secrets, "redirect_uri": redirect_uri}
        got = ask(self._app, lambda client: client.acquire_token_by_auth_code_flow(flow, dict(answer)))
        tokens = tokens_of(got, (*self._app.secrets(), answer.get("code", ""), str(secrets.get("code_verifier", ""))))
        if not (_has(tokens.scopes, self._read) or _has(tokens.scopes, self._change)):
            raise ConsentMissing(f"not granted: {self._wanted[0]}", server_text=self._wanted[0])
        if not tokens.refresh_token:
            raise ConsentMissing("no refresh token came: the access would end within the hour")
        claims = self._claims(str(got.get("id_token", "")))
        with Session(self._app.endpoints.ca_file) as session:
            address, aliases = own_addresses(session, self._app.endpoints, tokens.access_token)
        account = Account(f"{claims['oid']}.{claims['tid']}", address, aliases)
        return Grant(tokens, account, frozenset(name for name in self._wanted if not _has(tokens.scopes, name)))

    def renewed(self, tokens: Tokens | None) -> Tokens:
        if tokens is None or not tokens.refresh_token:
            raise TokenRevoked("there is no refresh token")
        refresh_token = tokens.refresh_token
        # Who asks for more than was granted is refused.
        known = (self._read, self._change, self._send, "User.Read")
        wanted = [name for name in known if _has(tokens.scopes, name)] or [self._read]
        got = ask(self._app, lambda client: client.acquire_token_by_refresh_token(refresh_token, self._scopes(wanted)))
        return tokens_of(got, (*self._app.secrets(), refresh_token), tokens)

    def withdraw(self, tokens: Tokens) -> None:
        """Nothing: Entra can only end all of a user's sessions at once. What is not used ends by itself in 90 days."""

    def check(self, redirect_uri: str) -> None:
        scopes = [f"{self._app.endpoints.graph.rstrip('/')}/.default"]
        got = ask(self._app, lambda client: client.acquire_token_for_client(scopes))
        # Client and secret are judged for many tenants' authority too, though it gives no app a token.
        if "error" in got and not (self._app.tenant in MANY and names_tenant(got)):
            _raise_if_of_app(refusal(got, self._app.secrets()))
        self._check_page(redirect_uri)

    def _check_page(self, redirect_uri: str) -> None:
        """Entra's page, asked without a user, names what is wrong with the redirect address or the tenant.

        It sends the browser back if all is right (OpenID Connect Core §3.1.2.1, ``prompt=none``). What it shows else is
        laid down nowhere, so only what it names counts.
        """
        flow = self._flow(redirect_uri, prompt="none")
        with Session(self._app.endpoints.ca_file) as session:
            page = session.get(flow["auth_uri"])
        if not page.is_redirect and (found := codes(page.text)):
            _raise_if_of_app(refusal({"error_codes": found, "error_description": f"AADSTS{found[0]}"}))

    def _flow(self, redirect_uri: str, **options: str) -> dict[str, Any]:
        return ask(
            self._app,
            lambda client: client.initiate_auth_code_flow(
                self._scopes((*self._wanted, "User.Read")),
                redirect_uri=redirect_uri,
                response_mode="query",
                **options,
            ),
        )

    def _claims(self, id_token: str) -> dict[str, Any]:
        """Who signed in (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).

        msal reads the token, compares the nonce, and leaves everything else to its caller.
        """
        with EntraSession(self._app.endpoints.ca_file) as session:
            place = json_object(session.get(f"{self._app.authority}/v2.0/.well-known/openid-configuration"))
            keys = json_object(session.get(str(place.get("jwks_uri"))))
        claims = verified_claims(id_token, keys, audience=self._app.client_id)
        if not claims.get("oid") or not claims.get("tid"):
            raise ProtocolError("the ID token names no account")
        # Authorities for many tenants say {tenantid}; that of one names it.
        issuer = str(place.get("issuer")).replace("{tenantid}", claims["tid"])
        if claims["iss"] != issuer or claims["tid"] not in issuer.split("/"):
            raise ProtocolError("the ID token is of another issuer")
        return claims

    def _scopes(self, names: tuple[str, ...] | list[str]) -> list[str]:
        """Permissions of this cloud's Graph. msal adds openid, profile and offline_access."""
        return [f"{self._app.endpoints.graph.rstrip('/')}/{name}" for name in names]


def _has(scopes: frozenset[str], name: str) -> bool:
    return name.lower() in {scope.lower() for scope in scopes}


def _raise_if_of_app(error: MailSyncError) -> None:
    """Of what a check without a user meets, only that counts: the rest may be for want of a user."""
    if isinstance(error, AppInvalid):
        raise error
