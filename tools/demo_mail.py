# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo's mail world: an IMAP server and what stands for Google and Microsoft, full of letters."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import certifi

from sandbox import google as google_standin
from sandbox import microsoft as microsoft_standin
from sandbox import seed
from sandbox.cloud.post import Post
from sandbox.google import Google
from sandbox.microsoft import Microsoft
from sandbox.services import dovecot, pymap
from sandbox.services import smtp as smtp_server
from sandbox.services.certificates import Authority
from sandbox.services.maildir import Mail

from . import debian
from .console import step
from .demo_facts import Account, App, Facts, ImapServer, SmtpServer

# Accounts that nobody has linked yet, to click through the linking with.
TO_LINK = {"gmail": "fair@yourcompany.com", "outlook": "showroom@yourcompany.com"}

# What their owners have granted: reading, and the changes that they allowed.
GMAIL_SCOPES = (
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/gmail.modify",
)
GRAPH_SCOPES = ("openid", "profile", "offline_access", "User.Read", "Mail.ReadWrite", "Mail.Send")


@dataclass(frozen=True)
class MailWorld:
    """What runs, what Odoo has to know of it, and what its environment must say."""

    facts: Facts
    environment: dict[str, str]


def start(services: ExitStack, home: Path, odoo_address: str) -> MailWorld:
    """Start the servers and lay the letters into them; they run until ``services`` is closed.

    :param home: folder for what the servers keep.
    :param odoo_address: where Odoo will be, for the addresses that consent pages lead back to.
    """
    world = seed.world_now()
    folder = home / "mail"
    shutil.rmtree(folder, ignore_errors=True)
    passwords = {m.address: f"{m.login}-mail-secret" for m in world.mailboxes if m.provider == "imap"}
    post = Post()
    imap, smtp, ca_files = _imap(services, folder / "imap", passwords, world, post)
    with step("Stand-ins for Gmail and Outlook, with more of these letters"):
        google = services.enter_context(google_standin.running(folder / "google"))
        microsoft = services.enter_context(microsoft_standin.running(folder / "microsoft"))
        _register(google, microsoft, odoo_address)
        _lay(world, google, microsoft)
        _join(world, google, microsoft, post)
    facts = Facts(
        imap=imap,
        smtp=smtp,
        google=App(google.client_id, google.client_secret),
        microsoft=App(microsoft.client_id, microsoft.client_secret, microsoft.tenant),
        accounts=[_account(mailbox, passwords, google, microsoft) for mailbox in world.mailboxes],
        expected=world.expected,
    )
    ca_files += [google.ca_file, microsoft.ca_file]
    return MailWorld(facts, _environment(google, microsoft, _trusted(home, ca_files)))


def _imap(
    services: ExitStack, folder: Path, passwords: dict[str, str], world: seed.SeededWorld, post: Post
) -> tuple[ImapServer, SmtpServer, list[Path]]:
    """Dovecot, or pymap where it cannot be installed, and the server that takes the mail of these mailboxes."""
    name = "Dovecot" if debian.DOVECOT.present() else "pymap"
    with step(f"Mail server {name} with letters of the demo's customers and leads"):
        server: dovecot.Dovecot | pymap.Pymap
        if name == "Dovecot":
            server = services.enter_context(dovecot.running(folder, passwords))
            found, ca_files = ImapServer(server.host, server.imaps_port, "ssl"), [server.ca_file]
        else:
            server = services.enter_context(pymap.running(folder, passwords))
            found, ca_files = ImapServer(server.host, server.imap_port, "none"), []
        for mailbox in world.mailboxes:
            if mailbox.provider == "imap":
                seed.lay_imap(mailbox, server)
                post.add(mailbox.address, lambda address, content: server.append(address, "INBOX", [Mail(content)]))
        running = services.enter_context(
            smtp_server.running(passwords, Authority(folder.with_name("smtp")), post.deliver)
        )
    return found, SmtpServer("localhost", running.smtps_port, "ssl"), [*ca_files, running.ca_file]


def _join(world: seed.SeededWorld, google: Google, microsoft: Microsoft, post: Post) -> None:
    """What is sent from one of the demo's mailboxes to another arrives there, whatever server it is on."""
    for mailbox in world.mailboxes:
        if mailbox.provider == "gmail":
            post.add(mailbox.address, lambda address, content: google.account(address).deliver(content))
        elif mailbox.provider == "outlook":
            post.add(mailbox.address, lambda address, content: microsoft.account(address).deliver(content))
    for server in (google, microsoft):
        server.hand_over_to(post.deliver)


def _register(google: Google, microsoft: Microsoft, odoo_address: str) -> None:
    google.register_client(google.client_id, google.client_secret, [f"{odoo_address}/crm_mail_sync/oauth/google"])
    microsoft.register_app(
        microsoft.client_id, microsoft.client_secret, [f"{odoo_address}/crm_mail_sync/oauth/microsoft"]
    )


def _lay(world: seed.SeededWorld, google: Google, microsoft: Microsoft) -> None:
    for mailbox in world.mailboxes:
        if mailbox.provider == "gmail":
            seed.lay_gmail(mailbox, google.add_account(mailbox.address, mailbox.name))
        elif mailbox.provider == "outlook":
            seed.lay_outlook(mailbox, microsoft.add_account(mailbox.address, mailbox.name))
    spare = next(mailbox for mailbox in world.mailboxes if mailbox.provider == "outlook")
    seed.lay_gmail(spare, google.add_account(TO_LINK["gmail"], "Trade fair desk"))
    seed.lay_outlook(spare, microsoft.add_account(TO_LINK["outlook"], "Showroom"))


def _account(mailbox: seed.SeededMailbox, passwords: dict[str, str], google: Google, microsoft: Microsoft) -> Account:
    tokens = None
    if mailbox.provider == "gmail":
        tokens = google.grant(mailbox.address, GMAIL_SCOPES)
    elif mailbox.provider == "outlook":
        tokens = microsoft.grant(mailbox.address, GRAPH_SCOPES)
    folder = next(" / ".join(folder.path) for folder in mailbox.folders if folder.selected and not folder.role)
    return Account(mailbox.owner, mailbox.provider, mailbox.address, folder, passwords.get(mailbox.address, ""), tokens)


def _environment(google: Google, microsoft: Microsoft, trusted: Path) -> dict[str, str]:
    """The operator's settings, see the README: where Google and Microsoft are, and whose certificates count."""
    found = {f"CRM_MAIL_SYNC_GOOGLE_{name.upper()}": uri for name, uri in google.endpoints.items()}
    found |= {f"CRM_MAIL_SYNC_MICROSOFT_{name.upper()}": uri for name, uri in microsoft.endpoints.items()}
    return {**found, "SSL_CERT_FILE": str(trusted)}


def _trusted(home: Path, ca_files: Iterable[Path]) -> Path:
    """The public authorities and, beside them, those of our servers."""
    bundle = home / "trusted.pem"
    bundle.write_text("".join(file.read_text() for file in (Path(certifi.where()), *ca_files)))
    return bundle
