# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must not be taken for the answer to a sign-in; whatever is refused leaves nothing behind."""

import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from odoo.tests import HttpCase, tagged
from odoo.tools import hash_sign

from ..controllers import oauth_flows
from ..mailsync.providers.gmail.signin import GoogleSignIn
from ..models.crm_mail_mailbox_oauth import START_SCOPE
from .google_case import CALLBACK, READ, SEND, Browser, GoogleFactory

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@tagged("post_install", "-at_install")
class TestOAuthState(Browser, GoogleFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(self.anna.login, self.anna.login)
        self.mailbox = self.new_gmail()

    def assert_nothing_stored(self, mailbox=None):
        mailbox = self.stored(mailbox or self.mailbox)
        for name in (
            "tokens_encrypted",
            "other_grant_encrypted",
            "account_subject",
            "account_address",
            "other_account",
        ):
            self.assertFalse(mailbox[name], name)
        self.assertEqual(mailbox.state, "draft")
        self.assertFalse(mailbox.folder_ids)

    def assert_refused(self, response):
        self.assertEqual(response.status_code, 400)
        self.assertIn("o_mail_sync_problem", response.text)
        self.assert_nothing_stored()

    def asked_for_tokens(self):
        return [record for record in self.google.requests if record.route == "token"]

    def good_answer(self):
        return self.answer(self.to_provider(self.mailbox), self.mailbox.address)

    def test_a_right_answer_is_taken(self):
        """Without it every other test here would pass for nothing."""
        path = self.connect(self.mailbox)
        self.assertEqual(path, f"/odoo/my-mailboxes/{self.mailbox.id}")
        mailbox = self.stored(self.mailbox)
        self.assertTrue(mailbox.tokens_encrypted, mailbox.link_message)
        self.assertTrue(mailbox.is_tested, mailbox.test_message)

    def test_no_state(self):
        answer = self.good_answer()
        del answer["state"]
        self.assert_refused(self.come_back(answer))

    def test_garbage_for_a_state(self):
        answer = self.good_answer()
        self.google.requests.clear()
        for state in ("", "x", "AQ", "ÿ", "A" * 5000, urlsafe_b64encode(b"\x01" + b"0" * 60).decode()):
            self.assert_refused(self.come_back({**answer, "state": state}))
        self.assertFalse(self.asked_for_tokens())

    def test_a_changed_state(self):
        answer = self.good_answer()
        raw = urlsafe_b64decode(answer["state"] + "===")
        forged = raw[:41] + raw[41:].replace(b'"gmail"', b'"imap"')
        self.assertNotEqual(raw, forged)
        self.assert_refused(self.come_back({**answer, "state": urlsafe_b64encode(forged).decode().rstrip("=")}))

    def test_a_state_of_another_purpose(self):
        """The button's own link is signed as well."""
        self.to_provider(self.mailbox)
        nonce = next(iter(self.kept_flows()))
        values = {"nonce": nonce, "mailbox": self.mailbox.id, "user": self.anna.id, "provider": "gmail"}
        state = hash_sign(self.env(su=True), START_SCOPE, values)
        self.assert_refused(self.come_back({"state": state, "code": "4/0abc"}))

    def test_a_state_a_second_time(self):
        answer = self.good_answer()
        self.assertEqual(self.come_back(answer).status_code, 303)
        self.stored(self.mailbox).action_disconnect()
        self.assertEqual(self.come_back(answer).status_code, 400)
        self.assertFalse(self.stored(self.mailbox).tokens_encrypted)

    def test_a_state_that_was_answered_with_a_refusal(self):
        page = self.to_provider(self.mailbox)
        refusal = self.answer(page, self.mailbox.address, deny=True)
        consent = self.answer(page, self.mailbox.address)
        self.assertEqual(self.come_back(refusal).status_code, 303)
        self.assert_refused(self.come_back(consent))

    def test_an_error_in_the_browser_s_address_stops_nobody(self):
        """Anybody can write it there."""
        state = parse_qs(urlsplit(self.to_provider(self.mailbox)).query)["state"][0]
        self.assertEqual(self.come_back({"state": state, "error": "invalid_client"}).status_code, 303)
        self.assertTrue(self.stored(self.mailbox).link_message)
        self.env.registry.clear_cache()
        self.assertFalse(self.env["crm.mail.app"]._has("google_trouble"))

    def test_an_app_that_the_provider_refuses_itself(self):
        answer = self.good_answer()
        redirect_uris = [self.env["crm.mail.app"]._redirect_uri("gmail")]
        self.addCleanup(self.google.register_client, self.google.client_id, self.google.client_secret, redirect_uris)
        self.google.register_client(self.google.client_id, "another", redirect_uris)
        self.assertEqual(self.come_back(answer).status_code, 303)
        self.assertTrue(self.stored(self.mailbox).link_message)
        self.env.registry.clear_cache()
        self.assertTrue(self.env["crm.mail.app"]._has("google_trouble"))

    def test_another_session_of_the_same_user(self):
        answer = self.good_answer()
        self.authenticate(self.anna.login, self.anna.login)
        self.assert_refused(self.come_back(answer))

    def test_another_user(self):
        answer = self.good_answer()
        self.authenticate(self.boris.login, self.boris.login)
        self.assert_refused(self.come_back(answer))

    def test_another_user_in_the_same_session(self):
        """The session outlived a change of its user: the state is still bound to who began."""
        answer = self.good_answer()
        kept = self.kept_flows()
        self.authenticate(self.boris.login, self.boris.login, session_extra={"crm_mail_sync_sign_ins": kept})
        self.assert_refused(self.come_back(answer))

    def test_nobody(self):
        answer = self.good_answer()
        self.authenticate(None, None)
        response = self.come_back(answer)
        self.assertEqual(urlsplit(response.headers["Location"]).path, "/web/login")
        self.assert_nothing_stored()

    def test_eleven_minutes_later(self):
        answer = self.good_answer()
        later = datetime.now() + oauth_flows.LIFETIME * 1.1
        # Only the clock that the signature is checked by: the session must not have ended for another reason.
        with patch("odoo.tools.misc.datetime.datetime", wraps=datetime) as clock:
            clock.now.return_value = later
            self.assert_refused(self.come_back(answer))

    def test_the_answer_at_the_other_providers_address(self):
        self.assert_refused(self.come_back(self.good_answer(), "/crm_mail_sync/oauth/microsoft"))

    def test_a_mailbox_that_is_gone(self):
        answer = self.good_answer()
        self.mailbox.unlink()
        self.assertEqual(self.come_back(answer).status_code, 400)

    def test_a_mailbox_that_is_imap_now(self):
        answer = self.good_answer()
        self.mailbox.provider = "imap"
        self.assert_refused(self.come_back(answer))

    def test_a_mailbox_that_changes_meanwhile(self):
        """No transaction is open while the code is redeemed, and what comes of it may be for nobody any more."""
        answer = self.good_answer()
        redeem = GoogleSignIn.redeem

        def slow(source, *args):
            grant = redeem(source, *args)
            self.mailbox.with_user(self.anna).provider = "imap"
            self.env.flush_all()
            return grant

        with patch.object(GoogleSignIn, "redeem", slow):
            self.assert_refused(self.come_back(answer))

    def test_a_stolen_code(self):
        """Anna is to be made to read Boris's mailbox as hers: his code, her state."""
        own = self.good_answer()
        other = self.answer(self.to_provider(self.new_gmail(address="anna2@tulips.example")), self.boris.email)
        self.assertEqual(self.come_back({**own, "code": other["code"]}).status_code, 303)
        # Another sign-in's code does not go with this one's PKCE verifier (RFC 7636).
        self.assert_nothing_stored()
        self.assertTrue(self.stored(self.mailbox).link_message)

    def test_no_challenge(self):
        """The consent page was asked without PKCE: its code is not redeemed."""
        address = urlsplit(self.to_provider(self.mailbox))
        query = {name: value[0] for name, value in parse_qs(address.query).items()}
        self.assertEqual(query["code_challenge_method"], "S256")
        self.assertNotIn(query["code_challenge"], json.dumps(self.kept_flows()))

    def test_an_error_with_markup(self):
        page = self.to_provider(self.mailbox)
        state = parse_qs(urlsplit(page).query)["state"][0]
        response = self.come_back({"error": HOSTILE, "error_description": HOSTILE, "state": state})
        self.assertEqual(response.status_code, 303)
        self.assertNotIn("script", self.stored(self.mailbox).link_message)
        self.assert_nothing_stored()

    def test_an_error_with_markup_and_no_state(self):
        response = self.come_back({"error": HOSTILE, "error_description": HOSTILE, "state": HOSTILE})
        self.assert_refused(response)
        self.assertNotIn(HOSTILE, response.text)
        self.assertNotIn("<img src=x", response.text)

    def test_refused(self):
        path = self.connect(self.mailbox, deny=True)
        self.assertEqual(path, f"/odoo/my-mailboxes/{self.mailbox.id}")
        self.assertIn("refused", self.stored(self.mailbox).link_message)
        self.assert_nothing_stored()

    def test_reading_unticked(self):
        self.connect(self.mailbox, scopes=[SEND])
        self.assertIn("permission to read", self.stored(self.mailbox).link_message)
        self.assert_nothing_stored()

    def test_sending_unticked(self):
        self.connect(self.mailbox, scopes=[READ])
        mailbox = self.stored(self.mailbox)
        self.assertTrue(mailbox.is_tested)
        self.assertIn("gmail.send", mailbox.missing_text)

    def test_no_open_redirect(self):
        answer = {**self.good_answer(), "next": "https://evil.example", "redirect": "//evil.example"}
        location = self.come_back(answer).headers["Location"]
        self.assertEqual(location, f"/odoo/my-mailboxes/{self.mailbox.id}")
        response = self.url_open(
            self.press_connect(self.mailbox) + "&redirect_uri=https://evil.example", allow_redirects=False
        )
        self.assertNotIn("evil", response.headers["Location"])

    def test_a_page_elsewhere_cannot_begin(self):
        for ticket in (
            "",
            "x",
            hash_sign(self.env(su=True), "else", {"mailbox": self.mailbox.id, "user": self.anna.id}),
        ):
            response = self.url_open(f"/crm_mail_sync/oauth/start?ticket={ticket}", allow_redirects=False)
            self.assertEqual(response.status_code, 400)
        self.assertFalse(self.kept_flows())

    def test_the_link_of_another_user(self):
        url = self.press_connect(self.mailbox)
        self.authenticate(self.boris.login, self.boris.login)
        self.assertEqual(self.url_open(url, allow_redirects=False).status_code, 400)

    def test_another_name_of_the_same_odoo(self):
        """The session's cookie would not come back to it."""
        self.env["ir.config_parameter"].set_param("web.base.url", "http://odoo.tulips.example")
        response = self.url_open(self.press_connect(self.mailbox), allow_redirects=False)
        self.assertEqual(response.status_code, 400)
        self.assertIn("odoo.tulips.example", response.text)

    def test_a_session_keeps_five_at_most(self):
        pages = [self.to_provider(self.mailbox) for _tab in range(7)]
        self.assertEqual(len(self.kept_flows()), oauth_flows.MOST)
        self.assertEqual(self.come_back(self.answer(pages[0], self.mailbox.address)).status_code, 400)
        self.assertEqual(self.come_back(self.answer(pages[-1], self.mailbox.address)).status_code, 303)
        self.assertTrue(self.stored(self.mailbox).tokens_encrypted)

    def test_codes_are_not_logged(self):
        answer = self.good_answer()
        path = f"{CALLBACK}?{urlencode(answer)}"
        self.log_all()
        with self.assertLogs("werkzeug", logging.INFO) as logged:
            # As werkzeug's server does; that of the tests logs no requests.
            logging.getLogger("werkzeug").info('%s - - [%s] "%s" %s', "127.0.0.1", "now", f"GET {path} HTTP/1.1", 303)
            logging.getLogger("werkzeug").info(f'127.0.0.1 "GET {path} HTTP/1.1" 303')  # noqa: G004
        lines = "\n".join(logged.output)
        self.assertIn(CALLBACK, lines)
        for secret in (answer["code"], answer["state"]):
            self.assertNotIn(secret, lines)

    def test_codes_are_not_logged_if_the_session_ended_on_the_way(self):
        """Odoo sends the browser to its log-in, with the answer as a part of that page's address."""
        answer = self.good_answer()
        self.authenticate(None, None)
        path = self.come_back(answer).headers["Location"]
        self.log_all()
        for written in (path, f"/web/login?{urlencode({'redirect': path})}"):
            with self.assertLogs("werkzeug", logging.INFO) as logged:
                logging.getLogger("werkzeug").info('%s "%s" %s', "127.0.0.1", f"GET {written} HTTP/1.1", 303)
            self.assertIn("/web/login", logged.output[0])
            line = unquote(unquote(unquote(logged.output[0])))
            for secret in (answer["code"], answer["state"]):
                self.assertNotIn(secret, line)

    def kept_flows(self):
        return self.stored_session().get("crm_mail_sync_sign_ins") or {}
