# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``make setup``: everything the other commands need, each step only if it was not done before."""

from __future__ import annotations

import fcntl
import sys

from . import debian, odoo_source, packages
from .console import main, say
from .paths import LOCAL

ALWAYS = (debian.SETPRIV, debian.DOVECOT, debian.CHROMIUM)


def setup() -> None:
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages.prepare()
        odoo_source.prepare()
        needs = [*ALWAYS, debian.MBSYNC, debian.POSTGRESQL] if "--bench" in sys.argv else ALWAYS
        debian.tell_missing(debian.install(needs))
    if "--quiet" not in sys.argv:
        say("The environment is ready.")


if __name__ == "__main__":
    main(setup)
