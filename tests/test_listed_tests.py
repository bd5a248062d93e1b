# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's own runner knows the tests that a package imports; pytest finds them by itself and would not miss any."""

import ast
from pathlib import Path

import pytest

ADDONS = Path(__file__).resolve().parents[1] / "addons"


@pytest.mark.parametrize("folder", sorted(ADDONS.glob("*/tests")), ids=lambda folder: folder.parent.name)
def test_all_are_listed_for_odoos_runner(folder):
    tree = ast.parse((folder / "__init__.py").read_text())
    listed = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert listed == {file.stem for file in folder.glob("test_*.py")}
