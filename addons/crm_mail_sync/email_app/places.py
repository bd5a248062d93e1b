# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a list walks along: a folder, or the whole mailbox, with a filter that has an index of its own."""

from dataclasses import dataclass

from odoo.tools import SQL

FILTERS = {
    "": "TRUE",
    "unread": "NOT {alias}.is_seen",
    "flagged": "{alias}.is_flagged",
    "files": "{alias}.has_files",
}


@dataclass(frozen=True)
class Place:
    """:param place_id: of the folder or of the mailbox"""

    mailbox_id: int
    folder_id: int | None
    role: str = ""
    only: str = ""

    @classmethod
    def of(cls, mailbox, folder_id, only=""):
        """:param folder_id: as the app says it; a folder of another mailbox is an empty place."""
        only = only if only in FILTERS else ""
        if folder_id in ("all", "unread", "flagged"):
            return cls(mailbox.id, None, only=only or ("" if folder_id == "all" else folder_id))
        folder = mailbox.folder_ids.filtered(lambda f: f.id == folder_id)
        return cls(mailbox.id, folder.id or 0, folder.role or "", only)

    @property
    def table(self):
        return SQL("crm_mail_item" if self.folder_id is None else "crm_mail_item_folder")

    @property
    def number(self):
        """The column of the item's id."""
        return SQL("id" if self.folder_id is None else "item_id")

    def whole(self, alias):
        """The condition of the place without its filter."""
        name = SQL.identifier(alias)
        if self.folder_id is None:
            return SQL("%s.mailbox_id = %s AND %s.is_here", name, self.mailbox_id, name)
        return SQL("%s.folder_id = %s", name, self.folder_id)

    def where(self, alias):
        return SQL("%s AND %s", self.whole(alias), SQL(FILTERS[self.only].format(alias=alias)))

    def behind(self, alias, place):
        """The condition that an item comes later in the list.

        :param place: (received, item)
        """
        if not place:
            return SQL("TRUE")
        name = SQL.identifier(alias)
        return SQL("(%s.received, %s.%s) < (%s::timestamp, %s)", name, name, self.number, *place)
