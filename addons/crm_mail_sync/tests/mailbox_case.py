# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real Dovecot and the users who connect their mailboxes to it."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from odoo.tests import new_test_user

from sandbox.services import dovecot

from ..mailsync import net
from ..scan.unit import Unit

PASSWORD = "tulip-07-bulb"
FOLDERS = ("Kunden/2026/Angebote und Aufträge", "Archiv/Проекты", "Archiv/顧客")


def committing_others(cr):
    """What a session ends its transaction with, but for the test's own."""

    def commit(unit):
        unit.env.flush_all()
        if unit.env.cr is not cr:
            unit.env.cr.commit()

    return patch.object(Unit, "commit", commit)


class PeopleFactory:
    """Mixin for test classes of Odoo: the users ``anna`` and ``boris``, and an ``admin``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "no_reset_password": True})
        cls.anna = cls.make_user("mailbox_anna")
        cls.boris = cls.make_user("mailbox_boris")
        cls.admin = cls.make_user("mailbox_admin", "base.group_system")

    @classmethod
    def make_user(cls, login, *groups, internal="base.group_user"):
        name = login.rpartition("_")[2].title()
        return new_test_user(
            cls.env,
            login=login,
            password=login,
            name=name,
            email=f"{name.lower()}@tulips.example",
            groups=",".join([internal, *groups]),
            tz="Europe/Vilnius",
        )

    def folder(self, mailbox, name):
        return mailbox.folder_ids.filtered(lambda f: f.complete_name == name)

    @classmethod
    def trust(cls, stack, ca_file):
        """Python's ssl trusts what this variable names; contexts made before know nothing of it."""
        stack.enter_context(patch.dict(os.environ, {"SSL_CERT_FILE": str(ca_file)}))
        net._tls_context.cache_clear()
        stack.callback(net._tls_context.cache_clear)


class MailboxFactory(PeopleFactory):
    """Mixin for test classes of Odoo: Dovecot with the mailboxes of the users ``anna`` and ``boris``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dovecot = cls._start_dovecot()
        cls.allow(f"localhost:{cls.dovecot.imaps_port}", f"localhost:{cls.dovecot.imap_port}")

    @classmethod
    def _start_dovecot(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mailboxes"))
        # The server drops its rights and has to find its way into the folder.
        Path(folder).chmod(0o755)
        users = {user.email: PASSWORD for user in (cls.anna, cls.boris)}
        server = stack.enter_context(dovecot.running(Path(folder) / "dovecot", users))
        for name in FOLDERS:
            server.make_folder(cls.anna.email, name)
        cls.trust(stack, server.ca_file)
        return server

    @classmethod
    def allow(cls, *hosts):
        """Let users enter these hosts, as an administrator does in the settings."""
        cls.env["ir.config_parameter"].sudo().set_param("crm_mail_sync.allowed_hosts", ", ".join(hosts))

    def new_mailbox(self, user=None, **values):
        """A mailbox at Dovecot, made by its user, with the right password and not yet tested."""
        user = user or self.anna
        return (
            self.env["crm.mail.mailbox"]
            .with_user(user)
            .create(
                {
                    "address": user.email,
                    "host": "localhost",
                    "port": self.dovecot.imaps_port,
                    "password": PASSWORD,
                    **values,
                }
            )
        )

    def connected_mailbox(self, user=None, **values):
        mailbox = self.new_mailbox(user, **values)
        self.assertTrue(mailbox.action_test_connection(), mailbox.test_message)
        mailbox.action_submit()
        return mailbox
