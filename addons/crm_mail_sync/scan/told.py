# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a page tells, as it is going to be stored: made without the database, beside whatever that is doing."""

from dataclasses import dataclass, replace

from odoo import fields

from ..mailsync import identity, search_keys
from ..mailsync.provider import Page
from . import put_away
from .indexed import item_values
from .moments import utc


@dataclass(frozen=True)
class Told:
    """A page and, a listing each, its copy's row but for what is decided, and what the index keeps of it.

    The index of a mailbox that is not Main keeps nothing.
    """

    page: Page
    rows: list[dict]
    items: list[dict]


def tell(scope, folder, page):
    """What the page of a folder (FolderState) tells."""
    page = replace(page, listings=tuple(_marked(listing, folder) for listing in page.listings))
    rows = [copy_row(scope, folder, listing) for listing in page.listings]
    return Told(page, rows, _items(folder, page, rows) if scope.is_main else [])


def copy_row(scope, folder, listing):
    """The row of ``crm_mail_copy`` for a listed message, but for what is decided of it."""
    head = listing.head
    return {
        "mailbox_id": scope.mailbox_id,
        "folder_id": folder.id,
        "remote_id": listing.remote_id,
        "attempts": 0,
        "header_key": identity.header_key(head),
        "message_id": head.message_id or None,
        "addresses": " ".join(dict.fromkeys(a.normalized for a in head.addresses)) or None,
        "size": min(listing.size, 2**31 - 1),
        "received": utc(listing.received),
        "flags": " ".join(sorted(listing.flags)) or None,
        "subject": head.subject if scope.is_main else None,
        # As many as a Head holds (mime/limits.py), 8 bytes each.
        "thread_keys": [identity.thread_key(i) for i in head.thread_ids] or None,
        "conversation": conversation_of(listing),
        "search_keys": search_keys.message_keys(head) or None,
        "is_removed": put_away.is_away(folder),
        "is_stale": False,
        "create_date": fields.Datetime.now(),
    }


def conversation_of(listing):
    """The provider's name for the conversation as a number, None if it knows none."""
    return identity.thread_key(listing.thread_id) if listing.thread_id else None


def _items(folder, page, rows):
    is_draft = folder.role == "drafts"
    return [item_values(listing, row, is_draft) for listing, row in zip(page.listings, rows, strict=True)]


def _marked(listing, folder):
    """Not every server marks what lies among the drafts as one, and what was not sent is no letter."""
    if folder.role != "drafts" or "\\Draft" in listing.flags:
        return listing
    return replace(listing, flags=listing.flags | {"\\Draft"})
