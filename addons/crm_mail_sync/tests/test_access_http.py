# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The same over the wire: Odoo's own routes of messages, files and exports, for every role."""

import json
from contextlib import suppress
from itertools import product

from odoo import http
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .access_case import ROLES, AccessWorld, word_of

# One letter for each reason to be shown or hidden.
LETTERS = ("customer", "own_lead", "private", "plain_nobody", "both", "undone")


@tagged("post_install", "-at_install")
class TestAccessByHttp(AccessWorld, HttpCase):
    def test_routes_tell_letters_to_their_readers_only(self):
        checks = 0
        for role in ROLES:
            self._sign_in(role)
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
            self._sign_in(role)
            answer = self._json("/mail/thread/messages", thread_model=model, thread_id=record.id)
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
        self._sign_in("salesman_owner")
        letter = self.letters["private"]
        before = self.env["res.partner"].search_count([])
        for route in ("/mail/thread/recipients", "/mail/thread/recipients/get_suggested_recipients"):
            self._json(route, thread_model=letter._name, thread_id=letter.id)
        self._json(
            "/mail/thread/recipients", thread_model=letter._name, thread_id=letter.id, message_id=letter.pointer_id.id
        )
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_nothing_can_be_added_to_a_letter(self):
        letter = self.letters["customer"]
        before = self._belongings(letter)
        for role in ROLES:
            self._sign_in(role)
            self._json("/mail/message/post", thread_model=letter._name, thread_id=letter.id, post_data={"body": "x"})
            self._json("/mail/thread/subscribe", res_model=letter._name, res_id=letter.id, partner_ids=[1])
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
            "/mail/thread/messages": lambda e: self._json(
                "/mail/thread/messages", thread_model=e._name, thread_id=e.id
            ),
            "/mail/data": lambda e: self._json(
                "/mail/data",
                fetch_params=[
                    ["mail.thread", {"thread_model": e._name, "thread_id": e.id, "request_list": ["display_name"]}]
                ],
            ),
            "/mail/thread/recipients": lambda e: self._json(
                "/mail/thread/recipients", thread_model=e._name, thread_id=e.id, message_id=e.pointer_id.id
            ),
            "/mail/link_preview": lambda e: self._json("/mail/link_preview", message_id=e.pointer_id.id),
            "/web/dataset/call_kw": lambda e: self._json(
                "/web/dataset/call_kw", model=e._name, method="read", args=[e.ids, ["subject"]], kwargs={}
            ),
            "get_letter_frame": lambda e: self._json(
                "/web/dataset/call_kw", model=e._name, method="get_letter_frame", args=[e.ids], kwargs={}
            ),
            "/web/content": lambda e: self._open(f"/web/content/{e.content_ids.file_ids.id}"),
            "/web/content with a token": lambda e: self._open(
                f"/web/content/{e.content_ids.file_ids.id}?access_token={token}"
            ),
            "/web/image": lambda e: self._open(f"/web/image/{e.content_ids.file_ids.id}"),
            "/web/content of a column": lambda e: self._open(f"/web/content/crm.mail.content/{e.content_ids.id}/html"),
            "/mail/attachment/zip": lambda e: self._zip(e.content_ids.file_ids.id),
            "/crm_mail_sync/letter": lambda e: self._open(f"/crm_mail_sync/letter/{e.id}.eml"),
            "/web/export/csv": lambda e: self._export(e),
        }

    def _sign_in(self, role):
        login = None if role == "public" else self.users[role].login
        self.authenticate(login, login)

    def _json(self, route, **params):
        with suppress(JsonRpcException), mute_logger("odoo.http"):
            return json.dumps(self.make_jsonrpc_request(route, params, timeout=60))
        return ""

    def _open(self, path):
        with mute_logger("odoo.http"):
            response = self.url_open(path, timeout=60)
        return response.text + str(response.headers)

    def _zip(self, file_id):
        with mute_logger("odoo.http"):
            data = {"csrf_token": http.Request.csrf_token(self), "file_ids": file_id, "zip_name": "all.zip"}
            # Names of files stand unpacked in an archive.
            return self.url_open("/mail/attachment/zip", data=data, timeout=60).content.decode("latin-1")

    def _export(self, letter):
        wanted = {
            "model": letter._name,
            "fields": [{"name": "subject", "label": "Subject"}, {"name": "content_ids/text", "label": "Text"}],
            "ids": letter.ids,
            "domain": [],
            "groupby": [],
            "import_compat": False,
        }
        with mute_logger("odoo.http"):
            data = {"csrf_token": http.Request.csrf_token(self), "data": json.dumps(wanted)}
            return self.url_open("/web/export/csv", data=data, timeout=60).text

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
