# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files for drafts, byte for byte as they are chosen."""

import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..mailsync.letter import File


class DraftFiles(http.Controller):
    @http.route("/crm_mail_sync/draft/<int:draft_id>/upload", type="http", auth="user", methods=["POST"])
    def upload(self, draft_id, ufile, **_params):
        """Attach a file; the draft's files, or why it was not taken."""
        drafts = request.env["crm.mail.draft"]
        try:
            draft = drafts._own(draft_id)
            content = ufile.stream.read(draft._most_bytes() + 1)
            draft._attach([File(ufile.filename or "", ufile.content_type or "", content)])
            answer = {"files": draft._values()["files"]}
        except UserError as error:
            answer = {"refused": str(error)}
        return request.make_response(json.dumps(answer), [("Content-Type", "application/json")])
