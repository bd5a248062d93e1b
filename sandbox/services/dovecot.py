# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Dovecot with a configuration, ports and folders of its own: a real IMAP server in a fifth of a second."""

from __future__ import annotations

import base64
import grp
import hmac
import json
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import maildir
from .certificates import Authority, Certificate
from .process import ServiceError, account, as_account, find_program, free_ports, hand_over, socket_folder, started

SPECIAL_USE = {"Sent": "\\Sent", "Drafts": "\\Drafts", "Junk": "\\Junk", "Trash": "\\Trash", "Archive": "\\Archive"}

CONFIGURATION = """
base_dir = {sockets}
state_dir = {root}/state
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
first_valid_uid = 1
first_valid_gid = 1
shutdown_clients = yes
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_location = maildir:~/mail:LAYOUT=fs:INBOX=~/mail/INBOX:UTF-8
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/users/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
{extra}
"""
OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = sub
"""
MAILBOX = "  mailbox {name} {{\n    auto = subscribe\n    special_use = {use}\n  }}"


class Dovecot:
    """A running server.

    ``imap_port`` speaks plain text and STARTTLS, ``imaps_port`` TLS; ``ca_file`` is what a client has to trust.
    """

    host = "127.0.0.1"

    def __init__(self, root: Path, authority: Authority) -> None:
        self.root = root
        self.ca_file = authority.ca_file
        self.imap_port, self.imaps_port = free_ports(2)
        self.log = root / "dovecot.log"
        self._token_key = secrets.token_bytes(32)

    def set_users(self, users: Mapping[str, str]) -> None:
        """Who may sign in, with which password; takes effect at once."""
        part = self.root / "passwd.part"
        part.write_text("".join(f"{name}:{{PLAIN}}{password}::::::\n" for name, password in users.items()))
        part.chmod(0o600)
        hand_over(part)
        part.replace(self.root / "passwd")

    def token(self, user: str, valid_for: float = 3600) -> str:
        """An access token (a JWT) that XOAUTH2 and OAUTHBEARER accept for so many seconds."""
        now = int(time.time())
        claims = {"sub": user, "iat": now - 60, "nbf": now - 60, "exp": int(now + valid_for)}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{signed}.{_base64url(hmac.digest(self._token_key, signed.encode(), 'sha256'))}"

    def make_folder(self, user: str, folder: str) -> None:
        """Make a folder by its name as a person reads it, with / between the levels."""
        maildir.make_folder(self._folder(user, folder))

    def append(self, user: str, folder: str, mails: Iterable[maildir.Mail]) -> int:
        """Lay messages into a folder, in order; the folder is made if it is not there.

        :return: how many
        """
        return maildir.write(self._folder(user, folder), mails)

    def remove_folder(self, user: str, folder: str) -> None:
        shutil.rmtree(self._folder(user, folder))

    def doveadm(self, *words: str) -> str:
        """Run Dovecot's own administration command, for what a test needs to happen behind the client's back."""
        command = [find_program("doveadm", "dovecot-imapd"), "-c", str(self.root / "dovecot.conf"), *words]
        done = subprocess.run(as_account(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"doveadm {words[0]} failed: {done.stderr}")
        return done.stdout

    def answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.imap_port), timeout=2) as connection:
                return connection.recv(64).startswith(b"* OK")
        except OSError:
            return False

    def _folder(self, user: str, folder: str) -> Path:
        return self.root / "users" / user / "mail" / folder

    def _configure(self, certificate: Certificate, extra: str) -> None:
        who = account()
        for name in ("users", "state", "keys/default/HS256"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
            hand_over(self.root / name)
        key = base64.b64encode(self._token_key).decode()
        (self.root / "keys" / "default" / "HS256" / "default").write_text(key)
        (self.root / "oauth2.conf").write_text(OAUTH2.format(root=self.root))
        text = CONFIGURATION.format(
            root=self.root,
            sockets=socket_folder(self.root),
            account=who.pw_name,
            group=grp.getgrgid(who.pw_gid).gr_name,
            uid=who.pw_uid,
            gid=who.pw_gid,
            certificate=certificate.certificate,
            key=certificate.key,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port,
            extra=extra,
            mailboxes="\n".join(MAILBOX.format(name=name, use=use) for name, use in SPECIAL_USE.items()),
        )
        (self.root / "dovecot.conf").write_text(text)


@contextmanager
def running(
    root: Path,
    users: Mapping[str, str],
    authority: Authority | None = None,
    certificate: Certificate | None = None,
    extra: str = "",
) -> Iterator[Dovecot]:
    """Dovecot below a folder of ours, which keeps the mail when it stops.

    :param users: passwords by user name
    :param authority: who issued the certificate; a new one by default
    :param certificate: one that a client should refuse, instead of a valid one for localhost and 127.0.0.1
    :param extra: further lines of configuration, such as the capabilities that it offers
    :raises ServiceError: Dovecot is missing or does not start
    """
    program = find_program("dovecot", "dovecot-imapd")
    root.mkdir(parents=True, exist_ok=True)
    root = root.resolve()
    authority = authority or Authority(root / "tls")
    server = Dovecot(root, authority)
    server._configure(certificate or authority.issue(), extra)
    server.set_users(users)
    hand_over(root)
    command = as_account([program, "-F", "-c", str(root / "dovecot.conf")])
    try:
        with started(command, log=server.log, ready=server.answers):
            yield server
    finally:
        shutil.rmtree(socket_folder(root))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
