# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters as files for mail programs."""

from odoo import http
from odoo.http import content_disposition, request

from ..mailsync import rebuild
from ..models.letter_box import LetterBox
from ..models.letter_export import file_name

_HEADERS = [("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")]


class LetterFiles(http.Controller):
    """Whoever may read a letter may have it as a file; for everybody else it is not there."""

    @http.route("/crm_mail_sync/letter/<int:letter_id>.eml", type="http", auth="user", methods=["GET"], sitemap=False)
    def eml(self, letter_id):
        """For who has it in a mailbox of his, the very bytes that lie there, if they are to be had."""
        letter = request.env["crm.mail.email"].browse(letter_id)
        if not letter._readable_contents([]):
            return request.not_found()
        name, original = letter._file_name("eml"), letter._original__()
        content = None
        if original:
            # No transaction stays open while the server is waited for; what was read is all that is needed.
            request.env.cr.commit()  # pylint: disable=invalid-commit
            request.env.invalidate_all()
            content = original.fetch()
        if content is None:
            message = letter._rebuilt()
            if not message:
                return request.not_found()
            content = rebuild.eml(message)
        return as_file(content, "message/rfc822", name)

    @http.route(
        "/crm_mail_sync/letters/<string:model>/<int:record_id>.mbox",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def mbox(self, model, record_id, behind=None):
        """The letters of a record, the newest ones if there are very many."""
        if model not in request.env["crm.mail.link"]._target_columns() or not (behind or "0").isdecimal():
            return request.not_found()
        record = request.env[model].browse(record_id).exists()
        if not (record and record.has_access("read") and request.env["crm.mail.content"].has_access("read")):
            return request.not_found()
        name = file_name(request.env._("Emails of %(name)s", name=record.display_name), "mbox")
        return as_file(LetterBox(record, int(behind or 0)), "application/mbox", name)


def as_file(content, content_type, name):
    headers = [("Content-Type", content_type), ("Content-Disposition", content_disposition(name)), *_HEADERS]
    return request.make_response(content, headers)
