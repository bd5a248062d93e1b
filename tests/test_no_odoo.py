# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The engine knows nothing of Odoo: neither by import nor by name of a module that would load it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mailsync

ENGINE = Path(mailsync.__file__).parent
FILES = sorted(ENGINE.rglob("*.py"))


def imported(source: str) -> Iterator[tuple[int, str]]:
    """(level, module) of every import, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


def outside(level: int, module: str, depth: int) -> bool:
    """Whether an import leaves the engine for Odoo, or climbs out of the engine's folder."""
    if level == 0:
        return module.partition(".")[0] in ("odoo", "mailsync")
    return level > depth


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ENGINE)))
def test_no_file_of_the_engine_imports_odoo(path: Path) -> None:
    depth = len(path.relative_to(ENGINE).parts)
    found = [i for i in imported(path.read_text("utf-8")) if outside(*i, depth=depth)]
    assert not found, "import the engine relatively, and Odoo not at all"


def test_the_check_finds_what_it_looks_for() -> None:
    source = "def f():\n    import odoo.fields\n    from odoo import api\n    from ...models import x\n"
    found = list(imported(source))
    assert [outside(*i, depth=2) for i in found] == [True, True, True]
    assert len(FILES) > 5
