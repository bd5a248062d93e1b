# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what: permissions of a token, for one's own mailbox, a shared one, or all of them.

Source: learn.microsoft.com/graph/permissions-reference.
"""

from __future__ import annotations

from sandbox.cloud.call import Call

from .account import OutlookAccount
from .errors import GraphError
from .grants import GRAPH, Access
from .world import World

_READ = ("Mail.Read", "Mail.ReadWrite")
_NEEDED = {
    "user": ("User.Read", "User.Read.All", "User.ReadBasic.All"),
    "list": (*_READ, "Mail.ReadBasic"),
    "read": _READ,
    "write": ("Mail.ReadWrite",),
    "send": ("Mail.Send",),
}


def token_of(world: World, call: Call) -> Access:
    """The valid token of a call; raises GraphError 401."""
    access = world.grants.access(call.bearer or "")
    if access is None:
        code = "InvalidAuthenticationToken"
        raise GraphError(401, code, "" if call.bearer else "Access token is empty.", WWW_Authenticate="Bearer")
    if access.audience != GRAPH:
        text = "Access token validation failure. Invalid audience."
        raise GraphError(401, "InvalidAuthenticationToken", text, WWW_Authenticate="Bearer")
    if claims := world.challenges.get(access.address):
        challenge = f'Bearer error="insufficient_claims", claims="{claims}"'
        raise GraphError(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.",
                         WWW_Authenticate=challenge)  # fmt: skip
    return access


def account_of(world: World, access: Access, who: str) -> OutlookAccount:
    """The account that ``me`` or ``users/{who}`` stands for."""
    if who == "me":
        if not access.address:
            text = "/me request is only valid with delegated authentication flow."
            raise GraphError(400, "BadRequest", text)
        who = access.address
    account = world.directory.find(who)
    if account is None:
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{who}' is invalid.")
    return account


def check(access: Access, account: OutlookAccount, need: str) -> None:
    """Raises GraphError 403, or 404 where there is no mailbox."""
    names = _NEEDED[need]
    if not access.address:
        is_allowed = account.tenant == access.tenant and bool(access.roles & set(names))
    elif access.address == account.address:
        is_allowed = bool(access.scopes & set(names))
    else:
        is_allowed = access.address in account.readers and bool(access.scopes & {f"{name}.Shared" for name in names})
    if not is_allowed:
        raise GraphError(403)
    if need != "user" and not account.has_mailbox:
        raise GraphError(404, "MailboxNotEnabledForRESTAPI")
