# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The template database of the tests, made by ``make test`` in a process of its own beside the tests that need none."""

from __future__ import annotations

from sandbox.services import postgres

from . import database
from .console import main
from .paths import LOCAL


def template() -> None:
    with postgres.running(LOCAL / "pg") as server:
        database.prepare(server, demo=False)


if __name__ == "__main__":
    main(template)
