# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make test`` makes the template database while the tests run that need none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import test
from tools.console import SetupError


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Both parts as words on the screen; the first ends once the preparation has left its mark in this folder."""

    def pure(_paths: object, _options: object) -> int:
        while not (tmp_path / "begun").exists():
            pass
        print("pure", flush=True)
        return 0

    def within_odoo(_paths: object, _options: object) -> int:
        print("inside", flush=True)
        return 3

    monkeypatch.setattr(test, "pure", pure)
    monkeypatch.setattr(test, "within_odoo", within_odoo)
    monkeypatch.setattr(sys, "argv", ["test"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def prepare_by(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    begin = f"from pathlib import Path; Path({str(folder / 'begun')!r}).touch();"
    monkeypatch.setattr(test, "PREPARATION", python(begin + program))


def test_it_runs_beside_the_first_part_and_is_shown_behind_it(
    parts: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare_by(monkeypatch, parts, "print('prepared')")
    assert test.test() == 3
    assert capfd.readouterr().out.split() == ["pure", "prepared", "inside"]


def test_a_failed_preparation_is_told_and_nothing_is_run_on_it(
    parts: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare_by(monkeypatch, parts, "raise SystemExit('no room left')")
    with pytest.raises(SetupError, match="said above"):
        test.test()
    assert capfd.readouterr().out.split("\n")[:2] == ["pure", "no room left"]


def test_who_asks_for_one_part_waits_for_no_preparation(
    parts: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (parts / "begun").touch()
    monkeypatch.setattr(test, "PREPARATION", python("raise SystemExit(1)"))
    for path, said in (("tests", "pure"), ("addons/crm_mail_sync/tests", "inside")):
        monkeypatch.setattr(sys, "argv", ["test", path])
        test.test()
        assert capfd.readouterr().out.split() == [said]


def test_whoever_interrupts_the_first_part_leaves_no_preparation_behind() -> None:
    with pytest.raises(KeyboardInterrupt), test.beside(python("import time; time.sleep(600)")) as process:
        assert process.poll() is None
        raise KeyboardInterrupt
    assert process.returncode
