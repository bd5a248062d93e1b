# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make help``: the commands, read from the Makefile, and the environment variables."""

from __future__ import annotations

import re

from .console import main, say
from .paths import ROOT

VARIABLES = {
    "PYTHON": "the Python to use, 3.10 or newer (default python3), as in make PYTHON=python3.11 demo",
    "CRM_MAIL_SYNC_ODOO": "folder of an Odoo 19 checkout to use instead of Debian's package",
    "CRM_MAIL_SYNC_PG": "URL of a PostgreSQL server to use instead of the embedded one, postgresql://user:password@host/;"
    " the role may create databases and is not postgres. PGHOST, PGPORT, PGUSER, PGPASSWORD count as well",
    "CRM_MAIL_SYNC_PORT": "port of the demo's Odoo (default 8069)",
    "CRM_MAIL_SYNC_CORPUS": "folder of the message corpus that tests measure with (default ../shared/corpus)",
    "XDG_CACHE_HOME": "where downloads are kept, in crm-mail-sync (default ~/.cache)",
}


def show() -> None:
    say("Commands:")
    for target, text in re.findall(r"^([\w-]+):.*?## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE):
        say(f"  make {target:<10} {text}")
    say("\nEnvironment variables:")
    for name, text in VARIABLES.items():
        say(f"  {name:<21} {text}")


if __name__ == "__main__":
    main(show)
