# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make clean``: remove what the other commands made inside the project."""

from __future__ import annotations

import fcntl
import shutil

from .console import SetupError, main, say
from .paths import LOCAL, ROOT, VENV

CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis")


def clean() -> None:
    for users in LOCAL.glob("pg*/users.lock"):
        with users.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise SetupError("A demo or a test run is still using the database; stop it first.") from exc
    for folder in (VENV, LOCAL, *(ROOT / name for name in CACHES)):
        shutil.rmtree(folder, ignore_errors=True)
    say("Removed .venv and .local. The download cache in the user's cache folder stays.")


if __name__ == "__main__":
    main(clean)
