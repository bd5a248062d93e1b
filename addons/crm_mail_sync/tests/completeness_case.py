# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import fields

from .scan_case import ScanCase, letter

OWNER = "owner@scan-own.test"
CUSTOMER, STRANGER = "anna@acme-scan.test", "nobody@else-scan.test"


class CompletenessCase(ScanCase):
    """A mailbox that was imported, and the check of it."""

    def check(self, seconds=60):
        """A scan with a check, as the button asks for it, until both are done."""
        self.mailbox.check_due = fields.Datetime.now()
        self.scan(seconds=seconds)

    def results(self):
        return {folder.name: folder.check_result for folder in self.mailbox.folder_ids if folder.check_result}

    def forget(self, *remote_ids):
        """As if a scan had passed these messages over."""
        copies = self.copies().filtered(lambda copy: copy.remote_id in remote_ids)
        self.assertEqual(len(copies), len(remote_ids))
        copies.email_id.unlink()
        copies.unlink()
        self.cr.commit()

    def assert_found_and_mended(self, ids):
        """Every second message is a customer's; of these and of others some were passed over."""
        self.scan()
        self.forget(*ids[:4])
        self.scan()
        self.assertEqual(len(self.copies()), len(ids) - 4, "the bookmark is behind them")
        self.check()
        self.assertEqual(self.mailbox.completeness, "differs")
        self.assertIn("4 of 8", self.mailbox.completeness_text)
        self.assertEqual(Counter(self.copies().mapped("state")), {"kept": 4, "skipped": 4})
        self.assertEqual(len(self.links_of(self.anna)), 4)
        self.check()
        self.assertEqual(self.mailbox.completeness, "complete")
        self.assertIn("every one of 8", self.mailbox.completeness_text)


class MemoryCompletenessCase(CompletenessCase):
    """The same on the memory provider, with mail of a customer and of a stranger in turn."""

    def deliver(self, count=1, folder="INBOX", sender=None, start=0):
        return [
            self.server.deliver(
                letter(sender or (CUSTOMER, STRANGER)[n % 2], OWNER, number=n, subject=f"No {n}"),
                folder,
            )
            for n in range(start, start + count)
        ]

    def lose(self, remote_id):
        """The message leaves the server, and no listing tells."""
        contents, uid = self.server.find(remote_id)
        del contents.messages[uid]
