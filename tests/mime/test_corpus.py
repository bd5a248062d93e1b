# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Other people's mail, judged by what independent parsers agree on and by what its sources say it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import ROOT, corpus, corpus_messages

# Of 999 messages six are read otherwise than the reference, each on purpose: a Message-ID with rubbish behind it, raw
# ISO-2022-JP and UTF-7 decoded, a bang path kept whole, a broken uuencoded file, an attached message kept as a file.
MUST_BE_CLEAN = 0.99


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``python -m mailsync.mime`` prints of the corpus."""
    path = tmp_path_factory.mktemp("corpus") / "readings.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "addons" / "crm_mail_sync")}
    command = [sys.executable, "-m", "mailsync.mime", str(corpus() / "eml")]
    with path.open("wb") as output:
        subprocess.run(command, env=environment, stdout=output, check=True, timeout=120)
    return path


@pytest.fixture(scope="module")
def report(readings: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The comparison of that with the references."""
    path = tmp_path_factory.mktemp("report") / "report.json"
    tool = corpus().parent / "tools" / "corpus_compare.py"
    command = [sys.executable, str(tool), "score", str(corpus()), str(readings), "--out", str(path)]
    subprocess.run(command, check=True, timeout=120)
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def test_no_message_fails(report: dict[str, Any]) -> None:
    assert report["messages"] == len(corpus_messages())
    assert report["faults"]["exception"] == 0


def test_messages_without_a_hard_fault(report: dict[str, Any]) -> None:
    assert report["clean"] >= MUST_BE_CLEAN * report["messages"], json.dumps(report["by_message"], indent=1)


def test_no_file_is_changed_and_none_invented_away(report: dict[str, Any]) -> None:
    faults = report["faults"]
    assert faults["attachment_changed"] == 0
    assert faults["report_part_lost"] == 0
    # a file inside an attached message, which is kept as a whole, and a uuencoded one that is broken
    assert faults["attachment_lost"] <= 2


def test_values_of_the_sources_themselves(report: dict[str, Any]) -> None:
    wrong = report["expected_wrong"]
    assert wrong["subject"] == wrong["message_id"] == wrong["date"] == 0
    assert wrong["from"] <= 1


def test_numbers_of_files_that_the_sources_give(readings: Path) -> None:
    """Sources that count "at least" are met; of those that count exactly, most: theirs count report parts otherwise."""
    expected = [json.loads(line) for line in (corpus() / "expected_from_sources.jsonl").open(encoding="utf-8")]
    files = {r["file"]: len(r["attachments"]) for r in map(json.loads, readings.open(encoding="utf-8"))}
    at_least = [e for e in expected if "attachments_at_least" in e]
    exactly = [e for e in expected if "attachments" in e]
    assert at_least
    assert [e["file"] for e in at_least if files[e["file"]] < e["attachments_at_least"]] == []
    equal = sum(files[e["file"]] == e["attachments"] for e in exactly)
    assert equal >= 0.88 * len(exactly)
