# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is put into the mailbox from here is listed at once, as a scan would; the scan then meets what it knows."""

from odoo import fields

from ..mailsync import html
from ..mailsync.mime import read_letter
from ..mailsync.provider import Listing
from ..scan.lister import Lister
from ..scan.state import FolderState


def listing_of(message, remote_id, flags, thread_id=""):
    """A message that has just been put there, as a folder's listing shows it."""
    letter = read_letter(message)
    return Listing(
        remote_id,
        letter.head,
        size=len(message),
        received=fields.Datetime.now().timestamp(),
        flags=frozenset(flags),
        thread_id=thread_id,
        snippet=html.snippet(letter.text),
    )


def list_now(scope, folder, listing):
    """Put a message that is known to lie in this folder into the list; the id of its copy."""
    env = folder.env
    env.flush_all()
    Lister(env, scope, _NoLease(), None).add(_state(folder), [listing], stable_ids=True)
    copies = env["crm.mail.copy"]
    copies.invalidate_model()
    domain = [("mailbox_id", "=", scope.mailbox_id), ("remote_id", "=", listing.remote_id)]
    return copies.search(domain).id


def unlist_now(scope, folder, remote_id):
    """Note that a message has left this folder."""
    folder.env.flush_all()
    Lister(folder.env, scope, _NoLease(), None).remove(_state(folder), [remote_id])
    folder.env.invalidate_all()


def _state(folder):
    return FolderState(
        folder.id, folder.remote_id, folder.cursor or "", folder.remaining, folder.resets, role=folder.role or ""
    )


class _NoLease:
    """One message is put in beside a scan that may be going on: the row of the folder keeps both apart."""

    def renew(self, _mailbox_id):
        """Nothing is held."""
