# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An organisation's administrator lets the app itself read mailboxes (application permission).

Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

from __future__ import annotations

from ...errors import AppInvalid
from ...oauth import Tokens
from .app import MANY, MicrosoftApp, ask, tokens_of


class MicrosoftApplication:
    """:class:`~mailsync.oauth.TokenSource` for every mailbox of the app's tenant.

    Whether the administrator has consented shows at Graph only: Entra gives tokens without permissions too.
    """

    def __init__(self, app: MicrosoftApp) -> None:
        self._app = app
        self._scope = f"{app.endpoints.graph.rstrip('/')}/.default"

    def renewed(self, tokens: Tokens | None) -> Tokens:
        if self._app.tenant in MANY:
            raise AppInvalid("an application permission is given by one tenant: set the tenant")
        got = ask(self._app, lambda client: client.acquire_token_for_client([self._scope]))
        return tokens_of(got, self._app.secrets())
