# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Other people's mail to test with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def corpus() -> Path:
    """Folder of other people's mail, beside the project unless CRM_MAIL_SYNC_CORPUS names it.

    It cannot be handed on with the sources, so who has none skips what needs it; in CI and where it is named it must be
    there.
    """
    named = os.environ.get("CRM_MAIL_SYNC_CORPUS")
    folder = Path(named or ROOT.parent / "shared" / "corpus")
    if (folder / "eml").is_dir():
        return folder
    reason = f"No mail corpus in {folder}: set CRM_MAIL_SYNC_CORPUS to the folder that holds eml/."
    if named or os.environ.get("CI"):
        raise AssertionError(reason)
    pytest.skip(reason, allow_module_level=True)


def corpus_messages() -> list[Path]:
    return sorted((corpus() / "eml").glob("*.eml"))
