# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make check``: lint, types and the tests without a database. Everything runs, then the worst status counts."""

from __future__ import annotations

import os
import subprocess
import time

from . import odoo_process, test
from .console import main, say
from .paths import PYTHON, ROOT

CODE = ("addons", "tools", "sandbox", "tests", "bench")


def check() -> int:
    os.chdir(ROOT)
    folders = [name for name in CODE if (ROOT / name).is_dir()]
    addons = [f"addons/{name}" for name in odoo_process.our_modules()]
    checks = {
        "ruff check": ["-m", "ruff", "check", *folders],
        "ruff format": ["-m", "ruff", "format", "--check", "--quiet", *folders],
        "pylint-odoo": ["-m", "pylint", *addons],
        "mypy": ["-m", "mypy"],
    }
    passed = [_passes(name, words) for name, words in checks.items()]
    return 0 if not test.pure(test.PURE, ["-q", "-m", "not slow"]) and all(passed) else 1


def _passes(name: str, words: list[str]) -> bool:
    started = time.monotonic()
    done = subprocess.run([PYTHON, *words], capture_output=True, text=True, check=False)
    say(f"==> {name}: {'ok' if not done.returncode else 'FAILED'} ({time.monotonic() - started:.1f} s)")
    if done.returncode:
        say(done.stdout + done.stderr)
    return not done.returncode


if __name__ == "__main__":
    main(check)
