# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letter that somebody answers, passes on or goes on with: out of the archive, or fetched from the mailbox."""

from dataclasses import dataclass, field

from odoo.exceptions import UserError

from ..mailsync import html, mime
from ..mailsync.errors import MailSyncError
from ..mailsync.letter import File, Head
from ..models import asking, error_texts


@dataclass(frozen=True)
class Answered:
    """``email_id``: the archived letter, None if there is none. ``place``: (folder, id) in the sender's mailbox.

    ``is_own``: he has it in a mailbox, so that its Message-ID may leave with his answer. ``is_whole``: the head tells
    of the whole conversation; the archive keeps no References.
    """

    head: Head
    html: str = field(repr=False)
    files: tuple[File, ...] = ()
    email_id: int | None = None
    place: tuple[str, str] | None = None
    is_own: bool = True
    is_whole: bool = True


def from_archive(letter):
    """A letter (``crm.mail.email``) as its reader has it; raises AccessError, or UserError if its text is not his."""
    letter.check_access("read")
    content = letter._readable_contents(["html", "text"]).get(letter.id)
    if not content:
        raise UserError(letter.env._("The text of this email is shown to its owners only, so you cannot answer it."))
    as_letter = letter._as_letter(content)
    return Answered(
        head=as_letter.head,
        html=content.html or "",
        files=as_letter.files,
        email_id=letter.id,
        is_own=letter.env.user in letter.sudo().owner_ids,
        is_whole=False,
    )


def from_mailbox(copy):
    """A message (``crm.mail.copy``) as it lies in the mailbox of who asks; raises UserError if it is not to be had."""
    env, mailbox = copy.env, copy.mailbox_id
    folder, remote_id, email_id = copy.folder_id.remote_id, copy.remote_id, copy.email_id.id
    try:
        with asking.session(mailbox) as provider:
            fetched = list(provider.fetch(folder, [remote_id]))
    except MailSyncError as error:
        raise UserError(error_texts.explain(env, error, mailbox)) from error
    content = next((one.content for one in fetched if one.content), None)
    if content is None:
        raise UserError(env._("This message is no longer where it was. Look for it in the other folders."))
    letter = mime.read_letter(content)
    source = html.sanitise(letter.html) if letter.html else html.text_to_html(letter.text)
    return Answered(letter.head, source, letter.files, email_id or None, (folder, remote_id))
