# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The far end of the IMAP provider: a real server's mailbox, worked on by another client behind our back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from imapclient import IMAPClient, imap_utf7

from mailsync.providers.imap import ImapProvider, ImapSettings, connect


class ImapServer:
    """One account of a server, as the contract suite drives it."""

    def __init__(self, settings: ImapSettings, plain_port: int, delimiter: str = "/") -> None:
        """:param plain_port: where the other client signs in."""
        self.settings = settings
        self._plain_port = plain_port
        self._delimiter = delimiter
        self._admin: IMAPClient | None = None

    def session(self) -> ImapProvider:
        return connect(self.settings)

    @contextlib.contextmanager
    def admin(self) -> Iterator[IMAPClient]:
        """The other client, which holds no folder open between its visits."""
        if self._admin is None:
            self._admin = IMAPClient("127.0.0.1", self._plain_port, ssl=False, timeout=20)
            self._admin.login(self.settings.username, self.settings.password)
            self._admin.folder_encode = False
        yield self._admin

    def close(self) -> None:
        if self._admin is not None:
            self._admin.logout()

    def add_folder(self, *path: str) -> str:
        remote_id = imap_utf7.encode(self._delimiter.join(path)).decode()
        with self.admin() as client:
            client.create_folder(remote_id.encode())
        return remote_id

    def remove_folder(self, folder: str) -> None:
        with self.admin() as client:
            client.delete_folder(folder.encode())

    def deliver(self, content: bytes, folder: str = "INBOX", *, flags: Iterable[str] = ()) -> str:
        return self.deliver_all([content], folder, flags=flags)[0]

    def deliver_all(self, contents: Iterable[bytes], folder: str = "INBOX", *, flags: Iterable[str] = ()) -> list[str]:
        with self.admin() as client:
            validity, following = self._numbers(client, folder)
            count = 0
            for content in contents:
                client.append(folder.encode(), content, flags=tuple(flags))
                count += 1
        return [f"{following + i}.{validity}@{folder}" for i in range(count)]

    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None:
        with self._opened(remote_id) as (client, uid):
            client.set_flags(uid, tuple(flags))

    def delete(self, remote_id: str) -> None:
        with self._opened(remote_id) as (client, uid):
            client.delete_messages(uid)
            client.uid_expunge(uid) if client.has_capability("UIDPLUS") else client.expunge()

    def move(self, remote_id: str, folder: str) -> str:
        with self._opened(remote_id) as (client, uid):
            validity, following = self._numbers(client, folder)
            if client.has_capability("MOVE"):
                client.move(uid, folder.encode())
            else:
                client.copy(uid, folder.encode())
                client.delete_messages(uid)
                client.uid_expunge(uid)
        return f"{following}.{validity}@{folder}"

    def reset(self, folder: str) -> None:
        with self.admin() as client:
            client.select_folder(folder.encode())
            fetched = client.fetch(client.search("ALL"), ["BODY.PEEK[]", "FLAGS"])
            client.close_folder()
            before, _ = self._numbers(client, folder)
            client.delete_folder(folder.encode())
            client.create_folder(folder.encode())
            after, _ = self._numbers(client, folder)
            assert before != after, "the server reused a UIDVALIDITY"
            for _, message in sorted(fetched.items()):
                flags = [flag for flag in message[b"FLAGS"] if flag != b"\\Recent"]
                client.append(folder.encode(), message[b"BODY[]"], flags=flags)

    @staticmethod
    def _numbers(client: IMAPClient, folder: str) -> tuple[int, int]:
        status = client.folder_status(folder.encode(), ["UIDVALIDITY", "UIDNEXT"])
        return status[b"UIDVALIDITY"], status[b"UIDNEXT"]

    @contextlib.contextmanager
    def _opened(self, remote_id: str) -> Iterator[tuple[IMAPClient, int]]:
        numbers, _, folder = remote_id.partition("@")
        with self.admin() as client:
            client.select_folder(folder.encode())
            yield client, int(numbers.partition(".")[0])
            client.close_folder()
