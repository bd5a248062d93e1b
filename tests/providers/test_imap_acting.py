# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Acting by IMAP on a real Dovecot, with all its extensions and with those taken away that many lack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailsync.providers.imap import ImapActor, ImapSettings, connect_to_act
from sandbox.services import dovecot, pymap

from .acting_contract import ActingContract
from .far_end import letter, listed
from .imap_server import ImapServer
from .test_imap_dovecot import new_account, serving

pytestmark = pytest.mark.slow

_BASE = "IMAP4rev1 LITERAL+ ENABLE IDLE NAMESPACE UNSELECT CHILDREN"
# So that an account's rights can be taken away.
_RIGHTS = "mail_plugins = acl\nplugin {\n  acl = vfile\n}\n"
_FOLDERS = ("INBOX", "Customers", "Archive", "Trash", "Drafts", "Sent")


_PYMAP_USERS = {f"user{number}": "secret" for number in range(60)}
_pymap_users = iter(_PYMAP_USERS)
DELETED = "\\Deleted"


class ActingImapServer(ImapServer):
    """An account whose owner acts in it."""

    dovecot: dovecot.Dovecot

    def actor(self) -> ImapActor:
        return connect_to_act(self.settings)

    def forbid(self) -> None:
        for folder in _FOLDERS:
            words = ("-u", self.settings.username, folder, "owner", "lookup", "read")
            self.dovecot.doveadm("acl", "set", *words)

    def sent(self) -> list[bytes]:
        return []


class DovecotActing(ActingContract):
    capabilities = ""

    @pytest.fixture(scope="class")
    @classmethod
    def dovecot_server(cls) -> Iterator[dovecot.Dovecot]:
        offered = f"protocol imap {{\n  imap_capability = {cls.capabilities}\n}}\n" if cls.capabilities else ""
        with serving(offered + _RIGHTS) as server:
            yield server

    @pytest.fixture
    def server(self, dovecot_server: dovecot.Dovecot) -> Iterator[ActingImapServer]:
        plain = new_account(dovecot_server)
        account = ActingImapServer(plain.settings, dovecot_server.imap_port)
        account.dovecot = dovecot_server
        yield account
        account.close()


class TestEverything(DovecotActing):
    pass


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
    def server(self, pymap_server: pymap.Pymap) -> Iterator[ActingImapServer]:
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
        yield account
        account.close()
