# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from pathlib import Path

from sandbox.services import maildir
from sandbox.services.maildir import Mail


def test_files_sort_in_the_order_written_and_say_date_flags_and_size(tmp_path: Path) -> None:
    mails = [Mail(b"Subject: %d\n\n" % number, ("\\Seen", "\\Answered"), 1e9 + number) for number in range(50)]
    assert maildir.write(tmp_path / "INBOX", mails) == 50
    files = sorted((tmp_path / "INBOX" / "cur").iterdir())
    assert [file.read_bytes() for file in files] == [b"Subject: %d\r\n\r\n" % number for number in range(50)]
    assert [file.stat().st_mtime for file in files] == [1e9 + number for number in range(50)]
    assert all(file.name.endswith(f",S={file.stat().st_size},W={file.stat().st_size}:2,RS") for file in files)
    assert not any((tmp_path / "INBOX" / "tmp").iterdir())


def test_line_ends_that_travel_rightly_stay_as_they_are(tmp_path: Path) -> None:
    maildir.write(tmp_path, [Mail(b"a\r\nb\nc\rd\r\r\n")])
    (file,) = (tmp_path / "cur").iterdir()
    assert file.read_bytes() == b"a\r\nb\r\nc\rd\r\r\n"
