# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a browser's session keeps of the sign-ins that it has begun, and the ``state`` that ties an answer to one.

RFC 6749 §10.12 and RFC 9700 §4.7: an answer counts once, in the browser, for the user and for the mailbox that it was
asked for.
"""

import binascii
import secrets
from dataclasses import dataclass
from datetime import timedelta

from odoo.http import request
from odoo.tools import hash_sign, verify_hash_signed

_KEY = "crm_mail_sync_sign_ins"
_SCOPE = "crm_mail_sync.oauth.state"
# A person has to find his password and his telephone.
LIFETIME = timedelta(minutes=10)
# Tabs in which one person signs in at the same time; of more the oldest are forgotten.
MOST = 5


@dataclass(frozen=True)
class Flow:
    """A sign-in that was begun in this browser."""

    mailbox_id: int
    provider: str
    redirect_uri: str
    secrets: dict
    acting: bool = False


def new_state(mailbox, provider):
    """A signed state and the nonce in it, by which the session will know it again."""
    nonce = secrets.token_urlsafe(16)
    values = {"nonce": nonce, "mailbox": mailbox.id, "user": request.env.uid, "provider": provider}
    return hash_sign(request.env(su=True), _SCOPE, values, expiration=LIFETIME), nonce


def keep(nonce, flow):
    """Remember the flow in this browser's session."""
    kept = dict(request.session.get(_KEY) or {})
    kept[nonce] = [flow.mailbox_id, flow.provider, flow.redirect_uri, flow.secrets, flow.acting]
    request.session[_KEY] = dict(list(kept.items())[-MOST:])


def take(state, provider):
    """The flow that this state belongs to, which is then used up; None if it is not to be trusted."""
    values = verified(_SCOPE, state)
    if not values or values.get("user") != request.env.uid or values.get("provider") != provider:
        return None
    kept = dict(request.session.get(_KEY) or {})
    found = kept.pop(values["nonce"], None)
    if not found:
        return None
    request.session[_KEY] = kept
    flow = Flow(*found)
    return flow if flow.mailbox_id == values["mailbox"] and flow.provider == provider else None


def verified(scope, text):
    """The values of a signed text, None if it is not ours or has expired."""
    try:
        return verify_hash_signed(request.env(su=True), scope, text or "")
    except (ValueError, binascii.Error, UnicodeError):
        return None
