# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Nobody but a mailbox's owner gets anything of it out of the app Email, by whatever way it is asked."""

import json

from odoo.tests import tagged
from odoo.tools import SQL

from ..scan.indexing import enter
from .access_case import ROLES, AccessWorld, word_of
from .http_case import AskingByHttp

# Whose mailbox holds which letter.
HELD = {"owner": "plain_customer", "salesman_owner": "customer", "elsewhere": "elsewhere"}
OUTSIDERS = {"portal", "public"}


@tagged("post_install", "-at_install")
class TestEmailAppAccess(AccessWorld, AskingByHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.items = {}
        for role, name in HELD.items():
            item = cls.env["crm.mail.item"].search([("mailbox_id", "=", cls.mailboxes[role].id)])
            item.copy_id.email_id = cls.letters[name]
            item.copy_id.folder_id.selected = True
            cls.env.flush_all()
            enter(cls.env, item.copy_id.folder_id.id, SQL("i.id = %s", item.id))
            cls.items[role] = item

    def app(self, method, *args):
        return self.json("/web/dataset/call_kw", model="crm.mail.app.email", method=method, args=list(args), kwargs={})

    def test_every_way_tells_a_message_to_its_owner_only(self):
        checks = 0
        for role in ROLES:
            self.sign_in(role)
            for owner, item in self.items.items():
                folder = item.copy_id.folder_id
                file = self.letters[HELD[owner]].content_ids.file_ids
                ways = {
                    "list": lambda i=item, f=folder: self.app("conversations", f.id),
                    "everything": lambda: self.app("conversations", "all"),
                    "search": lambda o=owner: self.app("conversations", "all", f"zqcopy{o}qz"),
                    "conversation": lambda i=item: self.app("conversation", i.id),
                    "records": lambda i=item: self.json(
                        "/web/dataset/call_kw",
                        model="crm.mail.item",
                        method="search_read",
                        args=[[("id", "=", i.id)]],
                        kwargs={},
                    ),
                }
                for way, ask in ways.items():
                    told = f"zqcopy{owner}qz" in ask()
                    checks += 1
                    # The search text of a message that was put in by hand is empty.
                    self.assertEqual(told, role == owner and way != "search", (role, owner, way))
                word = word_of(HELD[owner])
                self.assertEqual(word in self.app("body", item.id), role == owner, (role, owner))
                told = word in self.open(f"/crm_mail_sync/item/{item.id}/file/a{file.id}")
                self.assertEqual(told, role == owner, (role, owner))
        self.assertGreater(checks, 100)

    def test_nobody_acts_for_another(self):
        before = {owner: letter.visibility for owner, letter in self.letters.items()}
        for role in ROLES:
            self.sign_in(role)
            for owner, item in self.items.items():
                if role == owner:
                    continue
                answer = self.app("act", "read", item.ids)
                self.assertEqual(bool(answer), role not in OUTSIDERS and role in self.mailboxes, (role, owner))
                self.assertIn(answer and json.loads(answer)["undo"], ("", None))
                for method in ("archive_items", "archived_items"):
                    answer = self.app(method, item.ids)
                    self.assertIn(answer and json.loads(answer), ("", {"email_ids": {}, "waiting": []}), (role, owner))
                self.app("snippets", item.ids)
                self.app("set_private", item.ids, True)
            self.env.invalidate_all()
        self.assertFalse(any(item.is_seen for item in self.items.values()))
        self.assertFalse(any(item.copy_id.is_wanted for item in self.items.values()))
        self.assertEqual({owner: letter.visibility for owner, letter in self.letters.items()}, before)

    def test_what_opens_tells_who_has_no_mailbox_what_to_do(self):
        for role in ROLES:
            self.sign_in(role)
            answer = self.app("open")
            self.assertEqual(bool(answer), role not in OUTSIDERS, role)
            if answer and role not in self.mailboxes:
                opened = json.loads(answer)
                self.assertEqual((opened["state"], opened["mailbox"], opened["folders"]), ("no_mailbox", None, []))
                self.assertTrue(opened["message"])

    def test_files_are_sent_so_that_nothing_of_them_runs(self):
        self.sign_in("owner")
        item, content = self.items["owner"], self.letters[HELD["owner"]].content_ids
        page, picture = self.env["ir.attachment"].create(
            [
                {"name": name, "mimetype": kind, "raw": raw, "res_model": content._name, "res_id": content.id}
                for name, kind, raw in (
                    ("page.html", "text/html", b"<script>alert(1)</script>"),
                    ("drawing.png", "image/png", b"\x89PNG"),
                )
            ]
        )
        for file, kind, shown in ((page, "application/octet-stream", "attachment"), (picture, "image/png", "inline")):
            response = self.url_open(f"/crm_mail_sync/item/{item.id}/file/a{file.id}")
            self.assertEqual(response.headers["Content-Type"], kind)
            self.assertTrue(response.headers["Content-Disposition"].startswith(shown))
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("sandbox", response.headers["Content-Security-Policy"])
            self.assertNotIn("allow", response.headers["Content-Security-Policy"])
        response = self.url_open(f"/crm_mail_sync/item/{item.id}/file/a{picture.id}?download=1")
        self.assertTrue(response.headers["Content-Disposition"].startswith("attachment"))
        for key in ("a1", "a", "x1", "m99999999999999999999", f"a{self.letters['private'].content_ids.file_ids.id}"):
            self.assertEqual(self.url_open(f"/crm_mail_sync/item/{item.id}/file/{key}").status_code, 404, key)
