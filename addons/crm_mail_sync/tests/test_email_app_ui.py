# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does in the app Email, in a real browser, with a mailbox at a memory server."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

from playwright.sync_api import expect

from odoo.tests import tagged

from ..mailsync.errors import NotPermitted
from .draft_ui_case import DraftUiCase
from .scan_case import letter

CUSTOMER = "Astrid Lindqvist <astrid@lindqvist.example>"
STRANGER = "Nobody Known <nobody@else.example>"
OWN = "letter_owner@ours.example"
FIRST = 1_770_000_000
SCROLL_TO_THE_END = """count => {
    const scroller = document.querySelector(".o_email_scroller");
    scroller.scrollTop = scroller.scrollHeight;
    return scroller.querySelector(".o_email_rows").getAttribute("aria-rowcount") === count;
}"""
# What the app shows in the end: its list, or what is the matter.
_SHOWN = ".o_email_row, .o_email_failed, .o_email_error, .o_email_state, .o_error_dialog"
# Or has failed to.
IMAGE_HAS_COME = "() => document.querySelector('.o_email_expanded iframe').contentDocument.images[0]?.complete"
EVIL = """
<p id="text">Our new catalogue.</p><script>parent.document.title = "script ran"</script>
<img src="http://tracker.example/pixel.png" onerror="parent.document.title = 'handler ran'">
<svg onload="parent.document.title = 'svg ran'"></svg><a href="javascript:parent.document.title = 'link ran'">Press</a>
<form action="http://tracker.example/"><button>Send</button></form>
<p style="background: url(http://tracker.example/style.png)">Styled.</p>
"""


class EmailAppUiCase(DraftUiCase):
    def setUp(self):
        super().setUp()
        for path, role in (("Trash", "trash"), ("Archive", "archive"), ("Kunden", "")):
            self.server.add_folder(path, role=role)
        self.connect(self.mailbox)
        self.number = 0

    def connect(self, mailbox):
        self.env["crm.mail.folder"]._store_listing(mailbox, self.server.session().folders())
        mailbox.folder_ids.filtered(lambda f: f.role in ("inbox", "sent") or f.name == "Kunden").selected = True
        mailbox._set_connected()

    def deliver(self, subject, sender=CUSTOMER, flags=(), folder="INBOX", **fields):
        return self.deliver_message(letter(sender, OWN, subject=subject, **fields), flags, folder)

    def deliver_message(self, content, flags=(), folder="INBOX"):
        self.number += 1
        return self.server.deliver(content, folder, flags=flags, received=FIRST + 60 * self.number)

    def deliver_html(self, subject, html, sender=CUSTOMER):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, OWN, subject
        message["Message-ID"] = f"<{self.number}@html.example>"
        message.set_content("Plain.")
        message.add_alternative(html, subtype="html")
        message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Angebot für Köln.pdf")
        return self.deliver_message(message.as_bytes())

    def scan(self, mailbox=None):
        """A worker's turn; due since long, as the clock of the test's transaction stands still."""
        self._wait_remaining_requests()
        (mailbox or self.mailbox).next_run = "2026-01-01 00:00:00"
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("crm_mail_sync.scan_worker_1").method_direct_trigger()
        self.env.invalidate_all()

    def subjects_in(self, folder):
        return sorted(
            re.search(rb"^Subject: (.*?)\r?$", self.server.content(remote_id), re.MULTILINE)[1].decode()
            for remote_id in self.server.remote_ids(folder)
        )

    def flags(self, remote_id):
        contents, uid = self.server.find(remote_id)
        return set(contents.messages[uid].flags)

    def open_app(self, page):
        page.goto("/odoo/email")
        shown = page.locator(_SHOWN).first
        expect(shown).to_be_visible()
        self.assertRegex(shown.get_attribute("class"), r"\bo_email_row\b", shown.inner_text())

    def row(self, page, subject):
        return page.locator(".o_email_row", has_text=subject)


@tagged("post_install", "-at_install")
class TestEmailAppUi(EmailAppUiCase):
    def test_reading(self):
        for number in range(70):
            self.deliver(f"Older {number}", STRANGER, flags=["\\Seen"])
        first = "<first@lindqvist.example>"
        self.deliver("Ten desks", message_id=first, flags=["\\Seen"])
        answer = self.deliver("Re: Ten desks", in_reply_to=first, references=first)
        evil = self.deliver_html("Catalogue", EVIL)
        self.scan()
        asked = []
        with self.page(self.owner, width=1440) as page:
            page.on("request", lambda request: asked.append(urlsplit(request.url).hostname))
            self.open_app(page)
            expect(page.locator(".o_email_folder[data-role=inbox] .o_email_count")).to_contain_text("2")
            self.picture(page, "email_list_1440")
            # A conversation: its older message is folded, its new one is read by opening it.
            row = self.row(page, "Re: Ten desks")
            expect(row).to_have_class(re.compile("o_email_unread"))
            expect(row.locator(".o_email_chip")).to_contain_text("Lindqvist")
            row.click()
            text = page.frame_locator(".o_email_expanded iframe").locator("body")
            expect(text).to_contain_text("the offer is attached")
            expect(page.locator(".o_email_message")).to_have_count(2)
            expect(row).not_to_have_class(re.compile("o_email_unread"))
            expect(page.locator(".o_email_folder[data-role=inbox] .o_email_count")).to_contain_text("1")
            self.picture(page, "email_read_1440")
            # Nothing of a hostile letter runs, nothing is fetched until it is asked for.
            self.row(page, "Catalogue").click()
            expect(text).to_contain_text("Our new catalogue.")
            expect(page.locator(".o_email_file")).to_contain_text("Angebot für Köln.pdf")
            self.assertNotIn("ran", page.title())
            self.assertEqual(set(asked) - {None, "localhost", "127.0.0.1"}, set())
            with page.expect_request("http://tracker.example/**"):
                page.get_by_role("button", name="Show images").click()
            expect(page.get_by_role("button", name="Show images")).to_have_count(0)
            page.wait_for_function(IMAGE_HAS_COME)
            self.assertNotIn("ran", page.title())
            # Why it is here, and who has written it.
            page.locator(".o_email_expanded .o_email_message_more").click()
            page.locator("[data-command=why]").click()
            expect(page.locator(".modal .o_mail_sync_trail")).to_contain_text("Lindqvist AB")
            page.locator(".modal").get_by_role("button", name="Close", exact=True).first.click()
            page.locator(".o_email_expanded .o_email_sender").click()
            expect(page.locator(".o_email_sender_card")).to_contain_text("Lindqvist AB")
            page.keyboard.press("Escape")
            # The address says where one is: back, forward, and when the page is loaded anew.
            page.go_back()
            expect(page.locator(".o_email_reading h1")).to_have_text("Re: Ten desks")
            page.reload()
            expect(page.locator(".o_email_reading h1")).to_have_text("Re: Ten desks")
            # More comes as one scrolls.
            expect(page.locator(".o_email_row").first).to_be_visible()
            page.wait_for_function(SCROLL_TO_THE_END, arg="72")
            expect(self.row(page, "Older 0")).to_be_visible()
            # Searching as one types.
            page.keyboard.press("/")
            page.keyboard.type("catal")
            expect(page.locator(".o_email_row")).to_have_count(1)
            page.get_by_role("button", name="Clear the search").click()
            expect(page.locator(".o_email_row").nth(5)).to_be_visible()
        self.assertIn("\\Seen", self.flags(answer))
        self.assertIn("\\Seen", self.flags(evil))

    def test_acting(self):
        ids = {name: self.deliver(name) for name in ("One", "Two", "Three", "Four", "Five")}
        self.scan()
        with self.page(self.owner) as page:
            self.open_app(page)
            self.row(page, "Five").get_by_role("button", name="Star").click()
            expect(self.row(page, "Five").get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
            # By keys: the next one is archived, and comes back.
            page.keyboard.press("j")
            page.keyboard.press("j")
            page.keyboard.press("e")
            expect(self.row(page, "Four")).to_have_count(0)
            expect(page.locator(".o_notification", has_text="Archived.")).to_be_visible()
            self.picture(page, "email_undo")
            page.locator(".o_notification").get_by_role("button", name="Undo").click()
            expect(self.row(page, "Four")).to_have_count(1)
            self.assertEqual(self.subjects_in("Archive"), [])
            # By the menu of a row, into a folder that is found by its name.
            self.row(page, "Three").click(button="right")
            page.locator(".o_email_menu [data-command=move]").click()
            page.keyboard.type("kund")
            page.keyboard.press("Enter")
            expect(page.locator(".o_notification", has_text="Moved to Kunden.")).to_be_visible()
            self.assertEqual(self.subjects_in("Kunden"), ["Three"])
            # Several at once, by the bar.
            for name in ("One", "Two"):
                self.row(page, name).get_by_role("checkbox").click()
            page.locator(".o_email_bar [data-command=delete]").click()
            expect(page.locator(".o_email_row")).to_have_count(2)
            expect(page.locator(".o_notification", has_text="2 conversations moved to the trash.")).to_be_visible()
            self.assertEqual(self.subjects_in("Trash"), ["One", "Two"])
            # What the server refuses is as it was.
            self.server.fail_next(NotPermitted(), "archive")
            self.row(page, "Five").click(button="right")
            page.locator(".o_email_menu [data-command=archive]").click()
            expect(page.locator(".o_notification.border-danger, .o_notification .bg-danger").first).to_be_visible()
            expect(self.row(page, "Five")).to_have_count(1)
            # Dropped on a folder.
            self.row(page, "Four").drag_to(page.locator(".o_email_folder", has_text="Kunden"))
            expect(self.row(page, "Four")).to_have_count(0)
            expect(page.locator(".o_notification", has_text="Moved to Kunden.").first).to_be_visible()
            # Offline it is said; what has come meanwhile is there when one is back.
            page.context.set_offline(True)
            expect(page.locator(".o_email_banner[data-kind=offline]")).to_be_visible()
            self._wait_remaining_requests()
            self.list_message(letter(CUSTOMER, OWN, subject="Six"))
            self.env.flush_all()
            page.context.set_offline(False)
            expect(self.row(page, "Six")).to_be_visible()
            expect(page.locator(".o_email_banner")).to_have_count(0)
        self.assertEqual(self.subjects_in("INBOX"), ["Five", "Six"])
        self.assertIn("\\Flagged", self.flags(ids["Five"]))

    def test_filing(self):
        for name in ("Question", "Answer"):
            self.deliver(name, STRANGER)
        self.env["ir.config_parameter"].set_param("crm_mail_sync.scan_all", True)
        self.scan()
        with self.page(self.owner) as page:
            self.open_app(page)
            # Two from the list.
            page.get_by_role("checkbox", name="Select all that are listed").click()
            page.locator(".o_email_bar [data-command=assign]").click()
            expect(page.locator(".modal-title")).to_have_text("Assign 2 emails")
            page.locator(".modal [name=partner_ids] input").fill("info@lindqvist")
            page.locator(".o-autocomplete--dropdown-item", has_text="Lindqvist AB").first.click()
            page.locator(".modal button[name=action_apply]").click()
            expect(self.row(page, "Question").locator(".o_email_chip")).to_contain_text("Lindqvist AB")
            # A lead out of the one that is read, and back.
            self.row(page, "Question").click()
            page.locator(".o_email_reading_bar .o_email_more").click()
            page.locator(".o_email_menu [data-command=lead]").click()
            expect(page.locator(".o_form_view [name=name]").first).to_be_visible()
            page.locator(".o_breadcrumb a", has_text="Email").first.click()
            expect(page.locator(".o_email_reading h1")).to_have_text("Question")
            expect(page.locator(".o_email_reading .o_email_chip")).to_have_count(2)
            # Kept to oneself.
            page.locator(".o_email_reading_bar .o_email_more").click()
            page.locator(".o_email_menu [data-command=private]").click()
            expect(page.locator(".o_email_reading header")).to_contain_text("Private")
        self.assertEqual(self.env["crm.lead"].search_count([("email_from", "=", "nobody@else.example")]), 1)

    def test_a_phone(self):
        self.deliver("On the go")
        self.deliver("Elsewhere", folder="Kunden")
        self.scan()
        with self.page(self.owner, width=390, height=844) as page:
            self.open_app(page)
            self.picture(page, "email_list_390")
            page.get_by_role("button", name="Folders").click()
            self.picture(page, "email_folders_390")
            page.get_by_role("treeitem", name="Kunden").click()
            expect(self.row(page, "Elsewhere")).to_be_visible()
            self.row(page, "Elsewhere").click()
            expect(page.locator(".o_email_list")).to_have_count(0)
            expect(page.frame_locator(".o_email_expanded iframe").locator("body")).to_contain_text("the offer")
            self.picture(page, "email_read_390")
            page.go_back()
            expect(self.row(page, "Elsewhere")).to_be_visible()
            self.row(page, "Elsewhere").click()
            page.locator(".o_email_reading [data-command=archive]").click()
            expect(page.locator(".o_email_empty")).to_be_visible()

    def test_without_a_mailbox_and_without_rights(self):
        with self.page(self.clerk) as page:
            page.goto("/odoo/email")
            page.get_by_role("button", name="New mailbox").click()
            expect(page.locator("[name=address] input")).to_be_visible()
        mailbox = self.make_mailbox(self.clerk)
        self.connect(mailbox)
        self.deliver("For the clerk")
        self.scan(mailbox)
        with self.page(self.clerk, width=1024) as page:
            self.open_app(page)
            self.row(page, "For the clerk").click()
            page.locator(".o_email_reading_bar .o_email_more").click()
            expect(page.locator(".o_email_menu [data-command=exclude]")).to_be_visible()
            self.picture(page, "email_clerk_1024")
            expect(page.locator(".o_email_menu [data-command=lead]")).to_have_count(0)
            expect(page.locator(".o_email_menu [data-command=contact]")).to_have_count(0)
            page.keyboard.press("Escape")
            self._wait_remaining_requests()
            mailbox.write({"state": "sign_in", "error_code": "sign_in_refused"})
            self.env.flush_all()
            page.reload()
            expect(page.locator(".o_email_banner[data-kind=trouble]")).to_be_visible()
            self.picture(page, "email_trouble_1024")
