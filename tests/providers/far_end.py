# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The far end of a provider as the contract drives it, letters to deliver there, and what pages say taken together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mailsync.acting import Actor
from mailsync.provider import FolderRole, Listing, Page, Provider


class Server(Protocol):
    """A mailbox with at least an empty inbox, and its server's side."""

    def session(self) -> Provider: ...
    def add_folder(self, *path: str) -> str: ...
    def remove_folder(self, folder: str) -> None: ...
    def deliver(self, content: bytes, folder: str = "INBOX", *, flags: Iterable[str] = ()) -> str: ...
    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None: ...
    def delete(self, remote_id: str) -> None: ...
    def move(self, remote_id: str, folder: str) -> str: ...
    def reset(self, folder: str) -> None: ...


class ActingServer(Server, Protocol):
    """The same for who changes something in the mailbox."""

    def actor(self) -> Actor: ...
    def forbid(self) -> None:
        """Let whoever signs in read only from now on."""

    def sent(self) -> list[bytes]:
        """What others got of the mailbox's owner, the oldest first."""


def listed(server: Server, folder: str = "INBOX") -> dict[int, Listing]:
    """What a scan from the beginning finds in a folder, by the letters' numbers."""
    with server.session() as provider:
        pages, _ = read_on(provider, folder)
    return {int(item.head.message_id.partition("@")[0]): item for page in pages for item in page.listings}


def folder_of(server: Server, role: FolderRole) -> str:
    """The remote id of the folder with this role, "" if there is none."""
    with server.session() as provider:
        return next((folder.remote_id for folder in provider.folders() if folder.role == role), "")


def letter(number: int, subject: str = "Offer", body: str = "Dear customer,") -> bytes:
    """A small message; its number is in its Message-ID, "<number@example.com>"."""
    return (
        f"Message-ID: <{number}@example.com>\r\n"
        f"From: Anna Example <anna@example.com>\r\n"
        f"To: Bert <bert@example.org>\r\n"
        f"Subject: {subject} {number}\r\n"
        f"Date: Mon, 23 Nov 2026 10:{number % 60:02} +0000\r\n"
        f"X-Noise: {'x' * 300}\r\n"
        f"\r\n{body} {number}\r\n"
    ).encode()


def numbers(page: Page) -> list[int]:
    return [int(listing.head.message_id.partition("@")[0]) for listing in page.listings]


def read_on(provider: Provider, folder: str, cursor: str = "", limit: int = 500) -> tuple[list[Page], str]:
    """All pages behind a cursor, and the cursor behind them."""
    pages = [provider.changes(folder, cursor, limit)]
    while pages[-1].more:
        assert len(pages) < 1000, "a listing that never ends"
        pages.append(provider.changes(folder, pages[-1].cursor, limit))
    return pages, pages[-1].cursor


def inventory_of(provider: Provider, folder: str) -> list[str]:
    """All ids that the folder holds, as its inventory tells them part by part."""
    parts = [provider.inventory(folder)]
    while parts[-1].following:
        assert len(parts) < 1000, "an inventory that never ends"
        parts.append(provider.inventory(folder, parts[-1].following))
    return [remote_id for part in parts for remote_id in part.remote_ids]


def gone_of(pages: Iterable[Page], known: Iterable[str]) -> set[str]:
    """Which of the known ids the pages declare gone, in either of the two ways."""
    gone: set[str] = set()
    for page in pages:
        gone |= page.gone
        if page.present is not None:
            gone |= set(known) - page.present
    return gone & set(known)
