# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Entra's token endpoint (learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).

A refusal is JSON with an AADSTS number; old refresh tokens stay valid when new ones are given out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any
from urllib.parse import parse_qsl

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.cloud.call import Answer, Call

from .account import OutlookAccount
from .directory import MANY, App
from .errors import EntraError
from .grants import ACCESS_SECONDS, GRAPH, OPEN_ID, Refresh
from .world import World

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def answer(world: World, call: Call, authority: str) -> Answer:
    """Tokens for a code, a refresh token or the app itself."""
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        tenant = world.directory.tenant_of(authority)
        app = world.directory.app(form.get("client_id", ""), tenant)
        _authenticate(world, app, form)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return Answer.json(_by_code(world, app, form))
        if kind == "refresh_token":
            return Answer.json(_by_refresh(world, app, form))
        if kind == "client_credentials":
            return Answer.json(_by_itself(world, app, tenant, form))
        raise EntraError("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    except EntraError as error:
        return error.answer()


def give(world: World, app: App, account: OutlookAccount, scopes: tuple[str, ...], nonce: str = "") -> dict[str, Any]:
    """The token endpoint's answer for a user."""
    granted = [scope for scope in scopes if scope != "offline_access"]
    audience = _audience(granted)
    access = world.grants.make_access(app.client_id, account.tenant, account.address, granted, audience=audience)
    content: dict[str, Any] = {
        "token_type": "Bearer",
        "scope": " ".join(_full(world, scope) for scope in granted),
        "expires_in": ACCESS_SECONDS,
        "ext_expires_in": ACCESS_SECONDS,
        "access_token": access,
    }
    if "offline_access" in scopes:
        content["refresh_token"] = world.grants.make_refresh(app.client_id, account.tenant, account.address, scopes)
    if "openid" in scopes:
        content["id_token"] = _id_token(world, app, account, nonce)
        content["client_info"] = _encoded({"uid": account.oid, "utid": account.tenant})
    return content


def short(world: World, scopes: str) -> tuple[str, ...]:
    """Scopes without the resource that they are of."""
    prefix = f"{world.root}/"
    return tuple(dict.fromkeys(scope.removeprefix(prefix).removeprefix("https://graph.microsoft.com/")
                               for scope in scopes.split()))  # fmt: skip


def _full(world: World, scope: str) -> str:
    return scope if scope in OPEN_ID or "://" in scope else f"{world.root}/{scope}"


def _audience(scopes: list[str]) -> str:
    """The resource that a token is for; a token is never for two."""
    resources = {scope.rpartition("/")[0] if "://" in scope else GRAPH for scope in scopes if scope not in OPEN_ID} or {
        GRAPH
    }
    if len(resources) > 1:
        text = "Provided value for the input parameter scope is not valid because it contains more than one resource."
        raise EntraError("invalid_request", 28000, text)
    return resources.pop()


def _authenticate(world: World, app: App, form: dict[str, str]) -> None:
    if form.get("client_assertion_type") == _ASSERTION:
        _check_assertion(world, app, form.get("client_assertion", ""))
    elif "client_secret" in form:
        world.directory.check_secret(app, form["client_secret"])
    else:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise EntraError("invalid_client", 7000218, text, 401)


def _check_assertion(world: World, app: App, assertion: str) -> None:
    """A JWT signed with the key of a registered certificate (RFC 7523)."""
    for pem in app.certificates:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
        assert isinstance(key, RSAPublicKey)
        try:
            options = {"verify_aud": False}
            claims = jwt.decode(assertion, key, algorithms=["RS256", "PS256"], options=options)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            continue
        if claims.get("iss") == app.client_id and str(claims.get("aud", "")).startswith(world.root):
            return
    raise EntraError("invalid_client", 700027, "The certificate with identifier used to sign the client assertion is "
                     "not registered on application.", 401)  # fmt: skip


def _by_code(world: World, app: App, form: dict[str, str]) -> dict[str, Any]:
    text = form.get("code", "")
    if world.grants.was_used(text):
        raise EntraError("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
    code = world.grants.take_code(text)
    if code is None or code.client_id != app.client_id:
        raise EntraError("invalid_grant", 70008, "The provided authorization code has expired due to inactivity.")
    if code.redirect_uri != form.get("redirect_uri"):
        raise EntraError("invalid_client", 50011, "The redirect URI specified in the request does not match.")
    verifier = form.get("code_verifier", "")
    expected = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if code.challenge and not hmac.compare_digest(expected, code.challenge):
        raise EntraError("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
    return give(world, app, _account(world, code.address), code.scopes, code.nonce)


def _by_refresh(world: World, app: App, form: dict[str, str]) -> dict[str, Any]:
    text = form.get("refresh_token", "")
    refresh = world.grants.refresh(text)
    if refresh is None or refresh.client_id != app.client_id:
        raise EntraError("invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
    if world.grants.is_revoked(text):
        raise EntraError("invalid_grant", 50173, "The provided grant has expired due to it being revoked.",
                         suberror="bad_token")  # fmt: skip
    if refresh.ends <= world.clock.now():
        raise EntraError("invalid_grant", 700082, "The refresh token has expired due to inactivity.",
                         suberror="bad_token")  # fmt: skip
    scopes = _asked_again(world, refresh, form)
    given = give(world, app, _account(world, refresh.address), scopes)
    world.grants.used(text)
    return given


def _asked_again(world: World, refresh: Refresh, form: dict[str, str]) -> tuple[str, ...]:
    asked = short(world, form.get("scope", "")) or refresh.scopes
    if not set(asked) <= {*refresh.scopes, *OPEN_ID}:
        raise EntraError("invalid_grant", 65001, "The user or administrator has not consented to use the application.",
                         suberror="consent_required")  # fmt: skip
    return asked


def _by_itself(world: World, app: App, tenant: str, form: dict[str, str]) -> dict[str, Any]:
    if tenant in MANY:
        raise EntraError("invalid_request", 90002, "A client credentials request needs a tenant.")
    if form.get("scope") not in (f"{world.root}/.default", "https://graph.microsoft.com/.default"):
        raise EntraError("invalid_scope", 1002012, "The provided value for scope is not valid.")
    access = world.grants.make_access(app.client_id, tenant, "", roles=app.roles.get(tenant, ()))
    return {
        "token_type": "Bearer", "expires_in": ACCESS_SECONDS, "ext_expires_in": ACCESS_SECONDS, "access_token": access,
    }  # fmt: skip


def _account(world: World, address: str) -> OutlookAccount:
    account = world.directory.find(address)
    if account is None:
        raise EntraError("invalid_grant", 50034, "The user account does not exist in the directory.")
    return account


def _id_token(world: World, app: App, account: OutlookAccount, nonce: str) -> str:
    now = world.clock.stamp()
    claims = {
        "aud": app.client_id, "iss": f"{world.root}/{account.tenant}/v2.0", "iat": now, "nbf": now,
        "exp": now + ACCESS_SECONDS, "name": account.name, "oid": account.oid, "tid": account.tenant,
        "preferred_username": account.address, "sub": str(uuid.uuid5(uuid.UUID(account.oid), app.client_id)),
        "ver": "2.0", **({"nonce": nonce} if nonce else {}),
    }  # fmt: skip
    return world.key.sign(claims)


def _encoded(content: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
