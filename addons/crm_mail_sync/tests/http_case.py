# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from contextlib import suppress

from odoo import http
from odoo.tests import HttpCase, JsonRpcException
from odoo.tools import mute_logger


class AskingByHttp(HttpCase):
    """Odoo's own routes, asked by a user of the test's world; what is refused is an empty answer."""

    def sign_in(self, role):
        login = None if role == "public" else self.users[role].login
        self.authenticate(login, login)

    def json(self, route, **params):
        with suppress(JsonRpcException), mute_logger("odoo.http"):
            return json.dumps(self.make_jsonrpc_request(route, params, timeout=60))
        return ""

    def messages(self, record, **params):
        return self.json("/mail/thread/messages", thread_model=record._name, thread_id=record.id, **params)

    def recipients(self, letter):
        message = letter.pointer_id
        return self.json(
            "/mail/thread/recipients", thread_model=letter._name, thread_id=letter.id, message_id=message.id
        )

    def data(self, letter):
        wanted = {"thread_model": letter._name, "thread_id": letter.id, "request_list": ["display_name"]}
        return self.json("/mail/data", fetch_params=[["mail.thread", wanted]])

    def open(self, path):
        with mute_logger("odoo.http"):
            response = self.url_open(path, timeout=60)
        # Its own guess at what is no text takes longer than the answer.
        return response.content.decode(errors="replace") + str(response.headers)

    def zip(self, file):
        """An archive's bytes: names of files stand unpacked in it."""
        return self._post("/mail/attachment/zip", file_ids=file.id, zip_name="all.zip").content.decode("latin-1")

    def export(self, letter, *names):
        wanted = {
            "model": letter._name,
            "fields": [{"name": name, "label": name} for name in names],
            "ids": letter.ids,
            "domain": [],
            "groupby": [],
            "import_compat": False,
        }
        return self._post("/web/export/csv", data=json.dumps(wanted)).text

    def _post(self, path, **values):
        with mute_logger("odoo.http"):
            data = {"csrf_token": http.Request.csrf_token(self), **values}
            return self.url_open(path, data=data, timeout=60)
