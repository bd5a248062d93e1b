# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.services import process

IGNORES_SIGTERM = "from signal import *; signal(SIGTERM, SIG_IGN); print('up', flush=True); pause()"


def test_a_server_that_ends_at_once_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such mailbox format')"]
    with (
        pytest.raises(process.ServiceError, match="(?s)ended with status 1.*no such mailbox format"),
        process.started(command, log=tmp_path / "server.log", ready=lambda: False),
    ):
        pass


def test_a_server_that_never_answers_is_stopped_and_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os, signal; print(os.getpid(), flush=True); signal.pause()"]
    log = tmp_path / "server.log"
    with (
        pytest.raises(process.ServiceError, match="did not answer in time"),
        process.started(command, log=log, ready=lambda: False, seconds=1),
    ):
        pass
    assert not Path(f"/proc/{log.read_text().strip()}").exists()


def test_a_process_that_does_not_heed_the_signal_is_killed() -> None:
    running = subprocess.Popen([sys.executable, "-c", IGNORES_SIGTERM], stdout=subprocess.PIPE)
    assert running.stdout
    running.stdout.readline()
    process.end(running, seconds=0.1)
    assert running.returncode == -signal.SIGKILL


def test_servers_never_run_as_root() -> None:
    done = subprocess.run(process.as_account(["id", "-u"]), capture_output=True, text=True, check=True)
    assert int(done.stdout) == process.account().pw_uid != 0


def test_free_ports_are_different_and_free() -> None:
    ports = process.free_ports(5)
    assert len(set(ports)) == 5
    assert not any(process.listens(port) for port in ports)
