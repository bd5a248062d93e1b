# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Scans with real transactions on the memory provider: what is committed is committed, as in production."""

import time
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from unittest.mock import patch

from passlib.context import CryptContext

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name, new_test_user

from ..mailsync.providers.memory import MemoryMailbox
from ..scan.runner import Runner

START = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


def letter(sender, *to, subject="Offer", body="Dear all, the offer is attached.", number=0, **fields):
    """The bytes of an ordinary message; ``fields`` are further header fields, parts of names joined by underscores."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(START + timedelta(minutes=number))
    message["Message-ID"] = fields.pop("message_id", None) or make_msgid(domain="mail.test")
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


class ScanCase(BaseCase):
    """A user with a mailbox at a memory server, a customer with a contact, and a lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        # As Odoo's own test cases do: half a second of hashing a user is nothing that is tested here.
        quick = CryptContext(["pbkdf2_sha512", "plaintext"], pbkdf2_sha512__rounds=1)
        cls.enterClassContext(patch.object(cls.registry["res.users"], "_crypt_context", lambda _users: quick))

    def setUp(self):
        super().setUp()
        self.cr = self.registry.cursor()
        self.addCleanup(self.cr.close)
        self.env = api.Environment(self.cr, SUPERUSER_ID, {})
        self.servers = {}
        self.addCleanup(self._wipe)
        sessions = {
            "_connector__": lambda mailbox, _keep: self.servers[mailbox.address].session,
            "_actor_connector__": lambda mailbox, _keep: self.servers[mailbox.address].actor,
            "_why_not_send_imap": lambda _mailbox: "",
        }
        self.enterContext(patch.multiple(self.registry["crm.mail.mailbox"], **sessions))
        self.user = new_test_user(
            self.env,
            login="scan.owner",
            groups="base.group_user,sales_team.group_sale_salesman",
            email="owner@scan-own.test",
        )
        self.records = self.user.partner_id
        self.acme = self._partner(name="Acme", email="info@acme-scan.test", is_company=True)
        self.anna = self._partner(name="Anna", email="anna@acme-scan.test", parent_id=self.acme.id)
        self.lead = self.env["crm.lead"].create(
            {"name": "New hall", "email_from": "lead@lead-scan.test", "type": "opportunity"}
        )
        self.mailbox = self._mailbox(self.user)
        self.server = self.servers[self.mailbox.address]
        self.cr.commit()

    def _partner(self, **values):
        partner = self.env["res.partner"].create(values)
        self.records |= partner
        return partner

    def _mailbox(self, user, address="owner@scan-own.test", **values):
        self.servers[address] = self._new_server(address)
        mailbox = self.env["crm.mail.mailbox"].create(
            {"user_id": user.id, "address": address, "host": "memory.test", **values}
        )
        folders = self.servers[address].session().folders()
        self.env["crm.mail.folder"]._store_listing(mailbox, folders)
        mailbox.folder_ids.filtered("can_pick").selected = True
        mailbox._set_connected()
        return mailbox

    def _new_server(self, address):
        return MemoryMailbox("Sent")

    def _wipe(self):
        """Remove what was committed; the database serves other tests too."""
        self.cr.rollback()
        self.env.invalidate_all()
        self.env["crm.mail.email"].search([]).unlink()
        self.env["crm.mail.mailbox"].search([]).unlink()
        self.env["crm.lead"].with_context(active_test=False).search([("email_from", "like", "scan.test")]).unlink()
        users = self.env["res.users"].search([("login", "like", "scan.")])
        partners = (self.records | users.partner_id).exists()
        users.unlink()
        partners.sorted(lambda p: bool(p.parent_id), reverse=True).exists().unlink()
        for parameter in ("crm_mail_sync.scan_all", "ir_attachment.location"):
            self.env["ir.config_parameter"].set_param(parameter, False)
        self.cr.commit()

    def scan(self, mailbox=None, seconds=60):
        """One complete scan by one worker; fails the test if the mailbox cannot be taken."""
        mailbox = mailbox or self.mailbox
        mailbox._set_due()
        # It has waited longer than any other that the test made.
        mailbox.next_run = START.replace(tzinfo=None)
        self.cr.commit()
        runner = Runner(self.env)
        taken = runner.unit.run(runner.lease.take)
        self.assertEqual(taken, mailbox.id)
        runner.scan(taken, time.monotonic() + seconds)
        self.env.invalidate_all()

    def scan_all_letters(self):
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", True)

    def letters(self):
        return self.env["crm.mail.email"].search([])

    def links_of(self, record):
        return {link.email_id: link.reason for link in record.mail_link_ids}

    def copies(self, state=None):
        domain = [("mailbox_id", "=", self.mailbox.id)]
        return self.env["crm.mail.copy"].search(domain + ([("state", "=", state)] if state else []))
