# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real browser on the pages of Odoo and of the stand-ins for providers."""

import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME

# Milliseconds: the first page builds Odoo's assets.
_PATIENCE = 60_000
# Where to leave pictures of the pages, if somebody wants to look at them.
_PICTURES = os.environ.get("CRM_MAIL_SYNC_PICTURES")


@contextmanager
def memory_without_limit():
    """Odoo limits the addresses that a process may use; a browser, which inherits it, takes more than it uses."""
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits[1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


class BrowserCase:
    """Mixin for HttpCase."""

    @contextmanager
    def page(self, user, width=1280, height=900):
        """Odoo's web client, with this user logged in."""
        self.authenticate(user.login, user.login)
        with memory_without_limit(), self.allow_requests(all_requests=True), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            context = browser.new_context(viewport={"width": width, "height": height}, base_url=self.base_url())
            context.add_cookies(
                [
                    {"name": name, "value": value, "domain": HOST, "path": "/"}
                    for name, value in (
                        ("session_id", self.session.sid),
                        (TEST_CURSOR_COOKIE_NAME, self.http_request_key),
                    )
                ]
            )
            page = context.new_page()
            page.set_default_timeout(_PATIENCE)
            expect.set_options(timeout=_PATIENCE)
            try:
                yield page
            finally:
                browser.close()
                self._wait_remaining_requests()

    def picture(self, page, name):
        if _PICTURES:
            page.screenshot(path=Path(_PICTURES) / f"{name}.png", full_page=True)

    def new_mailbox(self, page, address, provider):
        """The form of a new mailbox, filled in as far as the button that leads to the provider."""
        page.goto("/odoo/my-mailboxes/new")
        field = page.locator("[name=address] input")
        field.fill(address)
        field.press("Tab")
        page.locator(".o_mail_sync_providers label", has_text=provider).click()
        expect(page.locator("[name=password]")).to_have_count(0)
        expect(page.get_by_role("button", name="Test connection")).to_have_count(0)
