# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An app registered at Microsoft, and msal as its client."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msal
import requests
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ...endpoints import MicrosoftEndpoints
from ...errors import AppInvalid, ProtocolError
from ...http_session import JsonSession, Session, json_object, never_log
from ...oauth import Tokens
from .refusals import refusal

never_log("msal.application", "msal.oauth2cli.assertion", "msal.oauth2cli.oauth2", "msal.token_cache")
# It advises a way back by POST, which would come without the session's cookie (SameSite=Lax), and against asking for a
# token of many tenants' authority, which we do to have a secret judged and for nothing else.
warnings.filterwarnings("ignore", message="response_mode='form_post' is recommended")
warnings.filterwarnings("ignore", message="Using /common or /organizations authority")

# Authorities that stand for many organisations (https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints).
MANY = ("common", "organizations", "consumers")


@dataclass(frozen=True, slots=True)
class MicrosoftApp:
    """An app registration at Entra, with a secret or a certificate.

    :ivar certificate: private key and certificate, one after the other, in PEM.
    :ivar tenant: an organisation's id or domain; "organizations", or "common" (with private accounts), if the app is
        registered for many.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    tenant: str = "organizations"
    endpoints: MicrosoftEndpoints = MicrosoftEndpoints()

    @property
    def authority(self) -> str:
        return f"{self.endpoints.login.rstrip('/')}/{quote(self.tenant, safe='')}"

    def credential(self) -> str | dict[str, str]:
        """As msal takes it; raises AppInvalid if there is none that can be used."""
        if self.certificate:
            _check_certificate(self.certificate)
            return {"private_key": self.certificate, "public_certificate": self.certificate}
        if self.client_secret:
            return self.client_secret
        raise AppInvalid("the app has neither a secret nor a certificate")

    def secrets(self) -> tuple[str, ...]:
        return self.client_secret, self.certificate


class EntraSession(JsonSession):
    """When msal is refused its authority, it keeps the reason to itself: that is told from here."""

    def request(self, method: str | bytes, url: str | bytes, **options: Any) -> requests.Response:  # type: ignore[override]
        response = super().request(method, url, **options)
        if method == "GET" and response.status_code >= 400:
            raise refusal(json_object(response))
        return response


def ask(
    app: MicrosoftApp, question: Callable[[msal.ConfidentialClientApplication], Mapping[str, Any]]
) -> dict[str, Any]:
    """What msal answers, by a client that is used once: it would answer the same failing question from memory.

    :raises AppInvalid: there is no such authority, or the app cannot be used as it is.
    :raises ProtocolError: msal cannot make sense of an answer; it reads ID tokens unguarded.
    """
    with EntraSession(app.endpoints.ca_file) as session:
        client = _client(app, session)
        try:
            return dict(question(client))
        except (ValueError, LookupError, RuntimeError, AttributeError, TypeError) as error:
            # Without the cause: msal puts states, nonces and answers into its texts.
            raise ProtocolError(f"msal: {type(error).__name__}") from None


def _client(app: MicrosoftApp, session: Session) -> msal.ConfidentialClientApplication:
    try:
        return msal.ConfidentialClientApplication(
            app.client_id,
            client_credential=app.credential(),
            authority=app.authority,
            # The operator has said where to sign in. Microsoft's public cloud need not know the place.
            instance_discovery=False,
            http_client=session,
        )
    except ValueError:
        raise AppInvalid("the tenant's name cannot be used") from None
    except LookupError:
        raise ProtocolError("Entra does not say where its endpoints are") from None


def _check_certificate(pem: str) -> None:
    """Raise AppInvalid unless this is an RSA key and its certificate. msal would find out while it asks."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AppInvalid("private key and certificate, unencrypted and in PEM, are needed") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise AppInvalid("private key and certificate do not belong together")


def tokens_of(answer: Mapping[str, Any], secrets: Iterable[str], before: Tokens | None = None) -> Tokens:
    """The tokens in an answer of msal's.

    :param secrets: what was sent and must not come back in an error's text.
    :param before: what holds on where the answer says nothing: refresh token and scopes (RFC 6749 §5.1, §6).
    :raises MailSyncError: the answer is a refusal.
    """
    if "error" in answer:
        raise refusal(answer, secrets)
    if not answer.get("access_token"):
        raise ProtocolError("no access token came")
    try:
        expires_at = time.time() + float(answer.get("expires_in", 0))
    except (TypeError, ValueError) as error:
        raise ProtocolError("expires_in is no number") from error
    # They come with and without the resource they are of: https://graph.microsoft.com/Mail.Read.
    scopes = frozenset(scope.rpartition("/")[2] for scope in str(answer.get("scope", "")).split())
    refresh_token = answer.get("refresh_token", "")
    if before:
        scopes, refresh_token = scopes or before.scopes, refresh_token or before.refresh_token
    return Tokens(answer["access_token"], expires_at, refresh_token, scopes)
