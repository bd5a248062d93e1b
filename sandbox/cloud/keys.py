# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""RSA keys: the one that signs identity tokens, and those of service accounts."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

_YEAR = datetime.timedelta(days=365)


class SigningKey:
    """A key pair and its name, as JWT headers give it (RFC 7515, ``kid``)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT signed with RS256."""
        return jwt.encode(claims, self._private, algorithm="RS256", headers={"kid": self.name})

    def verify(self, token: str, audiences: Sequence[str]) -> dict[str, Any]:
        """The claims of a JWT signed with this key; times are not looked at.

        :raises jwt.InvalidTokenError: it is not, or for none of the audiences
        """
        claims: dict[str, Any] = jwt.decode(
            token,
            self._private.public_key(),
            algorithms=["RS256"],
            audience=audiences,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
        )
        return claims

    def private_pem(self) -> str:
        """The private key as Google's key files hold it (PKCS 8)."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def jwk(self) -> dict[str, Any]:
        """The public key as RFC 7517 writes it."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._private.public_key()))
        return {**key, "kid": self.name, "use": "sig", "alg": "RS256"}

    @cached_property
    def certificate_pem(self) -> str:
        """The public key as a certificate, which is how google-auth asks for it."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "federated-signon.sandbox")])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _YEAR)
            .not_valid_after(now + _YEAR)
        )
        return builder.sign(self._private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
