# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where a refusal of Entra becomes an error of ours.

The standard's ``error`` is too coarse: ``invalid_grant`` stands for a withdrawn grant and for an administrator's
rule. The AADSTS codes tell (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import (
    AdminConsentNeeded,
    AppInvalid,
    ConsentMissing,
    ConsentRefused,
    MailSyncError,
    ProtocolError,
    ServerUnavailable,
    TokenRevoked,
    WrongAccount,
    readable,
)

_BY_CODE: Mapping[int, tuple[type[MailSyncError], str]] = {
    50020: (WrongAccount, "the account is of another organisation"),
    50034: (TokenRevoked, "the account does not exist in this organisation"),
    50057: (TokenRevoked, "the account is disabled"),
    50076: (TokenRevoked, "a second factor is needed"),
    50079: (TokenRevoked, "a second factor has to be registered"),
    50173: (TokenRevoked, "the grant was withdrawn"),
    53003: (TokenRevoked, "a Conditional Access rule forbids it"),
    54005: (TokenRevoked, "the code was used already"),
    70008: (TokenRevoked, "code or refresh token have expired"),
    700082: (TokenRevoked, "the refresh token has expired: it was not used for long"),
    700084: (TokenRevoked, "the refresh token has expired"),
    65001: (ConsentMissing, "nobody has consented"),
    65004: (ConsentRefused, "the user declined"),
    50105: (AdminConsentNeeded, "the user is not assigned to the app"),
    90093: (AdminConsentNeeded, "only an administrator may consent"),
    90094: (AdminConsentNeeded, "only an administrator may consent"),
    650052: (AdminConsentNeeded, "the organisation has not enabled what the app asks for"),
    50011: (AppInvalid, "the redirect address is not registered"),
    50194: (AppInvalid, "the app is for one tenant: set the tenant"),
    90002: (AppInvalid, "there is no such tenant"),
    900023: (AppInvalid, "this is no name of a tenant"),
    700016: (AppInvalid, "the client id is unknown in this tenant"),
    700027: (AppInvalid, "the certificate is not registered, or has expired"),
    7000112: (AppInvalid, "the app is disabled"),
    7000215: (AppInvalid, "the client secret is wrong"),
    7000218: (AppInvalid, "a client secret or certificate is needed"),
    7000222: (AppInvalid, "the client secret has expired"),
    50053: (ServerUnavailable, "the account is locked for a while"),
    50196: (ServerUnavailable, "too many like requests in a row"),
    90006: (ServerUnavailable, "a passing fault of another service"),
    90024: (ServerUnavailable, "a passing fault"),
    90033: (ServerUnavailable, "a passing fault"),
    90055: (ServerUnavailable, "too many requests"),
}

_BY_NAME: Mapping[str, type[MailSyncError]] = {
    "access_denied": ConsentRefused,
    "consent_required": ConsentMissing,
    "interaction_required": TokenRevoked,
    "invalid_client": AppInvalid,
    "invalid_grant": TokenRevoked,
    "server_error": ServerUnavailable,
    "temporarily_unavailable": ServerUnavailable,
    "unauthorized_client": AppInvalid,
}


def refusal(answer: Mapping[str, Any], secrets: Iterable[str] = ()) -> MailSyncError:
    """What an error of the authorization or token endpoint means.

    :param answer: its query or JSON.
    :param secrets: what was sent and must not come back in the error's text.
    """
    description = str(answer.get("error_description") or "")
    # What follows is for Microsoft's support: trace, correlation, time.
    text = readable(re.split(r"\s*(?:Trace ID|\r|\n)", description, maxsplit=1)[0], secrets)
    for code in codes(description, answer.get("error_codes")):
        if code in _BY_CODE:
            kind, detail = _BY_CODE[code]
            return kind(detail, server_text=text)
    return _BY_NAME.get(str(answer.get("error")), ProtocolError)(server_text=text)


def names_tenant(answer: Mapping[str, Any]) -> bool:
    """Whether it is the tenant that Entra refuses."""
    return not {90002, 900023}.isdisjoint(codes(str(answer.get("error_description")), answer.get("error_codes")))


def codes(text: str, listed: object = None) -> list[int]:
    """All AADSTS codes: those that were listed, and those in a text."""
    numbers = listed if isinstance(listed, list) else []
    return [number for number in numbers if isinstance(number, int)] + [
        int(digits) for digits in re.findall(r"AADSTS(\d+)", text)
    ]
