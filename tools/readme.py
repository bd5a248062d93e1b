# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make readme``: each addon's README.rst, and its page in Odoo's list of apps, from its Markdown fragments.

Names and order of the fragments are OCA's.

OCA's own generator comes from a repository, not from a package index, and so cannot be pinned by the lock file.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import m2r2
from docutils.core import publish_string

from . import odoo_process
from .console import SetupError, main, say
from .paths import ADDONS

# Fragment and the heading it stands under; the description has none.
SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Use Cases / Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
    "CREDITS": "Credits",
    "CONTRIBUTORS": "Contributors",
}
# Where an addon's pictures and its page lie; fragments say it from their own folder.
PICTURES = "static/description/"
NOTE = ".. Made from the fragments in readme/ by `make readme`: change those, not this file.\n"


def write() -> None:
    for module in odoo_process.our_modules():
        addon = ADDONS / module
        if not (addon / "readme" / "DESCRIPTION.md").is_file():
            raise SetupError(f"{addon / 'readme'} lacks DESCRIPTION.md, which every README begins with.")
        text = compose(addon)
        (addon / "README.rst").write_text(text)
        (addon / PICTURES / "index.html").write_text(page(text))
        say(f"addons/{module}/README.rst, addons/{module}/{PICTURES}index.html")


def compose(addon: Path) -> str:
    manifest: dict[str, Any] = ast.literal_eval((addon / "__manifest__.py").read_text())
    name = manifest["name"]
    parts = [NOTE, _heading(name, "=", above=True)]
    for section, heading in SECTIONS.items():
        fragment = addon / "readme" / f"{section}.md"
        if fragment.is_file():
            text = m2r2.convert(fragment.read_text()).strip().replace(f"../{PICTURES}", PICTURES)
            parts.append(f"{_heading(heading, '=')}{text}\n" if heading else f"{text}\n\n.. contents::\n   :local:\n")
    about = f"{name} is licensed under {manifest['license']}. Its home is {manifest['website']}.\n"
    return "\n".join([*parts, _heading("License", "=") + about])


def page(text: str) -> str:
    """A README.rst as HTML, without a style sheet: Odoo shows it in its own."""
    settings = {"stylesheet_path": "", "output_encoding": "unicode", "initial_header_level": 2}
    source = text.replace(f".. image:: {PICTURES}", ".. image:: ").replace(f":target: {PICTURES}", ":target: ")
    return str(publish_string(source, writer_name="html5", settings_overrides=settings))


def _heading(text: str, mark: str, above: bool = False) -> str:
    line = mark * len(text)
    return f"{line}\n{text}\n{line}\n" if above else f"{text}\n{line}\n\n"


if __name__ == "__main__":
    main(write)
