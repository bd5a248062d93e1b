# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The files of letters, on their way to attachments."""

import errno
from dataclasses import dataclass
from pathlib import Path

from ..mailsync.errors import StorageFull, StorageUnavailable
from ..mailsync.letter import File
from .bulk import insert_rows

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class KeptFile:
    """A file whose bytes Odoo's file store has already; ``content`` only where attachments lie in the database."""

    name: str
    content_type: str
    content_id: str
    inline: bool
    size: int
    checksum: str
    store_fname: str | None
    index_content: str | None
    content: bytes | None


class FileKeeper:
    """Puts files where Odoo keeps attachments, byte for byte as they came.

    Past ``ir.attachment.create``, which makes pictures smaller and turns markup into text unless told not to, and
    which would write the bytes while the transaction waits: that took a third of an import.
    """

    def __init__(self, env):
        self._attachments = env["ir.attachment"]
        self._in_database = self._attachments._storage() == "db"

    def keep(self, file: File) -> KeptFile:
        """Write the bytes to the file store; no database is touched. Odoo collects what no attachment comes to name."""
        content = file.content
        checksum = self._attachments._compute_checksum(content)
        in_store = content and not self._in_database
        return KeptFile(
            name=file.name or "file",
            content_type=file.content_type,
            content_id=file.content_id,
            inline=file.inline,
            size=len(content),
            checksum=checksum,
            store_fname=self._write(content, checksum) if in_store else None,
            index_content=self._attachments._index(content, file.content_type, checksum=checksum) or None,
            content=content if self._in_database else None,
        )

    def _write(self, content, checksum):
        """Raises StorageUnavailable: a store that takes no file is no fault of the message."""
        try:
            self._clear_half_file(content, checksum)
            return self._attachments._file_write(content, checksum)
        except OSError as error:
            raise (StorageFull if error.errno in _NO_ROOM else StorageUnavailable)() from error

    def _clear_half_file(self, content, checksum):
        """Make way for a file of which a process that was killed left only a part.

        Odoo names files by their digests, and would take this one for another with the same digest for ever.
        """
        path = Path(self._attachments._full_path(f"{checksum[:2]}/{checksum}"))
        if path.is_file() and path.stat().st_size < len(content):
            path.unlink(missing_ok=True)


def insert_attachments(env, files, company_id, stamp):
    """Make attachments of (content record's id, KeptFile) pairs; raises FileNotFoundError, for a message to be fetched
    again, if Odoo has collected a file meanwhile.
    """
    rows = [
        {
            "name": file.name,
            "type": "binary",
            "res_model": "crm.mail.content",
            "res_id": content_id,
            "company_id": company_id,
            "public": False,
            "mimetype": file.content_type,
            # By this an inline image is found when the letter is shown.
            "description": file.content_id or None,
            "file_size": file.size,
            "checksum": file.checksum,
            "store_fname": file.store_fname,
            "db_datas": file.content,
            "index_content": file.index_content,
            **stamp,
        }
        for content_id, file in files
    ]
    insert_rows(env, "ir_attachment", rows, "RETURNING id")
    # Now, with rows in the table, Odoo's collector of files waits for our commit and will find them.
    attachments = env["ir.attachment"]
    for _content_id, file in files:
        if file.store_fname and not Path(attachments._full_path(file.store_fname)).is_file():
            raise FileNotFoundError("a file was collected before its attachment was made")
