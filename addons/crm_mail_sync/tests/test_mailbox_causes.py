# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every way in which a connection may fail, and the sentence that its user reads."""

import datetime
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from sandbox.services import dovecot
from sandbox.services.certificates import DAY, Authority

from ..mailsync import net
from .mailbox_case import MailboxFactory
from .scripted_imap import answering, closed_port


@tagged("post_install", "-at_install")
class TestCauses(MailboxFactory, TransactionCase):
    def said(self, **values):
        """What somebody reads who tests a connection with these settings, which must fail."""
        mailbox = self.new_mailbox(**values)
        self.assertFalse(mailbox.action_test_connection())
        self.assertFalse(mailbox.is_tested)
        message = mailbox.test_message
        self.assertNotIn("tulip-07", message, "No word of the password")
        mailbox.unlink()
        return message

    def said_at_log_in(self, login=b"", greeting=None):
        script = {"login": login} if greeting is None else {"login": login, "greeting": greeting}
        with answering(**script) as port:
            self.allow(f"127.0.0.1:{port}")
            return self.said(host="127.0.0.1", port=port, security="none")

    def test_no_such_host(self):
        self.assertEqual(
            self.said(host="imap.no-such-host.invalid", port=993),
            "There is no server named “imap.no-such-host.invalid”. Check the server's name.",
        )

    def test_refused(self):
        port = closed_port()
        self.allow(f"127.0.0.1:{port}")
        self.assertEqual(
            self.said(host="127.0.0.1", port=port),
            f"“127.0.0.1” is there, but refuses connections on port {port}. "
            "Usual are port 993 with SSL/TLS and port 143 with STARTTLS.",
        )

    def test_timed_out(self):
        model = self.registry["crm.mail.mailbox"]
        with patch.object(model, "_IMAP_TIMEOUT", 0.5):
            self.assertRegex(
                self.said_at_log_in(greeting=b""),
                r"^“127\.0\.0\.1” does not answer on port \d+\. Check server, port and encryption\.$",
            )

    def test_internal_hosts(self):
        for host, port in (("127.0.0.1", 993), ("10.20.30.40", 143), ("localhost", 993), ("192.168.1.1", 993)):
            with self.subTest(host):
                self.assertEqual(
                    self.said(host=host, port=port),
                    f"“{host}” on port {port} is not a public IMAP server: it is inside an internal network, or the "
                    "port is none of IMAP's. An administrator can allow it under Settings → Email settings → "
                    "Internal mail servers.",
                )

    def test_an_internal_host_tells_nothing_of_what_listens_there(self):
        listening = self.said(host="127.0.0.1", port=self.dovecot.imaps_port)
        closed = closed_port()
        self.assertEqual(
            listening.replace(str(self.dovecot.imaps_port), "N"),
            self.said(host="127.0.0.1", port=closed).replace(str(closed), "N"),
        )

    def test_certificate_of_another_name(self):
        said = self._said_with_certificate(names=("mail.other.example",))
        self.assertRegex(said, "^The certificate of “localhost” cannot be trusted: Hostname mismatch")
        self.assertIn("issued for mail.other.example", said)

    def test_certificate_that_has_expired(self):
        yesterday = (datetime.datetime.now(datetime.timezone.utc) - DAY).date()
        said = self._said_with_certificate(begins=-30 * DAY, ends=-DAY)
        self.assertIn("certificate has expired; issued for localhost, 127.0.0.1", said)
        self.assertRegex(said, rf"to {yesterday}\. Check the server's name, or tell the server's administrator\.$")

    def test_certificate_of_an_unknown_authority(self):
        said = self._said_with_certificate(is_trusted=False)
        self.assertRegex(said, "^The certificate of “localhost” cannot be trusted: unable to get local issuer")

    def _said_with_certificate(self, is_trusted=True, **certificate):
        with tempfile.TemporaryDirectory(prefix="certificates") as folder:
            Path(folder).chmod(0o755)
            authority = Authority(Path(folder) / "authority")
            trusted = {"SSL_CERT_FILE": str(authority.ca_file)} if is_trusted else {"SSL_CERT_FILE": os.devnull}
            issued = authority.issue(**certificate)
            server = dovecot.running(Path(folder) / "dovecot", {}, certificate=issued)
            with server as running, patch.dict(os.environ, trusted):
                self.addCleanup(net._tls_context.cache_clear)
                net._tls_context.cache_clear()
                self.allow(f"localhost:{running.imaps_port}")
                return self.said(port=running.imaps_port)

    def test_wrong_password(self):
        self.assertEqual(
            self.said(password="rose"),
            "The server does not accept this user name and password. Check both; if the name to log in with is not "
            "anna@tulips.example, enter it as Email (username). "
            "The server says: “[AUTHENTICATIONFAILED] Authentication failed.”",
        )

    def test_log_ins_refused_for_a_reason(self):
        for login, sentence in {
            b"NO [ALERT] Application-specific password required: https://support.google.com/accounts (Failure)": (
                "This provider wants an app password instead of the account's own. "
                "Make one in the security settings of the account and enter it here. The server says: “[ALERT] "
                "Application-specific password required: https://support.google.com/accounts (Failure)”"
            ),
            b"NO LOGIN failed. LogonDenied-BasicAuthBlocked": (
                "This provider no longer takes passwords over IMAP. Connect the mailbox as Outlook instead. "
                "The server says: “LOGIN failed. LogonDenied-BasicAuthBlocked”"
            ),
            b"NO [ALERT] Your account is not enabled for IMAP use.": (
                "IMAP is switched off for this account. Switch it on in the settings of the mailbox at the provider. "
                "The server says: “[ALERT] Your account is not enabled for IMAP use.”"
            ),
            b"NO [UNAVAILABLE] Temporary authentication failure.": (
                "“127.0.0.1” cannot serve just now. Try again in a few minutes. "
                "The server says: “[UNAVAILABLE] Temporary authentication failure.”"
            ),
            b"NO [ALERT] Too many simultaneous connections. (Failure)": (
                "“127.0.0.1” asks for fewer requests for a while. "
                "The server says: “[ALERT] Too many simultaneous connections. (Failure)”"
            ),
        }.items():
            with self.subTest(login):
                self.assertEqual(self.said_at_log_in(login), sentence)

    def test_a_password_that_the_server_repeats_is_not_shown(self):
        said = self.said_at_log_in(b"NO [AUTHENTICATIONFAILED] tulip-07-bulb is wrong")
        self.assertIn("does not accept this user name and password", said)

    def test_not_an_imap_server(self):
        for greeting in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"220 smtp ready\r\n"):
            with self.subTest(greeting):
                said = self.said_at_log_in(greeting=greeting)
                self.assertRegex(
                    said,
                    r"^“127\.0\.0\.1” on port \d+ does not answer as an IMAP server does\. Check server and port\.$",
                )

    def test_the_wrong_encryption(self):
        said = self.said(port=self.dovecot.imap_port, security="ssl")
        self.assertRegex(said, r"does not offer this encryption on port \d+\. Choose SSL/TLS with port 993, or START")

    def test_a_stored_password_that_cannot_be_read(self):
        mailbox = self.new_mailbox()
        mailbox.sudo().password_encrypted = "gAAAAA-damaged"
        self.assertFalse(mailbox.action_test_connection())
        self.assertEqual(
            mailbox.test_message,
            "The stored password can no longer be read, because the key of this Odoo has changed. Enter it again.",
        )
