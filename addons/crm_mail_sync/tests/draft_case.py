# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters written in a mailbox at a memory server, by its owner."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError

from ..mailsync import mime
from ..mailsync.providers.memory import MemoryMailbox
from ..scan.unit import Unit
from .scan_case import ScanCase


class DraftCase(ScanCase):
    """``drafts``: the model as the mailbox's owner calls it; ``clock``: what the time is for what is sent."""

    def setUp(self):
        super().setUp()
        self.drafts = self.env(user=self.user.id, su=False)["crm.mail.draft"]
        self.lead.user_id = self.user
        for folder in self.mailbox.folder_ids:
            folder.selected = folder.role in ("inbox", "sent")
        self.cr.commit()

    def _new_server(self, address):
        server = MemoryMailbox()
        server.add_folder("Sent", role="sent")
        server.add_folder("Drafts", role="drafts")
        return server

    def call(self, method, *args, **kwargs):
        """A call as from a browser: its own transaction."""
        answer = Unit(self.env).run(lambda: getattr(self.drafts, method)(*args, **kwargs))
        self.env.invalidate_all()
        return answer

    def refusal(self, method, *args, **kwargs):
        """What the user is told who must not do this."""
        try:
            self.call(method, *args, **kwargs)
        except UserError as error:
            return str(error)
        return self.fail(f"{method} was not refused")

    def provided_by(self, provider):
        """The same server, as one of another kind of provider, which may do all."""
        allowed = dict.fromkeys(("_why_not_send", "_why_not_act"), lambda _mailbox: "")
        self.enterContext(patch.multiple(self.registry["crm.mail.mailbox"], **allowed))
        self.cr.execute("UPDATE crm_mail_mailbox SET provider = %s WHERE id = %s", (provider, self.mailbox.id))
        self.cr.commit()
        self.env.invalidate_all()

    def write(self, **values):
        """A new letter to Anna, ready to be sent."""
        draft = self.call("begin", "new", **{k: values.pop(k) for k in ("model", "res_id") if k in values})
        values = {"to": [{"name": "Anna", "address": "anna@acme-scan.test"}], "subject": "Offer", **values}
        self.call("save", draft["id"], {"body": "<p>Dear Anna</p>", **values})
        return self.record(draft["id"])

    def record(self, draft_id):
        return self.env["crm.mail.draft"].browse(draft_id)

    def send(self, draft, later=timedelta(seconds=11), **values):
        """Press Send, and let the time for undoing it go by."""
        self.call("send_later", draft.id, values)
        return self.go_on(draft, later)

    def go_on(self, draft, later=timedelta(seconds=11)):
        now = fields.Datetime.now() + later
        with patch.object(fields.Datetime, "now", staticmethod(lambda *_args: now)):
            return self.call("send_now", draft.id)

    def item_of(self, remote_id):
        copy = self.env["crm.mail.copy"].search([("mailbox_id", "=", self.mailbox.id), ("remote_id", "=", remote_id)])
        return self.env["crm.mail.item"].search([("copy_id", "=", copy.id)])

    def receive(self, content, folder="INBOX", **options):
        """A message that arrives and is scanned; its item."""
        remote_id = self.server.deliver(content, folder, **options)
        self.scan()
        return self.item_of(remote_id)

    @property
    def sent(self):
        """What was sent, as the mailbox keeps it."""
        return [self.server.content(remote_id) for remote_id in self.server.remote_ids("Sent")]

    def sent_heads(self):
        return [mime.read_head(message) for message in self.sent]

    def sent_letter(self):
        self.assertEqual(len(self.sent), 1)
        return mime.read_letter(self.sent[0])
