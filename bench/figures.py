# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.json"
README = Path(__file__).parent.parent / "README.md"
_PLACE = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """One result and what it is measured against."""

    name: str
    value: float
    unit: str
    yardstick: str
    yardstick_value: float

    @property
    def ratio(self) -> float:
        return self.value / self.yardstick_value if self.yardstick_value else 0.0


def write(figures: Iterable[Figure]) -> None:
    """Put these into the results, in the place of older ones of the same names."""
    kept = {row["name"]: row for row in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    for figure in figures:
        kept[figure.name] = {key: _rounded(value) for key, value in {**asdict(figure), "ratio": figure.ratio}.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(list(kept.values()), indent=1) + "\n")


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | value | yardstick | ratio |", "|---|---|---|---|"]
    lines += [
        f"| `{f.name}` | {f.value:,.4g} {f.unit} | {f.yardstick}: {f.yardstick_value:,.4g} | {f.ratio:.3g} |"
        for f in figures
    ]
    return "\n".join(lines)


def into_readme() -> None:
    """Put the table of all results between the two marks in README.md."""
    names = [field.name for field in fields(Figure)]
    shown = table(Figure(**{name: row[name] for name in names}) for row in json.loads(RESULTS.read_text()))
    README.write_text(_PLACE.sub(lambda _old: f"{shown}\n", README.read_text()))
