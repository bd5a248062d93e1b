# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The app's server as its user calls it, on what real scans of a memory server have brought."""

from odoo.api import Environment
from odoo.exceptions import UserError

from ..mailsync.providers.memory import MemoryMailbox
from .scan_case import ScanCase, letter

OWN = "owner@scan-own.test"
CUSTOMER = "Anna Acme <anna@acme-scan.test>"


class EmailAppCase(ScanCase):
    """The mailbox of ``ScanCase``, which is its user's Main one."""

    def setUp(self):
        super().setUp()
        self.inbox = self.folder("INBOX")
        self.sent = self.folder("Sent")

    def _new_server(self, address):
        server = MemoryMailbox()
        server.add_folder("Sent", role="sent")
        return server

    def folder(self, remote_id):
        return self.mailbox.folder_ids.filtered(lambda f: f.remote_id == remote_id)

    def call(self, method, *args, user=None, **kwargs):
        """A call of the app as a user makes it, committed like a request."""
        env = Environment(self.cr, (user or self.user).id, {})
        answer = getattr(env["crm.mail.app.email"], method)(*args, **kwargs)
        self.cr.commit()
        self.env.invalidate_all()
        return answer

    def refused(self, *args, **kwargs):
        """The sentence with which a call is refused; assertRaises would keep a savepoint, which a commit ends."""
        try:
            self.call(*args, **kwargs)
        except UserError as error:
            self.cr.rollback()
            self.env.invalidate_all()
            return str(error)
        return self.fail("It was not refused.")

    def rows(self, folder="all", **kwargs):
        place = folder if isinstance(folder, str) else folder.id
        return self.call("conversations", place, **kwargs)["rows"]

    def subjects(self, folder="all", **kwargs):
        return [row["subject"] for row in self.rows(folder, **kwargs)]

    def counts(self):
        return {f["name"]: (f["total"], f["unread"]) for f in self.call("folders") if f["is_picked"]}

    def deliver(self, subject, folder="INBOX", *, sender=CUSTOMER, to=(OWN,), number=0, flags=(), **fields):
        content = letter(sender, *to, subject=subject, number=number, **fields)
        return self.server.deliver(content, folder, flags=flags, received=1_770_000_000 + number * 60)

    def item(self, subject):
        return self.env["crm.mail.item"].search([("subject", "=", subject), ("mailbox_id", "=", self.mailbox.id)])

    def check_counts(self):
        """What is kept beside the index is what it would be if it were counted."""
        self.cr.execute(
            """
            SELECT f.id, COALESCE(c.total, 0), COALESCE(c.unread, 0), count(m.item_id),
                   count(m.item_id) FILTER (WHERE NOT i.is_seen)
              FROM crm_mail_folder f
              LEFT JOIN crm_mail_folder_count c ON c.folder_id = f.id
              LEFT JOIN crm_mail_item_folder m ON m.folder_id = f.id
              LEFT JOIN crm_mail_item i ON i.id = m.item_id
             GROUP BY 1, 2, 3
            """
        )
        for folder_id, total, unread, counted, counted_unread in self.cr.fetchall():
            self.assertEqual((total, unread), (counted, counted_unread), f"folder {folder_id}")
        self.cr.execute(
            """
            SELECT count(*) FROM crm_mail_item i
             WHERE i.is_here != EXISTS (SELECT FROM crm_mail_item_folder m JOIN crm_mail_folder d ON d.id = m.folder_id
                                         WHERE m.item_id = i.id AND COALESCE(d.role, '') NOT IN ('junk', 'trash'))
                OR EXISTS (SELECT FROM crm_mail_item_folder m
                            WHERE m.item_id = i.id
                              AND (m.received, m.conversation, m.is_seen, m.is_flagged, m.has_files)
                                  IS DISTINCT FROM (i.received, i.conversation, i.is_seen, i.is_flagged, i.has_files))
            """
        )
        self.assertEqual(self.cr.fetchone()[0], 0, "messages that their folders tell otherwise of")
