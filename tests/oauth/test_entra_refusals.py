# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Entra's refusals mean, by its own error bodies."""

from __future__ import annotations

import pytest

from mailsync.errors import (
    AdminConsentNeeded,
    AppInvalid,
    ConsentMissing,
    ConsentRefused,
    ProtocolError,
    ServerUnavailable,
    TokenRevoked,
    WrongAccount,
)
from mailsync.providers.graph.refusals import refusal

SUPPORT = "Trace ID: 0b0cdb1e-92a9-4d14-8e05-4f0f2d0d3a00 Correlation ID: 7c1c Timestamp: 2026-11-27 01:00:00Z"


def body(error: str, code: int, text: str = "Something happened.", separator: str = " ") -> dict[str, object]:
    return {
        "error": error,
        "error_description": f"AADSTS{code}: {text}{separator}{SUPPORT}",
        "error_codes": [code],
        "timestamp": "2026-11-27 01:00:00Z",
        "trace_id": "0b0cdb1e-92a9-4d14-8e05-4f0f2d0d3a00",
        "correlation_id": "7c1c",
    }


@pytest.mark.parametrize(
    ("error", "code", "meaning"),
    [
        ("invalid_grant", 700082, TokenRevoked),
        ("invalid_grant", 70008, TokenRevoked),
        ("invalid_grant", 50173, TokenRevoked),
        ("interaction_required", 50076, TokenRevoked),
        ("interaction_required", 50079, TokenRevoked),
        ("invalid_grant", 50057, TokenRevoked),
        ("invalid_grant", 65001, ConsentMissing),
        ("access_denied", 65004, ConsentRefused),
        ("invalid_grant", 90094, AdminConsentNeeded),
        ("access_denied", 90094, AdminConsentNeeded),
        ("interaction_required", 50105, AdminConsentNeeded),
        ("access_denied", 50020, WrongAccount),
        ("invalid_client", 7000215, AppInvalid),
        ("invalid_client", 7000222, AppInvalid),
        ("invalid_client", 700027, AppInvalid),
        ("unauthorized_client", 700016, AppInvalid),
        ("invalid_request", 90002, AppInvalid),
        ("invalid_request", 50194, AppInvalid),
        ("invalid_request", 50011, AppInvalid),
        ("temporarily_unavailable", 90033, ServerUnavailable),
        # Locked out for a while, a loop of requests, and passing faults, all under the name of a withdrawn grant.
        ("invalid_grant", 50053, ServerUnavailable),
        ("invalid_grant", 50196, ServerUnavailable),
        ("invalid_grant", 90006, ServerUnavailable),
        ("invalid_grant", 90024, ServerUnavailable),
        ("invalid_request", 90055, ServerUnavailable),
        # Codes that nobody has listed: the standard's name decides.
        ("invalid_grant", 1, TokenRevoked),
        ("invalid_client", 1, AppInvalid),
        ("server_error", 1, ServerUnavailable),
        ("consent_required", 1, ConsentMissing),
        ("something_new", 1, ProtocolError),
    ],
)
@pytest.mark.parametrize("listed", [True, False], ids=["with error_codes", "in the text only"])
def test_meaning(error, code, meaning, listed) -> None:
    answer = body(error, code)
    if not listed:
        del answer["error_codes"]
    assert type(refusal(answer)) is meaning


@pytest.mark.parametrize("separator", [" ", "\r\n", "\n"])
def test_the_text_is_what_people_can_use(separator) -> None:
    found = refusal(body("invalid_client", 7000222, "The provided client secret keys are expired.", separator))
    assert found.server_text == "AADSTS7000222: The provided client secret keys are expired."
    assert "expired" in str(found)


def test_secrets_that_are_echoed_are_cut_out() -> None:
    found = refusal(body("invalid_client", 7000215, "Invalid secret 'abc-secret'."), ["abc-secret", ""])
    assert "abc-secret" not in found.server_text and "Invalid secret" in found.server_text


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": None},
        {"error": "x", "error_codes": "no list"},
        {"error_description": 7},
        {"error_codes": ["a", None]},
    ],
)
def test_odd_bodies(answer) -> None:
    assert type(refusal(answer)) is ProtocolError
