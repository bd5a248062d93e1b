# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo's gateway and what Odoo sends, beside mailboxes that hold the same messages."""

import email
import email.policy
from contextlib import contextmanager
from unittest.mock import patch

from .scan_case import ScanCase

SUPPORT = "support@alias-scan.test"


class _Outgoing:
    """An SMTP session that keeps what it is given."""

    from_filter = False
    smtp_from = False

    def __init__(self, sent):
        self.sent = sent

    def send_message(self, message, _sender, _recipients):
        self.sent.append(message.as_bytes(policy=email.policy.SMTP))

    def quit(self):
        """Ends it."""


class GatewayCase(ScanCase):
    """Five mailboxes, an alias that makes leads, and Odoo's outgoing mail as it leaves the server."""

    def setUp(self):
        super().setUp()
        domain = self.env["mail.alias.domain"].create({"name": "alias-scan.test"})
        self.env["mail.alias"].create(
            {
                "alias_name": "support",
                "alias_domain_id": domain.id,
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
            }
        )
        self.boxes = self.mailbox
        for number in range(4):
            self.boxes |= self._mailbox(self._colleague(f"scan.c{number}"), f"c{number}@scan-own.test")
        self.lead.user_id = self.user
        self.cr.commit()

    def _colleague(self, login):
        # Nobody signs in: without a password there is none to hash, which takes longer than a scan.
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": login,
                    "email": f"{login.removeprefix('scan.')}@scan-own.test",
                    "group_ids": [(4, self.env.ref("sales_team.group_sale_salesman").id)],
                }
            )
        )

    def _wipe(self):
        self.cr.rollback()
        self.env.invalidate_all()
        messages = self.env["mail.message"].search([("model", "in", ("crm.lead", "res.partner"))])
        messages.filtered(lambda m: "scan" in (m.email_from or "") + (m.body or "")).unlink()
        self.env["mail.mail"].search([]).unlink()
        domain = self.env["mail.alias.domain"].search([("name", "=", "alias-scan.test")])
        # The first domain of a database was given to all that there was.
        aliases = self.env["mail.alias"].search([("alias_domain_id", "in", domain.ids)])
        aliases.filtered(lambda a: a.alias_name == "support").unlink()
        aliases.exists().alias_domain_id = False
        self.env["res.company"].search([("alias_domain_id", "in", domain.ids)]).alias_domain_id = False
        domain.unlink()
        self.cr.commit()
        super()._wipe()
        self.env["res.company"].search([("name", "=", "Elsewhere scan")]).unlink()
        self.cr.commit()

    def receive(self, content):
        """Odoo's gateway gets a message; the record that it makes or updates."""
        record_id = self.env["mail.thread"].message_process(None, content)
        self.cr.commit()
        return self.env["crm.lead"].browse(record_id)

    @contextmanager
    def sending(self):
        """What Odoo sends meanwhile, as bytes, one for each recipient: as it would be given to a server."""
        sent = []
        servers = self.registry["ir.mail_server"]
        with (
            patch.object(servers, "_disable_send", lambda *_args: False),
            patch.object(servers, "_connect__", lambda *_args, **_kwargs: _Outgoing(sent)),
        ):
            yield sent

    def post(self, record, body="The offer is attached, as of scan.", **values):
        """A message that is sent from a record by the mailboxes' user; its mails and itself."""
        values = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment", **values}
        with self.sending() as sent:
            message = record.with_user(self.user).sudo().message_post(body=body, **values)
            self.env["mail.mail"].search([("mail_message_id", "=", message.id)]).send()
            self.cr.commit()
        return sent, message

    def scan_boxes(self):
        for mailbox in self.boxes:
            self.scan(mailbox)

    def deliver(self, content, *mailboxes, folder="INBOX"):
        for mailbox in mailboxes or self.boxes:
            self.servers[mailbox.address].deliver(content, folder)

    def page(self, record, user=None, **kwargs):
        """The record's chatter, newest first: messages of its own as ``mail.message``, letters as letters."""
        env = self.env(user=(user or self.user).id, su=False)
        thread = record.with_env(env)
        messages = env["mail.message"]._message_fetch(None, thread=thread, limit=100, **kwargs)["messages"]
        return [
            self.env["crm.mail.email"].browse(m.res_id) if m.model == "crm.mail.email" else m.sudo()
            for m in messages
            if m.message_type != "notification" and not (m.model == "crm.lead" and not m.sudo().body)
        ]

    def count(self, record):
        """Letters as the record's button counts them, and as the list behind it shows them."""
        record = record.with_user(self.user)
        record.invalidate_recordset(["letter_count"])
        action = record.action_open_letters()
        listed = self.env["crm.mail.email"].with_user(self.user).search_count(action["domain"])
        return int(record.letter_count or 0), listed


def headers(content, **changed):
    """The same message with other header fields; None takes one away."""
    message = email.message_from_bytes(content, policy=email.policy.SMTP)
    for name, value in changed.items():
        name = name.replace("_", "-")
        del message[name]
        if value is not None:
            message[name] = value
    return message.as_bytes()
