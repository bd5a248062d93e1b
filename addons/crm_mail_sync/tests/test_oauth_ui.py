# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The whole way in a real browser, over the provider's consent page and back.

Not a tour: a tour ends where the browser leaves Odoo.
"""

from playwright.sync_api import expect

from odoo.tests import HttpCase, tagged

from .browser_case import BrowserCase
from .google_case import SEND, GoogleFactory
from .microsoft_case import MicrosoftFactory


@tagged("post_install", "-at_install")
class TestOAuthUi(BrowserCase, GoogleFactory, HttpCase):
    def consent(self, page, account=None, untick=(), deny=False):
        """On the provider's page."""
        page.wait_for_url(f"{self.google.endpoints['auth_uri']}**")
        if account:
            page.locator(f"input[name=account][value='{account}']").check()
        for scope in untick:
            page.locator(f"input[name=scope][value='{scope}']").uncheck()
        page.locator("#deny" if deny else "#allow").click()
        page.wait_for_url("**/odoo/**")

    def test_a_gmail_mailbox_from_new_to_connected(self):
        with self.page(self.anna) as page:
            self.new_mailbox(page, self.anna.email, "Gmail")
            self.picture(page, "gmail_new")
            page.get_by_role("button", name="Connect Gmail").click()
            self.consent(page, untick=[SEND])
            granted = page.locator(".o_mail_sync_granted")
            expect(granted).to_contain_text(self.anna.email)
            expect(page.locator("[name=missing_text]")).to_contain_text("gmail.send")
            expect(page.locator(".o_mail_sync_folder", has_text="INBOX").locator("input")).to_be_checked()
            self.picture(page, "gmail_connected")
            page.get_by_role("button", name="Submit").click()
            expect(page.locator(".o_mail_sync_status[data-state=importing]")).to_be_visible()
            page.get_by_role("button", name="Disconnect").click()
            page.locator(".modal .btn-primary").click()
            expect(page.get_by_role("button", name="Connect Gmail")).to_be_visible()
        mailbox = self.env["crm.mail.mailbox"].search([("user_id", "=", self.anna.id)])
        self.assertEqual(self.stored(mailbox).state, "draft")

    def test_another_account(self):
        with self.page(self.anna) as page:
            self.new_mailbox(page, self.anna.email, "Gmail")
            page.get_by_role("button", name="Connect Gmail").click()
            self.consent(page, "stranger@gmail.com")
            question = page.locator(".o_mail_sync_other")
            expect(question).to_contain_text("stranger@gmail.com")
            expect(question).to_contain_text(self.anna.email)
            expect(page.get_by_role("button", name="Submit")).to_have_count(0)
            self.picture(page, "gmail_wrong_account")
            question.get_by_role("button", name="Make this mailbox").click()
            expect(page.locator(".o_mail_sync_granted")).to_contain_text("stranger@gmail.com")
            expect(page.locator("[name=address] input").first).to_have_value("stranger@gmail.com")

    def test_refused_on_a_telephone(self):
        with self.page(self.anna, 390, 844) as page:
            self.new_mailbox(page, self.anna.email, "Gmail")
            self.picture(page, "gmail_new_narrow")
            page.get_by_role("button", name="Connect Gmail").click()
            self.consent(page, deny=True)
            expect(page.locator("[name=link_message]")).to_contain_text("refused")
            self.picture(page, "gmail_refused_narrow")
            width = page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(width, 390)

    def test_from_my_preferences(self):
        with self.page(self.anna) as page:
            page.goto("/odoo/my-mailboxes")
            page.locator(".o_user_menu button").click()
            page.locator("[data-menu=preferences]").click()
            page.locator(".modal .nav-link[name=mail_sync]").click()
            page.locator(".modal button[name=action_new_mailbox]").click()
            page.locator(".modal .o_mail_sync_providers label", has_text="Gmail").click()
            self.picture(page, "gmail_dialog")
            page.locator(".modal").get_by_role("button", name="Connect Gmail").click()
            self.consent(page)
            expect(page.locator(".o_mail_sync_granted")).to_contain_text(self.anna.email)

    def test_settings_and_everybody_at_once(self):
        self.delegate()
        with self.page(self.admin) as page:
            page.goto("/odoo/action-crm_mail_sync.res_config_settings_action")
            secret = page.locator("[name=mail_sync_google_client_secret] input")
            expect(secret).to_have_value("")
            expect(secret).to_have_attribute("placeholder", "Stored. Type here only to replace it.")
            self.picture(page, "settings")
            page.locator("[name=action_check_google]").click()
            expect(page.locator(".o_notification")).to_contain_text("Google knows this app")
            page.get_by_role("button", name="Link mailboxes").first.click()
            wizard = page.locator(".modal")
            wizard.locator("[name=domain] input").fill("tulips.example")
            wizard.locator("[name=domain] input").press("Tab")
            expect(wizard.locator(".o_data_row", has_text="Anna")).to_be_visible()
            self.picture(page, "wizard")
            wizard.locator("button[name=action_link]").first.click()
            expect(wizard.locator(".o_data_row", has_text="Anna")).to_contain_text("Connected")
            self.picture(page, "wizard_done")

    def test_settings_narrow(self):
        with self.page(self.admin, 390, 844) as page:
            page.goto("/odoo/action-crm_mail_sync.res_config_settings_action")
            expect(page.locator("[name=mail_sync_google_client_id] input")).to_be_visible()
            self.picture(page, "settings_narrow")


@tagged("post_install", "-at_install")
class TestOutlookUi(BrowserCase, MicrosoftFactory, HttpCase):
    def test_an_outlook_mailbox_from_new_to_submitted(self):
        with self.page(self.anna) as page:
            self.new_mailbox(page, self.anna.email, "Outlook")
            self.picture(page, "outlook_new")
            page.get_by_role("button", name="Connect Outlook").click()
            page.wait_for_url("**/oauth2/v2.0/authorize**")
            expect(page.locator(f"input[name=account][value='{self.anna.email}']")).to_be_checked()
            self.picture(page, "outlook_consent")
            page.locator("#accept").click()
            page.wait_for_url("**/odoo/**")
            expect(page.locator(".o_mail_sync_granted")).to_contain_text(self.anna.email)
            inbox = page.locator(".o_mail_sync_folder", has_text="Posteingang")
            expect(inbox.locator("input")).to_be_checked()
            self.picture(page, "outlook_connected")
            page.get_by_role("button", name="Submit").click()
            expect(page.locator(".o_mail_sync_status[data-state=importing]")).to_be_visible()
            self.picture(page, "outlook_submitted")
        mailbox = self.env["crm.mail.mailbox"].search([("user_id", "=", self.anna.id)])
        self.assertEqual(self.stored(mailbox).state, "importing")

    def test_refused_on_a_telephone(self):
        with self.page(self.anna, 390, 844) as page:
            self.new_mailbox(page, self.anna.email, "Outlook")
            page.get_by_role("button", name="Connect Outlook").click()
            page.locator("#cancel").click()
            page.wait_for_url("**/odoo/**")
            expect(page.locator("[name=link_message]")).to_contain_text("refused")
            self.picture(page, "outlook_refused_narrow")
            self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 390)

    def test_the_settings(self):
        with self.page(self.admin) as page:
            page.goto("/odoo/action-crm_mail_sync.res_config_settings_action")
            secret = page.locator("[name=mail_sync_microsoft_client_secret] input")
            expect(secret).to_have_value("")
            expect(secret).to_have_attribute("placeholder", "Stored. Type here only to replace it.")
            page.locator("[name=action_check_microsoft]").click()
            expect(page.locator(".o_notification")).to_contain_text("Microsoft knows this app")
            self.picture(page, "outlook_settings")
