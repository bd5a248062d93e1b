# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Acting by IMAP on a real Dovecot, with all its extensions and with those taken away that many lack."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from mailsync.acting import SEEN
from mailsync.errors import NotPermitted, RecipientsRefused, SendingNotSetUp
from mailsync.providers.imap import ImapActor, ImapSettings, connect_to_act
from mailsync.smtp import SmtpSettings
from sandbox.services import dovecot, pymap, smtp
from sandbox.services.certificates import Authority
from sandbox.services.smtp import SmtpServer

from .acting_contract import ActingContract
from .acting_drafts import written
from .far_end import letter, listed
from .imap_server import ImapServer
from .test_imap_dovecot import new_account, serving

pytestmark = pytest.mark.slow

_BASE = "IMAP4rev1 LITERAL+ ENABLE IDLE NAMESPACE UNSELECT CHILDREN"
# So that an account's rights can be taken away.
_RIGHTS = "mail_plugins = acl\nplugin {\n  acl = vfile\n}\n"


_PYMAP_USERS = {f"user{number}": "secret" for number in range(60)}
_pymap_users = iter(_PYMAP_USERS)
DELETED = "\\Deleted"


class ActingImapServer(ImapServer):
    """An account whose owner acts in it."""

    dovecot: dovecot.Dovecot
    smtp: SmtpServer

    def actor(self) -> ImapActor:
        return connect_to_act(self.settings)

    def forbid(self) -> None:
        with self.session() as provider:
            folders = [folder.remote_id for folder in provider.folders()]
        for folder in folders:
            words = ("-u", self.settings.username, folder, "owner", "lookup", "read")
            self.dovecot.doveadm("acl", "set", *words)

    def sent(self) -> list[bytes]:
        return [posted.content for posted in self.smtp.posted]

    def sending_through(self, server: SmtpServer) -> None:
        server.posted.clear()
        server.replies.clear()
        self.smtp = server
        through = SmtpSettings(
            "localhost",
            server.smtps_port,
            "ssl",
            *next(iter(server.users.items())),
            timeout=20,
            allowed=(f"localhost:{server.smtps_port}",),
            extra_ca=str(server.ca_file),
        )
        self.settings = dataclasses.replace(self.settings, smtp=through)


@pytest.fixture(scope="module")
def smtp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpServer]:
    with smtp.running({"anna": "secret"}, Authority(tmp_path_factory.mktemp("smtp"))) as server:
        yield server


class DovecotActing(ActingContract):
    capabilities = ""

    @pytest.fixture(scope="class")
    @classmethod
    def dovecot_server(cls) -> Iterator[dovecot.Dovecot]:
        offered = f"protocol imap {{\n  imap_capability = {cls.capabilities}\n}}\n" if cls.capabilities else ""
        with serving(offered + _RIGHTS) as server:
            yield server

    @pytest.fixture
    def server(self, dovecot_server: dovecot.Dovecot, smtp_server: SmtpServer) -> Iterator[ActingImapServer]:
        plain = new_account(dovecot_server)
        account = ActingImapServer(plain.settings, dovecot_server.imap_port)
        account.dovecot = dovecot_server
        account.sending_through(smtp_server)
        yield account
        account.close()


class TestEverything(DovecotActing):
    def test_without_a_server_to_send_through_nothing_is_sent(self, server: ActingImapServer) -> None:
        server.settings = dataclasses.replace(server.settings, smtp=None)
        with server.actor() as actor, pytest.raises(SendingNotSetUp):
            actor.send(written(1))
        assert listed(server, "Sent") == {}

    def test_a_server_that_keeps_what_was_sent_keeps_it_once(self, server: ActingImapServer) -> None:
        handled = server.deliver(written(1), "Sent", flags=[SEEN])
        with server.actor() as actor:
            assert actor.send(written(1)) == ""
            assert actor.keep_sent(written(1)) == handled
        assert [item.remote_id for item in listed(server, "Sent").values()] == [handled]

    def test_what_was_sent_counts_as_sent_though_no_copy_can_be_kept(self, server: ActingImapServer) -> None:
        server.forbid()
        with server.actor() as actor:
            assert actor.send(written(1)) == ""
            with pytest.raises(NotPermitted):
                actor.keep_sent(written(1))
        assert len(server.sent()) == 1

    def test_what_is_refused_is_not_among_the_sent(self, server: ActingImapServer) -> None:
        server.smtp.replies["carl@example.net"] = "550 nobody"
        with server.actor() as actor, pytest.raises(RecipientsRefused):
            actor.send(written(1))
        assert listed(server, "Sent") == {}


class TestWithoutMove(DovecotActing):
    capabilities = f"{_BASE} UIDPLUS CONDSTORE ESEARCH SPECIAL-USE LIST-EXTENDED LIST-STATUS"


class TestWithoutMoveAndUidplus(DovecotActing):
    capabilities = f"{_BASE} CONDSTORE SPECIAL-USE"

    def test_what_somebody_else_has_marked_as_deleted_stays(self, server: ActingImapServer) -> None:
        target = server.add_folder("Customers")
        marked, moved, other = (server.deliver(letter(number)) for number in (1, 2, 3))
        self.mark(server, marked, [DELETED])
        with server.actor() as actor:
            assert actor.move("INBOX", [moved], target).folder == target
        assert list(listed(server, target)) == [2]
        # Ours could only be removed along with the other one.
        assert {number: item.flags for number, item in listed(server).items()} == {
            1: {DELETED},
            2: {DELETED},
            3: frozenset(),
        }
        self.mark(server, marked, [])
        with server.actor() as actor:
            actor.move("INBOX", [moved, other], target)
        assert list(listed(server)) == [1]

    def mark(self, server: ActingImapServer, remote_id: str, flags: list[str]) -> None:
        """As a program does that leaves without CLOSE, which would remove what is marked as deleted."""
        with server.admin() as client:
            client.select_folder("INBOX")
            client.set_flags(int(remote_id.partition(".")[0]), flags)
            client.unselect_folder()


class TestPymapActing(ActingContract):
    """Another implementation, and one that has no folder but the inbox."""

    # It knows no rights.
    test_who_may_only_read_changes_nothing = None
    # It shows a message that comes back a second time, under its old number.
    test_a_moved_message_can_be_moved_back = None

    @pytest.fixture(scope="class")
    @classmethod
    def pymap_server(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pymap.Pymap]:
        with pymap.running(tmp_path_factory.mktemp("pymap"), _PYMAP_USERS) as server:
            yield server

    @pytest.fixture
    def server(self, pymap_server: pymap.Pymap, smtp_server: SmtpServer) -> Iterator[ActingImapServer]:
        settings = ImapSettings(
            host="127.0.0.1",
            port=pymap_server.imap_port,
            security="none",
            username=next(_pymap_users),
            password="secret",
            timeout=20,
            allowed=(f"127.0.0.1:{pymap_server.imap_port}",),
        )
        account = ActingImapServer(settings, pymap_server.imap_port)
        account.sending_through(smtp_server)
        yield account
        account.close()
