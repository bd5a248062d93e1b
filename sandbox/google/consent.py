# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The pages a person sees when an application asks for access to a Google account.

Source: developers.google.com/identity/protocols/oauth2/web-server, ``https://accounts.google.com/o/oauth2/v2/auth``.
"""

from __future__ import annotations

from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment
from werkzeug.datastructures import MultiDict

from sandbox.cloud.call import Answer, Call

from .account import GmailAccount
from .grants import GMAIL, IDENTITY_SCOPES, MAIL, Client, Code, full_names
from .world import World

_TEXTS = {
    MAIL: "Read, write, send and permanently delete all your mail in Gmail",
    GMAIL + "readonly": "View your email messages and settings",
    GMAIL + "modify": "Read, write and send email from your account",
    GMAIL + "send": "Send email on your behalf",
    GMAIL + "metadata": "View metadata of your email messages, such as labels and headers, but not their bodies",
    GMAIL + "labels": "See and edit your email labels",
    GMAIL + "compose": "Manage drafts and send email",
    GMAIL + "insert": "Add email messages to your mailbox",
    GMAIL + "settings.basic": "See, edit, create or change your email settings and filters",
}
_ALWAYS = frozenset(IDENTITY_SCOPES.values())
_pages = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


class PageError(Exception):
    """Nothing that may be sent back to the application: the person sees it."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text


def authorize(world: World, call: Call) -> Answer:
    """Ask the person, or send him back with the answer."""
    try:
        client = _client(world, call.args)
        problem = _problem(call.args)
        if problem:
            return _back(call.args, error=problem)
        if call.method == "POST":
            return _answered(world, client, call)
        if call.args.get("prompt") == "none":
            return _silent(world, client, call.args)
        return _page("consent.html", 200, **_asked(world, call.args))
    except PageError as error:
        return _page("refused.html", error.status, error=error)


def _client(world: World, args: MultiDict[str, str]) -> Client:
    client = world.grants.client(args.get("client_id", ""))
    if client is None:
        raise PageError(401, "invalid_client", "The OAuth client was not found.")
    if args.get("redirect_uri") not in client.redirect_uris:
        raise PageError(400, "redirect_uri_mismatch", "The redirect URI is not registered for this client.")
    return client


def _problem(args: MultiDict[str, str]) -> str | None:
    if args.get("response_type") != "code":
        return "unsupported_response_type"
    if not args.get("scope", "").split():
        return "invalid_scope"
    if args.get("code_challenge_method", "plain") not in ("plain", "S256"):
        return "invalid_request"
    return None


def _asked(world: World, args: MultiDict[str, str]) -> dict[str, Any]:
    hint = world.find(args.get("login_hint", ""))
    scopes = [scope for scope in full_names(args["scope"].split()) if scope not in _ALWAYS]
    host = urlsplit(args["redirect_uri"]).hostname
    return {
        "accounts": world.accounts(),
        "chosen": hint.address if hint else "",
        "scopes": [(scope, _TEXTS.get(scope, scope)) for scope in scopes],
        "application": host,
    }


def _answered(world: World, client: Client, call: Call) -> Answer:
    form = MultiDict((k, v) for k, many in parse_qs(call.body.decode("utf-8", "replace")).items() for v in many)
    if "deny" in form:
        return _back(call.args, error="access_denied")
    account = world.find(form.get("account", ""))
    if account is None:
        return _page("consent.html", 200, missing=True, **_asked(world, call.args))
    _check_domain(client, account)
    asked = full_names(call.args["scope"].split())
    scopes = [scope for scope in asked if scope in _ALWAYS or scope in form.getlist("scope")]
    return _granted(world, client, account, call.args, scopes)


def _silent(world: World, client: Client, args: MultiDict[str, str]) -> Answer:
    """``prompt=none``: only who has said yes before comes back with a code."""
    account = world.find(args.get("login_hint", ""))
    if account is None:
        return _back(args, error="login_required")
    asked = full_names(args["scope"].split())
    if not set(asked) <= set(world.grants.consented(client.id, account.address)):
        return _back(args, error="interaction_required")
    return _granted(world, client, account, args, asked)


def _granted(
    world: World, client: Client, account: GmailAccount, args: MultiDict[str, str], scopes: list[str]
) -> Answer:
    before = world.grants.consented(client.id, account.address)
    first = not set(scopes) <= set(before)
    world.grants.consent(client.id, account.address, scopes)
    if args.get("include_granted_scopes") == "true":
        scopes = full_names([*scopes, *before])
    code = Code(
        client_id=client.id,
        address=account.address,
        scopes=tuple(scopes),
        redirect_uri=args["redirect_uri"],
        offline=args.get("access_type") == "offline" and (first or "consent" in args.get("prompt", "").split()),
        nonce=args.get("nonce", ""),
        challenge=args.get("code_challenge", ""),
        method=args.get("code_challenge_method", "plain"),
        made=world.clock.now(),
    )
    more = {"hd": account.domain} if account.domain else {}
    text = world.grants.make_code(code)
    return _back(args, code=text, scope=" ".join(scopes), authuser="0", prompt="consent", **more)


def _check_domain(client: Client, account: GmailAccount) -> None:
    if client.internal_domain and account.domain != client.internal_domain:
        text = f"This application is restricted to users within its organisation, {client.internal_domain}."
        raise PageError(403, "org_internal", text)


def _back(args: MultiDict[str, str], **values: str) -> Answer:
    if "state" in args:
        values = {"state": args["state"], **values}
    uri = args["redirect_uri"]
    return Answer(302, b"", {"Location": f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(values)}"})


def _page(name: str, status: int, **values: Any) -> Answer:
    source = (resources.files(__package__) / "pages" / name).read_text("utf-8")
    headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(status, _pages.from_string(source).render(values).encode(), headers)
