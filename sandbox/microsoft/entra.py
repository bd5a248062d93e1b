# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Entra's pages and documents: discovery, keys, the page where a person consents, and the administrator's.

Sources: OpenID Connect Discovery 1.0, learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and
v2-admin-consent.
"""

from __future__ import annotations

from importlib import resources
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment
from werkzeug.datastructures import MultiDict

from sandbox.cloud.call import Answer, Call

from .account import OutlookAccount
from .directory import MANY, App
from .errors import EntraError
from .grants import OPEN_ID, Code
from .tokens import short
from .world import World

_TEXTS = {
    "Mail.Read": "Read your mail",
    "Mail.ReadWrite": "Read and write access to your mail",
    "Mail.Send": "Send mail as you",
    "Mail.Read.Shared": "Read mail you can access",
    "Mail.ReadWrite.Shared": "Read and write mail you can access",
    "Mail.Send.Shared": "Send mail on behalf of others",
    "User.Read": "View your basic profile",
    "offline_access": "Maintain access to data you have given it access to",
}
_pages = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def configuration(world: World, authority: str) -> Answer:
    """What clients have to know of an authority; that of many tenants has an issuer with a blank to be filled in."""
    try:
        tenant = world.directory.tenant_of(authority)
    except EntraError as error:
        return error.answer()
    base = f"{world.root}/{authority}"
    issuer = "{tenantid}" if tenant in MANY else tenant
    return Answer.json(
        {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "form_post"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{world.root}/{issuer}/v2.0",
            # The browser's page is where no certificate has to be trusted first.
            "authorization_endpoint": f"{world.pages}/{authority}/oauth2/v2.0/authorize",
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["pairwise"],
        }
    )


def authorize(world: World, call: Call, authority: str) -> Answer:
    """Ask the person, or send him back with the answer."""
    args = call.args
    try:
        tenant = world.directory.tenant_of(authority)
        app = world.directory.app(args.get("client_id", ""), tenant)
        if args.get("redirect_uri") not in app.redirect_uris:
            text = "The redirect URI specified in the request does not match the redirect URIs configured."
            raise EntraError("invalid_request", 50011, text)
    except EntraError as error:
        return _page("refused.html", 400, error=error)
    try:
        if call.method == "POST":
            return _answered(world, app, tenant, call)
        if args.get("prompt") == "none":
            raise EntraError("login_required", 50058, "Session information is not sufficient for single-sign-on.")
    except EntraError as error:
        return _back(args, error=error.error, error_description=error.description)
    return _page("consent.html", 200, **_asked(world, app, args))


def admin_consent(world: World, call: Call, authority: str) -> Answer:
    """An administrator consents for the whole tenant to what the app registration asks for."""
    app = world.directory.apps.get(call.args.get("client_id", ""))
    if app is None or call.args.get("redirect_uri") not in app.redirect_uris:
        return _page("refused.html", 400, error=EntraError("invalid_request", 50011, "Unknown app or redirect URI."))
    try:
        tenant = world.directory.tenant_of(authority)
    except EntraError as error:
        return _page("refused.html", 400, error=error)
    # Of the names for many tenants none is the administrator's: it is the one that the app is at home in.
    tenant = app.tenant if tenant in MANY else tenant
    if call.method == "POST":
        if "cancel" in _form(call):
            return _back(call.args, error="access_denied", error_description="AADSTS65004: The user declined.")
        world.directory.consent_application(app, tenant, ["Mail.Read", "Mail.Send", "User.Read.All"])
        return _back(call.args, admin_consent="True", tenant=tenant)
    values = {"permissions": [("Mail.Read", "Read mail in all mailboxes")], "accounts": [], "chosen": ""}
    return _page("consent.html", 200, application=urlsplit(call.args["redirect_uri"]).hostname, **values)


def _asked(world: World, app: App, args: MultiDict[str, str]) -> dict[str, Any]:
    hint = world.directory.find(args.get("login_hint", ""))
    scopes = [scope for scope in short(world, args.get("scope", "")) if scope not in OPEN_ID]
    return {
        "accounts": world.directory.accounts(),
        "chosen": hint.address if hint else "",
        "permissions": [(scope, _TEXTS.get(scope, scope)) for scope in scopes],
        "application": urlsplit(args["redirect_uri"]).hostname,
    }


def _answered(world: World, app: App, tenant: str, call: Call) -> Answer:
    form = _form(call)
    if "cancel" in form:
        raise EntraError("access_denied", 65004, "User declined to consent to access the app.")
    account = world.directory.find(form.get("account", ""))
    if account is None:
        return _page("consent.html", 200, missing=True, **_asked(world, app, call.args))
    _check_account(app, tenant, account)
    code = Code(
        client_id=app.client_id,
        address=account.address,
        scopes=short(world, call.args.get("scope", "")),
        redirect_uri=call.args["redirect_uri"],
        tenant=account.tenant,
        nonce=call.args.get("nonce", ""),
        challenge=call.args.get("code_challenge", ""),
        made=world.clock.now(),
    )
    return _back(call.args, code=world.grants.make_code(code), session_state=account.oid)


def _check_account(app: App, tenant: str, account: OutlookAccount) -> None:
    if tenant not in (*MANY, account.tenant):
        raise EntraError("access_denied", 50020, "The user account does not exist in this tenant.")
    if account.address in app.unassigned:
        raise EntraError("access_denied", 50105, "The signed in user is not assigned to a role for the application.")
    if app.admin_only:
        raise EntraError("consent_required", 90094, "An administrator of the organisation has to grant the permission.")


def _back(args: MultiDict[str, str], **values: str) -> Answer:
    if "state" in args:
        values["state"] = args["state"]
    uri = args["redirect_uri"]
    if args.get("response_mode") == "form_post":
        return _page("posted.html", 200, uri=uri, values=values)
    return Answer(302, b"", {"Location": f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(values)}"})


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


def _page(name: str, status: int, **values: Any) -> Answer:
    source = (resources.files(__package__) / "pages" / name).read_text("utf-8")
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, _pages.from_string(source).render(values).encode(), headers)
