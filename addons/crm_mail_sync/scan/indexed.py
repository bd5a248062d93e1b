# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the index of a Main mailbox keeps of a message, and the words by which it is found there; no database."""

from odoo import fields

from ..mailsync import identity
from ..mailsync.reading import without_accents
from .moments import utc

# Of what a list shows, and of a mailing to hundreds.
_LINE = 500
_MOST_PEOPLE = 50
_NAME = 200
_OTHERS = ("to", "cc", "bcc", "reply_to")


def item_values(listing, row, is_draft=False):
    """What the index keeps of a listed message; all storable."""
    head, flags = listing.head, listing.flags
    sender = next(iter(head.by_role("from") or head.by_role("sender")), None)
    others = [address for address in head.addresses if address.role in _OTHERS][:_MOST_PEOPLE]
    people = {
        role: [[a.name[:_NAME], a.normalized[:_NAME]] for a in others if a.role == role]
        for role in _OTHERS
        if any(a.role == role for a in others)
    }
    return {
        "remote_id": row["remote_id"],
        "received": row["received"] or utc(head.date) or fields.Datetime.now(),
        "sender_name": sender.name[:_NAME] if sender else None,
        "sender_address": sender.normalized[:_NAME] if sender else None,
        "people": people or None,
        "subject": head.subject[:_LINE] or None,
        "snippet": listing.snippet or None,
        "has_files": head.has_files,
        "is_seen": "\\Seen" in flags,
        "is_flagged": "\\Flagged" in flags,
        "is_answered": "\\Answered" in flags,
        "is_draft": is_draft or "\\Draft" in flags,
        "same_key": int(row["header_key"][:15], 16),
        "is_rough": False,
        "a": searched(head.subject[:_LINE]),
        "b": searched(_words_of([sender] if sender else [])),
        "c": searched(_words_of(others)),
        "d": searched(listing.snippet or ""),
    }


def searched(text):
    """A text as it is searched: without accents, in lower case."""
    return without_accents(text).lower()


def box_word(mailbox_id):
    """A word of every item of the mailbox, so that a search reads nothing of another one."""
    return f"cmsbox{mailbox_id}"


def thread_keys(row):
    """By what a message is joined with its conversation: its own key, its ancestors', or what its header makes."""
    own = [identity.thread_key(row["message_id"])] if row["message_id"] else []
    return [*own, *(row["thread_keys"] or ())] or [identity.thread_key(row["header_key"])]


def _words_of(people):
    # The domain once more: it is found by its beginning as well.
    return " ".join(f"{a.name[:_NAME]} {a.normalized[:_NAME]} {a.domain[:_NAME]}" for a in people)
