# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Runs a function inside Odoo, in a process of its own: ``python -m tools.inside_odoo CONFIGURATION MODULE FACTS``.

The module's ``run(env, facts)`` gets the database's environment as superuser and what was pickled to the file FACTS;
the status is 0 if it returns True. What it does is committed unless it raises.
"""

from __future__ import annotations

import importlib
import pickle
import sys
from pathlib import Path

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry

from .console import main


def call() -> int:
    configuration, module, facts = sys.argv[1:]
    options = ["-c", configuration, f"--logfile={Path(configuration).with_suffix('.log')}"]
    odoo.tools.config.parse_config(options, setup_logging=True)
    (database,) = odoo.tools.config["db_name"]
    run = importlib.import_module(module).run
    with Registry(database).cursor() as cursor:
        env = odoo.api.Environment(cursor, odoo.api.SUPERUSER_ID, {})
        succeeded = run(env, pickle.loads(Path(facts).read_bytes()))
    return 0 if succeeded else 1


if __name__ == "__main__":
    main(call)
