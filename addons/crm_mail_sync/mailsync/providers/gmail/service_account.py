# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A Workspace administrator lets a service account read everybody's mailbox (domain-wide delegation).

Source: https://developers.google.com/identity/protocols/oauth2/service-account#delegatingauthority
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import google.oauth2.service_account
from google.auth.exceptions import GoogleAuthError

from ...endpoints import GoogleEndpoints
from ...errors import AdminConsentNeeded, AppInvalid, MailboxDisabled, MailSyncError, readable
from ...oauth import Tokens
from .grants import MODIFY, READ, SEND, library_error, refresh

SCOPES = (READ, SEND)
# What the administrator has to allow beside these, if mailboxes are to be changed too.
ACTING_SCOPES = (MODIFY,)


class ServiceAccount:
    """:class:`~mailsync.oauth.TokenSource` for one mailbox of the organisation."""

    def __init__(self, info: Mapping[str, Any], address: str, endpoints: GoogleEndpoints, acting: bool = False) -> None:
        """Takes the key as Google's console gives it out; raises AppInvalid if it is none.

        :param address: the mailbox to act for.
        :param acting: for a session that changes something.
        """
        self._scopes = ACTING_SCOPES if acting else SCOPES
        # The key's own token_uri is not obeyed: whoever enters a key must not choose where we connect to.
        info = {**info, "token_uri": endpoints.token_uri}
        try:
            self._credentials = google.oauth2.service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=self._scopes, subject=address
            )
        except (GoogleAuthError, ValueError, KeyError, TypeError, AttributeError):
            # Without the cause: its text may hold parts of the key.
            raise AppInvalid("this is not the key of a service account") from None
        self._client_id = str(info.get("client_id", ""))
        self._endpoints = endpoints

    def renewed(self, tokens: Tokens | None) -> Tokens:
        """New tokens; raises AdminConsentNeeded too, with what has to be allowed as ``server_text``."""
        access_token, ends = refresh(self._credentials, self._endpoints.ca_file, self._meaning)
        return Tokens(access_token, ends, scopes=frozenset(self._scopes))

    def _meaning(self, error: GoogleAuthError) -> MailSyncError:
        answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Mapping) else {}
        code, description = answer.get("error"), str(answer.get("error_description", ""))
        if code in ("unauthorized_client", "access_denied"):
            needed = f"client id {self._client_id}, scopes {','.join(self._scopes)}"
            return AdminConsentNeeded(f"the Workspace administrator has to allow: {needed}", server_text=needed)
        if code == "invalid_grant":
            # There is no grant that could be revoked: it is about the mailbox ("Invalid email or User ID"), or the key.
            kind = MailboxDisabled if "user id" in description.lower() else AppInvalid
            return kind(server_text=readable(description))
        return library_error(error)
