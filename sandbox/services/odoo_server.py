# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's own web server, ready when its log-in page answers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .process import started


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run Odoo's server by its command line, which must name the same port.

    :return: the server's address
    :raises ServiceError: it does not start
    """
    address = f"http://localhost:{port}"
    with started(
        command, log=log, ready=lambda: _answers(f"{address}/web/login"), seconds=120, environment=environment
    ):
        yield address


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
