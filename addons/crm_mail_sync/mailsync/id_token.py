# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who signed in, by the provider's signed word (OpenID Connect Core §2, §3.1.3.7; RFC 7519)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

from .errors import ProtocolError

# Seconds by which the provider's clock and ours may differ.
LEEWAY = 300.0


def verified_claims(id_token: str, keys: Mapping[str, Any], *, audience: str) -> dict[str, Any]:
    """What the token says, if it is signed with one of ``keys``, meant for ``audience`` and in time.

    The caller judges the issuer (``iss``), which may depend on other claims, and the ``nonce``.

    :param keys: a JSON Web Key Set (RFC 7517).
    :raises ProtocolError: the token is not to be trusted.
    """
    try:
        key = _signing_key(id_token, keys)
        return jwt.decode(
            id_token,
            key.key,
            algorithms=["RS256"],
            audience=audience,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "sub", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        # Without the cause: its text may hold parts of the token.
        raise ProtocolError(f"the ID token is not to be trusted ({type(error).__name__})") from None


def _signing_key(id_token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    name = jwt.get_unverified_header(id_token).get("kid")
    for key in jwt.PyJWKSet.from_dict(dict(keys)).keys:
        if name and key.key_id == name and key.public_key_use in ("sig", None):
            return key
    raise jwt.InvalidKeyError()
