# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import ast
import re
from pathlib import Path

import docutils.core
import pytest

from tools import readme, stamps
from tools.paths import ADDONS, ROOT

FRAGMENT = """
Archives letters of **customers**.

1. Open *Settings*.
2. Press `Submit`, see [the site](https://example.org/a_b).

| Rule | Links to |
|------|----------|
| main | customer |

```python
print("x")
```
"""


def names_in(requirements: str) -> set[str]:
    lines = (ROOT / "requirements" / requirements).read_text().splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-"))}


def test_the_addon_asks_for_what_the_lock_gives() -> None:
    manifest = ast.literal_eval((ADDONS / "crm_mail_sync" / "__manifest__.py").read_text())
    assert set(manifest["external_dependencies"]["python"]) == names_in("runtime.in")


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    packages = re.findall(r"^[\w.-]+==.*\n((?:    --hash.*\n)*)", text, re.MULTILINE)
    assert packages
    assert all("--hash=sha256:" in hashes for hashes in packages)


def test_the_tested_versions_of_the_addons_packages_are_the_locked_ones() -> None:
    locked = {name: set(re.findall(r"^[\w.-]+==[\w.]+", _lock(name), re.MULTILINE)) for name in ("runtime", "dev")}
    assert locked["runtime"] <= locked["dev"]


def _lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def test_a_readme_is_valid_and_has_its_sections_in_order(tmp_path: Path) -> None:
    (tmp_path / "__manifest__.py").write_text("{'name': 'Mäil', 'license': 'LGPL-3', 'website': 'https://example.org'}")
    (tmp_path / "readme").mkdir()
    for section in ("USAGE", "DESCRIPTION", "CONFIGURE"):
        (tmp_path / "readme" / f"{section}.md").write_text(FRAGMENT)
    text = readme.compose(tmp_path)
    docutils.core.publish_string(text, writer_name="null", settings_overrides={"halt_level": 2})
    places = [text.index(heading) for heading in ("Mäil", "Configuration\n=", "Usage\n=", "License\n=")]
    assert places == sorted(places)


def test_a_hash_follows_names_contents_and_words(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    digests = {
        stamps.digest_of([tmp_path / "a"]),
        stamps.digest_of([tmp_path / "b"]),
        stamps.digest_of([tmp_path / "a", tmp_path / "b"]),
        stamps.digest_of([tmp_path / "a"], "word"),
    }
    (tmp_path / "a").write_text("2")
    assert stamps.digest_of([tmp_path / "a"]) not in digests
    assert len(digests) == 4
