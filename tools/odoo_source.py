# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo 19: Debian's package unpacked into `.local/odoo`, or the checkout that CRM_MAIL_SYNC_ODOO names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import debian, stamps
from .console import SetupError, run, step
from .paths import CACHE, ODOO_UNPACKED, VENV

# The package links to files of these; without them the web client answers 500 or shows no icons.
FROM_SID = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-inconsolata",
)
# The file names in sid's newer package are not the ones Odoo asks for.
FROM_OWN_SUITE = ("fonts-font-awesome",)
# Left out by Debian (it blurs camera pictures); the browser reports an error if nothing is there.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


def checkout() -> Path | None:
    """The folder of the Odoo checkout to use instead of Debian's package, if one is named."""
    named = os.environ.get("CRM_MAIL_SYNC_ODOO")
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    if not (folder / "odoo" / "release.py").is_file():
        raise SetupError(f"CRM_MAIL_SYNC_ODOO is {folder}, but there is no odoo/release.py in it.")
    release = (folder / "odoo" / "release.py").read_text()
    if "version_info = (19, 0" not in release:
        raise SetupError(f"CRM_MAIL_SYNC_ODOO is {folder}, and that is not Odoo 19.0.")
    return folder


def import_root() -> Path:
    """The folder that Python must know to `import odoo`."""
    return checkout() or ODOO_UNPACKED / "usr" / "lib" / "python3" / "dist-packages"


def addons_paths() -> list[Path]:
    """Odoo's own addons folders."""
    root = import_root()
    folders = (root / "odoo" / "addons", root / "addons")
    return [folder for folder in folders if (folder / "base").is_dir() or (folder / "crm").is_dir()]


def prepare() -> None:
    """Have Odoo unpacked and importable from the virtual environment.

    :raises SetupError: it cannot be fetched
    """
    if not checkout() and not stamps.is_done("odoo", _fact()):
        stamps.forget("odoo")
        _unpack()
        stamps.mark_done("odoo", _fact())
    _make_importable()


def _fact() -> str:
    return " ".join((*FROM_SID, *FROM_OWN_SUITE))


def _unpack() -> None:
    with step("Odoo 19 from Debian sid (122 MB, kept in the download cache)"):
        cache = CACHE / "debs"
        files = debian.fetch("", FROM_OWN_SUITE, cache) + debian.fetch("sid", FROM_SID, cache)
    with step("Unpacking Odoo 19"):
        part = ODOO_UNPACKED.with_name("odoo.part")
        shutil.rmtree(part, ignore_errors=True)
        for file in files:
            _extract(file, part)
        left_out = part / "usr/lib/python3/dist-packages/odoo/addons" / LEFT_OUT
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
        shutil.rmtree(ODOO_UNPACKED, ignore_errors=True)
        part.rename(ODOO_UNPACKED)


def _extract(file: Path, into: Path) -> None:
    try:
        run(["dpkg", "-x", file, into], f"{file.name} could not be unpacked.")
    except SetupError:
        # Never try again with a file that is damaged: the next run fetches it anew.
        file.unlink(missing_ok=True)
        raise


def _make_importable() -> None:
    (packages,) = VENV.glob("lib/python3*/site-packages")
    path_file = packages / "odoo.pth"
    wanted = f"{import_root()}\n"
    if not path_file.is_file() or path_file.read_text() != wanted:
        path_file.write_text(wanted)
