# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The token endpoint and its neighbours.

Sources: developers.google.com/identity/protocols/oauth2/web-server, RFC 6749, 7009, 7523.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, unquote

import jwt

from sandbox.cloud.call import Answer, Call

from .grants import ACCESS_SECONDS, IDENTITY_SCOPES, TESTING_DAYS, Client, full_names
from .world import World

ISSUER = "https://accounts.google.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_HOUR = 3_600
# google-auth writes this as the audience of its assertions, whatever the key file says.
_PUBLIC_TOKEN_URI = "https://oauth2.googleapis.com/token"


class OAuthError(Exception):
    """An answer of the token endpoint that is no token."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.answer = Answer.json({"error": error, "error_description": description}, status)


def token(world: World, call: Call, token_uri: str) -> Answer:
    """Give out tokens for a code, a refresh token or a service account's assertion.

    :param token_uri: our own address, the audience of assertions
    """
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        kind = form.get("grant_type")
        if kind == JWT_BEARER:
            return Answer.json(_assertion(world, form, token_uri))
        client = _client(world, call, form)
        if kind == "authorization_code":
            return Answer.json(_code(world, client, form))
        if kind == "refresh_token":
            return Answer.json(_refresh(world, client, form))
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {kind or ''}")
    except OAuthError as error:
        return error.answer


def revoke(world: World, call: Call) -> Answer:
    """The client gives a grant back: every token that came from it dies."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
    if world.grants.revoke_token(form.get("token") or call.args.get("token") or ""):
        return Answer.json({})
    return OAuthError("invalid_token", "Token expired or revoked").answer


def userinfo(world: World, call: Call) -> Answer:
    """Who the access token belongs to, as far as its scopes tell."""
    access = world.grants.access(call.bearer or "")
    if access is None or IDENTITY_SCOPES["email"] not in access.scopes:
        return OAuthError("invalid_request", "Invalid Credentials", 401).answer
    return Answer.json(_identity(world, access.address, access.scopes))


def tokens_for(
    world: World, client: Client, address: str, scopes: tuple[str, ...], refresh: str | None, nonce: str = ""
) -> dict[str, Any]:
    """What the token endpoint answers: an access token and, for ``openid``, an identity token."""
    answer: dict[str, Any] = {
        "access_token": world.grants.make_access(client.id, address, scopes, refresh),
        "expires_in": ACCESS_SECONDS,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
    }
    if "openid" in scopes:
        answer["id_token"] = id_token(world, client.id, address, scopes, nonce)
    return answer


def id_token(world: World, audience: str, address: str, scopes: tuple[str, ...], nonce: str = "") -> str:
    """An identity token (OpenID Connect Core 1.0, section 2)."""
    now = world.clock.stamp()
    claims = {"iss": ISSUER, "azp": audience, "aud": audience, "iat": now, "exp": now + _HOUR}
    return world.key.sign({**claims, **_identity(world, address, scopes), **({"nonce": nonce} if nonce else {})})


def grant(
    world: World, client: Client, address: str, scopes: tuple[str, ...], offline: bool, nonce: str = ""
) -> dict[str, Any]:
    """The answer to a code: tokens, with a refresh token when the client asked for offline access."""
    refresh = world.grants.make_refresh(client.id, address, scopes).token if offline else None
    answer = tokens_for(world, client, address, scopes, refresh, nonce)
    if refresh:
        answer["refresh_token"] = refresh
        if client.testing:
            answer["refresh_token_expires_in"] = int(TESTING_DAYS * 86_400) - 1
    return answer


def _identity(world: World, address: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    account = world.account(address)
    claims: dict[str, Any] = {"sub": account.subject}
    if IDENTITY_SCOPES["email"] in scopes:
        claims |= {"email": account.address, "email_verified": True}
    if IDENTITY_SCOPES["profile"] in scopes and account.name:
        claims["name"] = account.name
    return {**claims, **({"hd": account.domain} if account.domain else {})}


def _client(world: World, call: Call, form: dict[str, str]) -> Client:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _space, basic = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _colon, secret = base64.b64decode(basic).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id = ""
        client_id, secret = unquote(client_id), unquote(secret)
    client = world.grants.client(client_id)
    if client is None:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    if not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise OAuthError("invalid_client", "Unauthorized", 401)
    return client


def _code(world: World, client: Client, form: dict[str, str]) -> dict[str, Any]:
    code = world.grants.take_code(form.get("code", ""))
    if code is None or code.client_id != client.id:
        raise OAuthError("invalid_grant", "Malformed auth code.")
    if code.redirect_uri != form.get("redirect_uri"):
        raise OAuthError("redirect_uri_mismatch", "Bad Request")
    verifier = form.get("code_verifier", "")
    if code.challenge and not verifier:
        raise OAuthError("invalid_grant", "Missing code verifier.")
    if code.challenge and not hmac.compare_digest(_challenge(verifier, code.method), code.challenge):
        raise OAuthError("invalid_grant", "Invalid code verifier.")
    return grant(world, client, code.address, code.scopes, code.offline, code.nonce)


def _challenge(verifier: str, method: str) -> str:
    """RFC 7636, section 4.6."""
    if method != "S256":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _refresh(world: World, client: Client, form: dict[str, str]) -> dict[str, Any]:
    refresh = world.grants.use_refresh(client, form.get("refresh_token", ""))
    if refresh is None:
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")
    asked = full_names(form.get("scope", "").split()) or refresh.scopes
    if not set(asked) <= set(refresh.scopes):
        raise OAuthError("invalid_scope", "Bad Request")
    return tokens_for(world, client, refresh.address, tuple(asked), refresh.token)


def _assertion(world: World, form: dict[str, str], token_uri: str) -> dict[str, Any]:
    """RFC 7523: the service account asks, for itself or for a user of a domain that allows it."""
    text = form.get("assertion", "")
    try:
        issuer = str(jwt.decode(text, options={"verify_signature": False}).get("iss"))
        key = world.service_accounts.key(issuer)
        if key is None:
            raise OAuthError("invalid_grant", "Invalid grant: account not found")
        claims = key.verify(text, [token_uri, _PUBLIC_TOKEN_URI])
    except jwt.InvalidTokenError:
        raise OAuthError("invalid_grant", "Invalid JWT Signature.") from None
    now = world.clock.stamp()
    if not claims["exp"] - _HOUR <= claims["iat"] <= now + 300 or claims["exp"] <= now:
        raise OAuthError("invalid_grant", "Invalid JWT: Token must be a short-lived token in a reasonable timeframe.")
    scopes = tuple(full_names(str(claims.get("scope", "")).split()))
    if not scopes:
        raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    address = claims.get("sub", issuer)
    if address != issuer:
        account = world.find(address)
        if account is None:
            raise OAuthError("invalid_grant", "Invalid email or User ID")
        if not world.service_accounts.may(issuer, account.domain, scopes):
            message = "Client is unauthorized to retrieve access tokens using this method, or for a scope requested."
            raise OAuthError("unauthorized_client", message, 401)
        address = account.address
    access = world.grants.make_access(issuer, address, scopes)
    return {"access_token": access, "expires_in": ACCESS_SECONDS, "token_type": "Bearer"}
