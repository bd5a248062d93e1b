# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Under which addresses an account at Microsoft gets its mail (https://learn.microsoft.com/graph/api/user-get)."""

from __future__ import annotations

from typing import Any

from ...endpoints import MicrosoftEndpoints
from ...errors import ConsentMissing, MailSyncError, ProtocolError, TokenRevoked, readable
from ...http_session import Session, json_object


def own_addresses(session: Session, endpoints: MicrosoftEndpoints, access_token: str) -> tuple[str, frozenset[str]]:
    """The account's own address and its others, in lower case."""
    response = session.get(
        f"{endpoints.graph.rstrip('/')}/v1.0/me",
        params={"$select": "mail,userPrincipalName,proxyAddresses"},
        headers={"Authorization": f"Bearer {access_token}"},
    )
    answer = json_object(response)
    if response.status_code != 200:
        raise _refusal(response.status_code, answer, access_token)
    named = answer.get("proxyAddresses")
    listed = named if isinstance(named, list) else []
    proxies = [proxy.partition(":") for proxy in listed if isinstance(proxy, str)]
    # Exchange writes the kind of the main address in capitals. Private accounts have none of them.
    main = next((address for kind, _, address in proxies if kind == "SMTP"), None)
    told = [
        address for name in ("mail", "userPrincipalName") if isinstance(address := answer.get(name), str) and address
    ]
    own = main or next(iter(told), None)
    if not own:
        raise ProtocolError("the account has no address")
    others = {address for kind, _, address in proxies if kind.lower() == "smtp"}
    return own.lower(), frozenset(address.lower() for address in (*others, *told))


def _refusal(status: int, answer: dict[str, Any], access_token: str) -> MailSyncError:
    error = answer.get("error")
    text = readable(str(error.get("message", "")) if isinstance(error, dict) else "", (access_token,))
    if status == 401:
        return TokenRevoked(server_text=text)
    if status == 403:
        return ConsentMissing("the account may not be read", server_text=text)
    return ProtocolError(f"the account's addresses: status {status}", server_text=text)
