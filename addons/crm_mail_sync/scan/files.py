# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The files of letters, on their way to attachments."""

from dataclasses import dataclass

from ..mailsync.letter import File
from .bulk import insert_rows


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
            store_fname=self._attachments._file_write(content, checksum) if in_store else None,
            index_content=self._attachments._index(content, file.content_type, checksum=checksum) or None,
            content=content if self._in_database else None,
        )


def insert_attachments(env, files, company_id, stamp):
    """Make attachments of (content record's id, KeptFile) pairs."""
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
