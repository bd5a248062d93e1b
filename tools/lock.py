# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make lock``: write the lock files anew, with the newest versions that the bounds in requirements/*.in allow."""

from __future__ import annotations

import os

from .console import main, run, step
from .paths import PYTHON, ROOT

OLDEST = "3.10"


def lock() -> None:
    os.chdir(ROOT)
    _lock("dev", "--upgrade")
    # The same versions as in the environment that everything is tested in.
    _lock("runtime", "--constraint", "requirements/dev.lock")


def _lock(name: str, *options: str) -> None:
    with step(f"requirements/{name}.lock"):
        words = ["pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", *options]
        target = ["--python-version", OLDEST, "-o", f"requirements/{name}.lock", f"requirements/{name}.in"]
        run([PYTHON, "-m", "uv", *words, *target], "The lock file could not be made.")


if __name__ == "__main__":
    main(lock)
