# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the commands say: steps with their time, and one clear sentence when something cannot be had."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sandbox.services.process import ServiceError


class SetupError(Exception):
    """Something that is needed cannot be had; the text tells the user what and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a piece of work, and how many seconds it took once it is done."""
    say(f"==> {title} ...")
    started = time.monotonic()
    yield
    say(f"    done in {time.monotonic() - started:.1f} s")


def run(command: Sequence[str | Path], why: str, **options: object) -> None:
    """Run a command quietly.

    :param why: the sentence the user reads if it fails, followed by the end of what the command printed
    :raises SetupError: it is not there or ended with another status than 0
    """
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
    except FileNotFoundError as exc:
        raise SetupError(f"{why} The program {command[0]} is missing.") from exc
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise SetupError(f"{why} It said:\n{tail}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that everything that was started is stopped."""
    raise KeyboardInterrupt


def main(command: Callable[[], int | None]) -> None:
    """Run a command: a :class:`SetupError` becomes a sentence and status 1, Ctrl-C becomes status 130."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        status = command()
    except (SetupError, ServiceError) as exc:
        print(f"\nerror: {exc}", file=sys.stderr, flush=True)
        status = 1
    except KeyboardInterrupt:
        print("\ninterrupted; run the same command again to go on.", file=sys.stderr, flush=True)
        status = 130
    sys.exit(status or 0)
