# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make pot``: each addon's i18n/ADDON.pot, exported from a database in which it is freshly installed."""

from __future__ import annotations

import re

from sandbox.services import postgres

from . import database, odoo_process
from .console import main, step
from .paths import ADDONS, LOCAL

# Dates that change with every export, though no text did.
CHANGING = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


def export() -> None:
    with postgres.running(LOCAL / "pg") as server, database.temporary(server, demo=False) as name:
        configuration = odoo_process.write_configuration(server, name)
        for module in odoo_process.our_modules():
            file = ADDONS / module / "i18n" / f"{module}.pot"
            file.parent.mkdir(exist_ok=True)
            with step(f"{module}.pot"):
                odoo_process.run(
                    configuration,
                    "i18n export",
                    "-o",
                    str(file),
                    module,
                    why=f"The texts of {module} could not be exported.",
                )
            file.write_text(CHANGING.sub("", file.read_text()))


if __name__ == "__main__":
    main(export)
