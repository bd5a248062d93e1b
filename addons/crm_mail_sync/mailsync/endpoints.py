# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where Google and Microsoft are. The server's operator may name other places, nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cloud = Literal["global", "us_gov", "us_dod", "china"]


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Google's addresses (https://accounts.google.com/.well-known/openid-configuration; Gmail discovery document).

    ``certs_uri``: the keys of ID tokens as a JSON Web Key Set.
    ``ca_file``: certificate authorities to trust instead of the usual ones, as a PEM file; "" for the usual.
    """

    auth_uri: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_uri: str = "https://oauth2.googleapis.com/token"
    revoke_uri: str = "https://oauth2.googleapis.com/revoke"
    certs_uri: str = "https://www.googleapis.com/oauth2/v3/certs"
    api_root: str = "https://gmail.googleapis.com/"
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class MicrosoftEndpoints:
    """Entra and Graph of one cloud (https://learn.microsoft.com/graph/deployments)."""

    login: str = "https://login.microsoftonline.com"
    graph: str = "https://graph.microsoft.com"
    ca_file: str = ""


CLOUDS: dict[Cloud, MicrosoftEndpoints] = {
    "global": MicrosoftEndpoints(),
    "us_gov": MicrosoftEndpoints("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "us_dod": MicrosoftEndpoints("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": MicrosoftEndpoints("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
