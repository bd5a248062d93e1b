# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Debian packages: installed where the machine lacks them, or only fetched and unpacked into a folder of ours.

Fetching uses a private apt configuration, so that the machine's own sources and lists stay as they are.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import SetupError, run, say, step
from .paths import CACHE

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_OWN_SOURCES = ""


@dataclass(frozen=True)
class Need:
    """A Debian package, how to see that it is there, and what fails without it."""

    package: str
    programs: tuple[str, ...]
    purpose: str
    # Debian starts it for the whole machine at once; ours run by themselves and nobody asked for it.
    service: str = ""

    def present(self) -> bool:
        if self.package == "python3-venv":
            return importlib.util.find_spec("ensurepip") is not None
        return any(find_program(name) for name in self.programs)


VENV_MODULE = Need("python3-venv", (), "making the Python environment")
SETPRIV = Need("util-linux", ("setpriv",), "running servers without root's rights")
DOVECOT = Need("dovecot-imapd", ("dovecot",), "the IMAP server of tests and demo", "dovecot")
CHROMIUM = Need("chromium", ("chromium", "chromium-browser", "google-chrome"), "tests in the browser")
POSTGRESQL = Need("postgresql", ("initdb",), "the database of the benchmarks", "postgresql")
MBSYNC = Need("isync", ("mbsync",), "the yardstick of the benchmarks")


def find_program(name: str) -> str | None:
    """Path of a program; servers lie in folders that are not on an ordinary user's PATH."""
    versions = [str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin")]
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin", *versions])
    return shutil.which(name, path=places)


def install(needs: Iterable[Need]) -> list[Need]:
    """Install what is missing, as root or through sudo.

    :return: what is still missing, because this user may not install packages
    :raises SetupError: apt could not install them
    """
    missing = [need for need in needs if not need.present()]
    if not missing:
        return []
    rights: list[str] = [] if os.geteuid() == 0 else ["sudo"]
    if not shutil.which("apt-get") or (rights and not shutil.which("sudo")):
        return missing
    names = [need.package for need in missing]
    with step(f"Debian packages {' '.join(names)}"):
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        run([*rights, "apt-get", "-qq", "update"], "Debian's package lists could not be fetched.")
        run(
            [*rights, *environment, "apt-get", "-qq", "install", "-y", "--no-install-recommends", *names],
            f"Debian's packages {', '.join(names)} could not be installed.",
        )
        for need in missing:
            if need.service and Path("/run/systemd/system").is_dir():
                stop = [*rights, "systemctl", "disable", "--now", need.service]
                run(stop, f"Debian's own service {need.service} could not be stopped.")
    return [need for need in missing if not need.present()]


def tell_missing(missing: Sequence[Need]) -> None:
    """Say what will not work, for a user who may not install packages."""
    for need in missing:
        say(f"    missing: Debian package {need.package} ({need.purpose}); neither root nor sudo to install it")


def fetch(suite: str, packages: Sequence[str], into: Path) -> list[Path]:
    """Fetch packages of a Debian suite (``""``: the machine's own) without installing them.

    :return: the files in the download cache, one per package
    :raises SetupError: apt is not there or the packages cannot be had
    """
    missing = [name for name in packages if not _cached(name, into)]
    if missing:
        options = _private_options("own", _OWN_SOURCES)
        _update(options, "the machine's own Debian suite")
        if suite:
            line = f"deb [signed-by={KEYRING}] {_archive(options)} {suite} main\n"
            options = _private_options(suite, line)
            _update(options, f"Debian's suite {suite}")
        _download(options, missing, into)
    return [file for name in packages if (file := _cached(name, into))]


def _cached(package: str, folder: Path) -> Path | None:
    return max(folder.glob(f"{package}_*.deb"), key=lambda file: file.stat().st_mtime, default=None)


def _download(options: Sequence[str], packages: Sequence[str], into: Path) -> None:
    part = into / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    run(
        ["apt-get", *options, "-qq", "download", *packages],
        f"Debian's packages {', '.join(packages)} could not be fetched.",
        cwd=part,
    )
    for file in part.iterdir():
        file.replace(into / file.name)
    part.rmdir()


def _update(options: Sequence[str], what: str) -> None:
    run(
        ["apt-get", *options, "-qq", "-o", "APT::Update::Error-Mode=any", "update"],
        f"The package lists of {what} could not be fetched; is there a network?",
    )


def _private_options(name: str, source_line: str) -> list[str]:
    """Options that make apt work in folders of ours, as any user, with its own sources or the one line given."""
    if not shutil.which("apt-get"):
        raise SetupError(
            "Odoo 19 is fetched as a Debian package and there is no apt-get here. "
            "Set CRM_MAIL_SYNC_ODOO to the folder of an Odoo 19 checkout instead."
        )
    state = CACHE / "apt" / name
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::Lists": str(state / "lists"),
        "Dir::Cache": str(state / "cache"),
        "APT::Sandbox::User": "root",
    }
    if source_line != _OWN_SOURCES:
        sources = state / "sources.list"
        sources.write_text(source_line)
        options |= {"Dir::Etc::SourceList": str(sources), "Dir::Etc::SourceParts": "/dev/null"}
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


def _archive(options: Sequence[str]) -> str:
    """Address of the Debian archive this machine already uses."""
    command = ["apt-get", *options, "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        label, _, uri = line.partition(" ")
        if label == "Debian":
            return uri
    raise SetupError(
        "This machine's apt knows no Debian archive to fetch Odoo 19 from. "
        "Set CRM_MAIL_SYNC_ODOO to the folder of an Odoo 19 checkout instead."
    )
