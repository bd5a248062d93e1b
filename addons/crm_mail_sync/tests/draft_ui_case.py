# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A browser in which its owner writes from a mailbox at a memory server."""

from unittest.mock import patch

from odoo.tests import HttpCase

from ..email_app import draft_sending
from ..email_app.listing_now import list_now, listing_of
from ..mailsync.providers.memory import MemoryMailbox
from ..scan.scope import scope_of
from .browser_case import BrowserCase
from .common import NOON, LetterFactory


class DraftUiCase(BrowserCase, LetterFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.server = MemoryMailbox()
        self.server.add_folder("Sent", role="sent")
        self.server.add_folder("Drafts", role="drafts")
        self.env["crm.mail.folder"]._store_listing(self.mailbox, self.server.session().folders())
        self.mailbox.folder_ids.filtered(lambda f: f.role in ("inbox", "sent")).selected = True
        self.mailbox._set_connected()
        self.mailbox.write({"state": "up_to_date", "last_scan": NOON})
        sessions = {
            "_connector__": lambda _mailbox, _keep: self.server.session,
            "_actor_connector__": lambda _mailbox, _keep: self.server.actor,
            "_why_not_send_imap": lambda _mailbox: "",
        }
        self.enterContext(patch.multiple(self.registry["crm.mail.mailbox"], **sessions))
        # Nobody waits for ten seconds here.
        self.enterContext(self.undo_seconds(1))
        self.owner.signature = "<p>Olga Owner<br>Ours Ltd</p>"
        self.env.flush_all()

    def undo_seconds(self, seconds):
        """For how long a letter can be called back."""
        return patch.object(draft_sending, "UNDO_SECONDS", seconds)

    @property
    def sent(self):
        """What was sent, as the mailbox keeps it."""
        return [self.server.content(remote_id) for remote_id in self.server.remote_ids("Sent")]

    def list_message(self, content, folder="INBOX", flags=()):
        """A message that lies in the mailbox and is listed; its item."""
        remote_id = self.server.deliver(content, folder, flags=flags)
        record = self.mailbox.folder_ids.filtered(lambda f: f.remote_id == folder)
        copy_id = list_now(scope_of(self.mailbox), record, listing_of(content, remote_id, flags))
        return self.env["crm.mail.item"].search([("copy_id", "=", copy_id)])

    def pictures(self, page, name):
        """The page as it is on a desk, a tablet and a phone."""
        for width, height in ((390, 800), (820, 1100), (1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            self.picture(page, f"{name}_{width}")
