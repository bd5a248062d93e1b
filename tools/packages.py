# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Python packages: a virtual environment with exactly what the lock file names, checked by hash."""

from __future__ import annotations

import subprocess
import sys

from . import debian, stamps
from .console import SetupError, run, step
from .paths import LOCK, PYTHON, VENV

OLDEST_PYTHON = (3, 10)


def prepare() -> None:
    """Have `.venv` with the locked packages.

    :raises SetupError: wrong Python, no `venv` module, or the package index cannot be reached
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Odoo 19 needs Python 3.10 or newer and this is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.11 ..."
        )
    fact = stamps.digest_of([LOCK], _version())
    if _works() and stamps.is_done("packages", fact):
        return
    stamps.forget("packages")
    if not _works():
        _make_environment()
    with step("Python packages of the lock file (about a minute the first time)"):
        run(
            [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes", "-r", LOCK],
            "The Python packages could not be installed; is there a network?",
        )
    stamps.mark_done("packages", fact)


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _works() -> bool:
    """Is the environment there, of this Python version, and with its pip?"""
    if not PYTHON.exists():
        return False
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([PYTHON, "-c", probe], capture_output=True, text=True, check=False)
    return found.stdout.strip() == _version()


def _make_environment() -> None:
    if debian.install([debian.VENV_MODULE]):
        raise SetupError("Python's module venv is missing; install the Debian package python3-venv.")
    with step(f"Python environment in {VENV.name}"):
        run([sys.executable, "-m", "venv", "--clear", VENV], "The Python environment could not be made.")
