# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Asking where a letter is."""

from .scan_case import ScanCase

OWNER = "owner@scan-own.test"
CUSTOMER, STRANGER = "anna@acme-scan.test", "nobody@else-scan.test"


class TraceCase(ScanCase):
    def setUp(self):
        super().setUp()
        self.trace = self.env["crm.mail.trace"].with_user(self.user)

    def find(self, text, day=False, user=None):
        return self.trace.with_user(user or self.user).find(text, day)["hits"]

    def find_one(self, text, **options):
        hits = self.find(text, **options)
        self.assertEqual(len(hits), 1, (text, hits))
        return hits[0]

    def trail(self, hit, user=None):
        return self.trace.with_user(user or self.user).trail(hit["email_id"], hit["copy_ids"])

    def told(self, hit):
        """All sentences of a trail."""
        trail = self.trail(hit)
        lines = [line for event in trail["events"] for line in (event["text"], *event["details"])]
        return "\n".join([*lines, trail["text"]])

    def file(self, hit, targets=None):
        """File it, scan, and ask what came of it."""
        begun = self.trace.file_now(hit["copy_ids"], targets)
        self.cr.commit()
        self.scan()
        return self.trace.filing(begun["copy_id"])
