# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m bench [NAME …]``: all benchmarks, or those named, see ``BENCHMARKS``."""

from __future__ import annotations

import importlib
import sys

from . import figures
from .world import world

BENCHMARKS = ("imports", "quiet", "matching", "memory", "chatter", "cloud", "rate", "archive", "app")


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    found = []
    for name in names or BENCHMARKS:
        print(f"==> {name} ...", flush=True)
        with world() as place:
            # Only now: our addon can be imported when Odoo knows where addons are.
            results = importlib.import_module(f".{name}", __package__).run(place)
        figures.write(results)
        found += results
    figures.into_readme()
    print(figures.table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
