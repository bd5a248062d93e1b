# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A plugin of pytest for tests inside Odoo: each worker has files of its own, as it has a database of its own.

pytest-odoo has the workers share a file store. What one of them throws away there, as nothing in its database needs it,
may be a file that another one has just stored.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_files(load_registry: None) -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield
        return
    from odoo.tools import config

    shared = Path(config.filestore(""))
    own = shared.with_name(f"{shared.name}-{worker}")
    if shared.is_dir():
        # Odoo never changes a stored file: links are enough.
        shutil.copytree(shared, own, copy_function=os.link, dirs_exist_ok=True)
    with mock.patch.object(config, "filestore", return_value=str(own)):
        yield
    shutil.rmtree(own, ignore_errors=True)
