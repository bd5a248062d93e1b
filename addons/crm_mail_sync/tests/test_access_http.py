# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The same over the wire: Odoo's own routes of messages, files and exports, for every role."""

from itertools import product

from odoo import http
from odoo.tests import tagged

from .access_case import ROLES, AccessWorld, word_of
from .http_case import AskingByHttp

# One letter for each reason to be shown or hidden.
LETTERS = ("customer", "own_lead", "private", "plain_nobody", "both", "undone")


@tagged("post_install", "-at_install")
class TestAccessByHttp(AccessWorld, AskingByHttp):
    def test_routes_tell_letters_to_their_readers_only(self):
        checks = 0
        for role in ROLES:
            self.sign_in(role)
            for name, (way, ask) in product(LETTERS, self._ways().items()):
                answer = ask(self.letters[name])
                told, reads = word_of(name) in answer, role in self.readers[name]
                with self.subTest(role=role, letter=name, way=way):
                    checks += 1
                    self.assertFalse(told and not reads, "leaks")
                    self.assertTrue(told or not reads or way in self.SILENT, "is not shown to its reader")
        self.assertGreaterEqual(checks, 500)

    def test_chatters_show_letters_to_their_readers_only(self):
        threads = {"res.partner": self.company, "crm.lead": self.leads["own"]}
        for role, (model, record) in product(ROLES, threads.items()):
            self.sign_in(role)
            answer = self.messages(record)
            for name, letter in self.letters.items():
                targets = letter.link_ids.filtered(lambda link: not link.is_undone)
                linked = record in (targets.lead_id if model == "crm.lead" else targets.partner_id)
                may_open = model == "res.partner" or role in self.readers["own_lead"] - {"owner"}
                told, reads = word_of(name) in answer, role in self.readers[name]
                with self.subTest(role=role, letter=name):
                    # Of a thread that may not be opened Odoo answers all messages that the user may read.
                    self.assertFalse(told and not reads, "leaks")
                    self.assertTrue(told or not (reads and linked and may_open), "is not shown to its reader")

    def test_asking_for_recipients_makes_no_contacts(self):
        self.sign_in("salesman_owner")
        letter = self.letters["private"]
        before = self.env["res.partner"].search_count([])
        for route in ("/mail/thread/recipients", "/mail/thread/recipients/get_suggested_recipients"):
            self.json(route, thread_model=letter._name, thread_id=letter.id)
        self.recipients(letter)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_nothing_can_be_added_to_a_letter(self):
        letter = self.letters["customer"]
        before = self._belongings(letter)
        for role in ROLES:
            self.sign_in(role)
            self.json("/mail/message/post", thread_model=letter._name, thread_id=letter.id, post_data={"body": "x"})
            self.json("/mail/thread/subscribe", res_model=letter._name, res_id=letter.id, partner_ids=[1])
            for model, record in ((letter._name, letter), ("crm.mail.content", letter.content_ids)):
                self.url_open(
                    "/mail/attachment/upload",
                    data={"csrf_token": http.Request.csrf_token(self), "thread_model": model, "thread_id": record.id},
                    files={"ufile": ("x.txt", b"x", "text/plain")},
                )
            self.env.invalidate_all()
            with self.subTest(role=role):
                self.assertEqual(self._belongings(letter), before)

    # Ways that show nothing of a letter even to its readers.
    SILENT = frozenset(
        {
            "/mail/data",
            "/mail/thread/recipients",
            "/mail/link_preview",
            "/web/content of a column",
            "/web/content with a token",
        }
    )

    def _ways(self):
        token = "00000000-0000-4000-8000-000000000000"
        return {
            "/mail/thread/messages": self.messages,
            "/mail/data": self.data,
            "/mail/thread/recipients": self.recipients,
            "/mail/link_preview": lambda e: self.json("/mail/link_preview", message_id=e.pointer_id.id),
            "/web/dataset/call_kw": lambda e: self.json(
                "/web/dataset/call_kw", model=e._name, method="read", args=[e.ids, ["subject"]], kwargs={}
            ),
            "get_letter_frame": lambda e: self.json(
                "/web/dataset/call_kw", model=e._name, method="get_letter_frame", args=[e.ids], kwargs={}
            ),
            "/web/content": lambda e: self.open(f"/web/content/{e.content_ids.file_ids.id}"),
            "/web/content with a token": lambda e: self.open(
                f"/web/content/{e.content_ids.file_ids.id}?access_token={token}"
            ),
            "/web/image": lambda e: self.open(f"/web/image/{e.content_ids.file_ids.id}"),
            "/web/content of a column": lambda e: self.open(f"/web/content/crm.mail.content/{e.content_ids.id}/html"),
            "/mail/attachment/zip": lambda e: self.zip(e.content_ids.file_ids),
            "/crm_mail_sync/letter": lambda e: self.open(f"/crm_mail_sync/letter/{e.id}.eml"),
            "/web/export/csv": lambda e: self.export(e, "subject", "content_ids/text"),
        }

    def _belongings(self, letter):
        counted = ("mail.message", "mail.followers", "ir.attachment")
        models = {"mail.message": "model"}
        return [
            self.env[name]
            .sudo()
            .search_count(
                [
                    (models.get(name, "res_model"), "in", ("crm.mail.email", "crm.mail.content")),
                    ("res_id", "in", (letter.id, letter.content_ids.id)),
                ]
            )
            for name in counted
        ]
