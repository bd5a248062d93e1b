# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from sandbox.services import postgres
from sandbox.services.process import ServiceError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_MAIL_SYNC_PG", raising=False)
    monkeypatch.delenv("PGHOST", raising=False)


def test_the_last_user_stops_the_server_and_the_data_stay(tmp_path: Path) -> None:
    with postgres.running(tmp_path) as first:
        first.create("kept")
        with postgres.running(tmp_path) as second:
            assert "kept" in second.databases()
        assert "kept" in first.databases()
    with pytest.raises(psycopg2.OperationalError):
        first.databases()
    with postgres.running(tmp_path) as again:
        assert "kept" in again.databases()


def test_a_copy_holds_what_its_template_holds(tmp_path: Path) -> None:
    with postgres.running(tmp_path) as server:
        server.create("template with blanks")
        with closing(server.connect("template with blanks")) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE letter AS SELECT 'é' AS text")
        server.create("copy", "template with blanks")
        with closing(server.connect("copy")) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT text FROM letter")
            assert cursor.fetchall() == [("é",)]
        server.drop("copy")
        assert "copy" not in server.databases()


def test_a_configured_server_is_used_and_left_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.running(tmp_path / "there") as there:
        monkeypatch.setenv("CRM_MAIL_SYNC_PG", f"postgresql://odoo@/postgres?host={there.host}")
        with postgres.running(tmp_path / "unused") as used:
            assert used.host == there.host
        assert there.databases()
    assert not (tmp_path / "unused").exists()


def test_a_configured_server_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_MAIL_SYNC_PG", f"host={tmp_path} user=odoo")
    with pytest.raises(ServiceError, match="cannot be reached"), postgres.running(tmp_path):
        pass
