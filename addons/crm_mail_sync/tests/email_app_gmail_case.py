# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


from .email_app_case import EmailAppCase
from .gmail_case import OWNER, AtGmail
from .scan_case import letter


class EmailAppGmailCase(AtGmail, EmailAppCase):
    """The app with a Main mailbox at the stand-in for Gmail."""

    # Labels of the user's own; they are picked beside the inbox.
    LABELS = ()

    def setUp(self):
        super().setUp()
        self.labels = [self.account.add_label(name) for name in self.LABELS]
        self.mailbox.provider = "gmail"
        # What was granted is the stand-in's business here.
        self.patch(self.registry["crm.mail.mailbox"], "_is_granted_to_act", lambda _mailbox: True)
        self.mailbox.folder_ids.unlink()
        with self.gmail.session() as provider:
            self.env["crm.mail.folder"]._store_listing(self.mailbox, provider.folders())
        self.inbox = self.folder("INBOX")
        self.mailbox.folder_ids.selected = False
        self.mailbox.folder_ids.filtered(lambda f: f.remote_id in ("INBOX", *self.labels)).selected = True
        self.mailbox._set_connected()
        self.cr.commit()

    def deliver(self, subject, *labels, sender="Anna <anna@acme-scan.test>", number=0, body="An offer."):
        content = letter(sender, OWNER, number=number, subject=subject, body=body)
        return self.account.deliver(content, labels, received=1_790_000_000 + 60 * number)
