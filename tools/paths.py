# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where everything lies. Only `.venv`, `.local` and the download cache are ever written to."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCAL = ROOT / ".local"
STAMPS = LOCAL / "stamps"
ODOO_UNPACKED = LOCAL / "odoo"
ODOO_DATA = LOCAL / "odoo-data"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm-mail-sync"
DEMO_DATABASE = "crm_mail_sync_demo"
LOCK = ROOT / "requirements" / "dev.lock"
