# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is seen of letters of each level, and how levels are chosen, in a real browser."""

from playwright.sync_api import expect

from odoo.tests import HttpCase, tagged

from .browser_case import BrowserCase
from .level_case import LevelWorld, word_of


@tagged("post_install", "-at_install")
class TestVisibilityUi(BrowserCase, LevelWorld, HttpCase):
    def listed(self, page):
        page.goto("/odoo/synced-emails")
        expect(page.locator(".o_list_view .o_data_row").first).to_be_visible()
        return page.locator(".o_data_row", has_text="Access owner")

    def open(self, page, level, name="form"):
        page.goto(f"/odoo/synced-emails/{self.letters[level].id}")
        expect(page.locator(".o_crm_mail_letter iframe")).to_be_visible()
        self.picture(page, f"{name}_{level}")
        return page.frame_locator(".o_crm_mail_letter iframe").locator("body")

    def test_a_salesperson(self):
        with self.page(self.users["salesman"]) as page:
            rows = self.listed(page)
            self.picture(page, "list_salesman")
            expect(rows).to_have_count(3)
            expect(rows.filter(has_text="(not shown)")).to_have_count(1)
            expect(self.open(page, "everything")).to_contain_text(word_of("everything", "body"))
            expect(self.open(page, "subject")).to_have_text("The text of this email is shown to its owners only.")
            expect(page.locator("[name=from_line]")).to_contain_text(word_of("subject", "people"))
            expect(self.open(page, "event")).to_have_text("What this email is about is shown to its owners only.")
            expect(page.locator("h1")).to_have_text("Email received")
            expect(page.locator("[name=from_line]")).to_have_count(0)
            expect(page.get_by_role("button", name="Make private")).to_have_count(0)
            page.goto(f"/odoo/contacts/{self.company.id}")
            expect(page.locator(".o-crm-mail-letter")).to_have_count(3)
            event = page.locator(".o-crm-mail-letter", has_text="What this email is about is shown to its owners only.")
            expect(event.locator(".o-mail-Message-author")).to_have_text("Mailbox of Access owner")
            self.picture(page, "chatter_salesman")

    def test_an_owner_makes_letters_private_and_takes_it_back(self):
        with self.page(self.users["owner"]) as page:
            self.open(page, "everything", "owner")
            page.get_by_role("button", name="Make private").click()
            expect(page.locator("[name=visibility]", has_text="Only the owners")).to_be_visible()
            self.picture(page, "owner_private")
            page.get_by_role("button", name="Show to colleagues again").click()
            expect(page.get_by_role("button", name="Make private")).to_be_visible()
            rows = self.listed(page)
            expect(rows).to_have_count(5)
            for word in (word_of("everything", "subject"), word_of("subject", "subject")):
                rows.filter(has_text=word).locator("input[type=checkbox]").check()
            self.picture(page, "owner_list")
            page.get_by_role("button", name="Make private").click()
            expect(page.get_by_role("button", name="Make private")).to_have_count(0)
        self.env.invalidate_all()
        self.assertEqual({self.letters[level].visibility for level in ("everything", "subject")}, {"private"})

    def test_a_user_without_rights(self):
        with self.page(self.users["colleague"]) as page:
            page.goto("/odoo/synced-emails")
            expect(page.locator(".o_view_nocontent")).to_be_visible()
            page.goto(f"/odoo/contacts/{self.company.id}")
            expect(page.locator(".o-mail-Chatter")).to_be_visible()
            expect(page.locator(".o-crm-mail-letter")).to_have_count(0)
            self.picture(page, "chatter_colleague")

    def test_a_user_chooses_what_his_company_leaves_him(self):
        owner, company = self.users["owner"], self.env.company
        mailbox = self.make_mailbox(owner, visibility="private")
        company.mail_sync_floor = "subject"
        with self.page(owner) as page:
            page.goto(f"/odoo/my-mailboxes/{mailbox.id}")
            levels = page.locator(".o_mail_sync_visibility input")
            expect(levels).to_have_count(4)
            expect(page.locator(".o_mail_sync_visibility [data-value=event]")).to_be_disabled()
            hint = page.get_by_text("Colleagues see now:")
            expect(hint).to_contain_text("Subject only")
            hint.scroll_into_view_if_needed()
            self.picture(page, "mailbox_floor")
            page.locator(".o_mail_sync_visibility [data-value=everything]").check()
            page.get_by_role("button", name="Save").click()
            expect(page.locator(".o_form_saved")).to_be_visible()
            self.env.invalidate_all()
            self.assertEqual(mailbox.visibility, "everything")
            company.write({"mail_sync_lock_visibility": True, "mail_sync_lock_scan_since": True})
            self.env.flush_all()
            page.reload()
            expect(page.get_by_text("Set by your company: all emails.")).to_be_visible()
            for level in ("everything", "subject"):
                expect(page.locator(f".o_mail_sync_visibility [data-value={level}]")).to_be_disabled()
            page.locator("[name=reader_ids]").scroll_into_view_if_needed()
            self.picture(page, "mailbox_locked")

    def test_an_administrator_sees_what_a_minimum_opens(self):
        self.make_mailbox(self.users["owner"], visibility="private")
        with self.page(self.users["admin"]) as page:
            page.goto("/odoo/action-crm_mail_sync.res_config_settings_action")
            floor = page.locator("[name=mail_sync_floor] input")
            floor.click()
            page.locator(".o_select_menu_item", has_text="Subject and people").click()
            warning = page.locator("[name=mail_sync_floor_effect]")
            expect(warning).to_contain_text("Mailboxes: 1.")
            warning.scroll_into_view_if_needed()
            self.picture(page, "settings_floor")
            with page.expect_response("**/res.config.settings/execute"):
                page.get_by_role("button", name="Save").click()
        self.env.invalidate_all()
        self.assertEqual(self.env.company.mail_sync_floor, "subject")
