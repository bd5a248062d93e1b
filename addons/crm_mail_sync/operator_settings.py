# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What only the server's operator may set: where Google and Microsoft are.

Read from the environment (CRM_MAIL_SYNC_GOOGLE_TOKEN_URI) or from odoo.conf (crm_mail_sync_google_token_uri), never
from the database: whoever could name another place would be sent every secret of the apps and every token of the users.
"""

import os
from dataclasses import fields, replace

from odoo.tools import config

from .mailsync.endpoints import CLOUDS, GoogleEndpoints


def google_endpoints():
    """Google's addresses."""
    return _with_own_places(GoogleEndpoints(), "google")


def microsoft_endpoints(cloud):
    """Microsoft's addresses in this cloud, a key of ``endpoints.CLOUDS``."""
    return _with_own_places(CLOUDS[cloud], "microsoft")


def _with_own_places(endpoints, provider):
    names = [field.name for field in fields(endpoints) if field.name != "ca_file"]
    named = {name: _option(f"crm_mail_sync_{provider}_{name}") for name in names}
    ca_file = os.environ.get("SSL_CERT_FILE", "")
    return replace(endpoints, ca_file=ca_file, **{name: place for name, place in named.items() if place})


def _option(name):
    return os.environ.get(name.upper()) or config.get(name)
