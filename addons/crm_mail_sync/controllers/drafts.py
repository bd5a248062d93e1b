# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files for drafts, byte for byte as they are chosen; and the text of what was sent and is nowhere else."""

import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..mailsync.letter import File
from ..models.letter_export import file_name
from .letters import as_file


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

    @http.route("/crm_mail_sync/draft/<int:draft_id>.eml", type="http", auth="user", methods=["GET"], sitemap=False)
    def eml(self, draft_id):
        """What was sent and of which the mailbox has no copy."""
        try:
            draft = request.env["crm.mail.draft"]._own(draft_id, states=("filing", "sent"))
        except UserError:
            return request.not_found()
        if not draft.is_copy_owed:
            return request.not_found()
        return as_file(draft._as_message(draft.message_id), "message/rfc822", file_name(draft.subject or "", "eml"))
