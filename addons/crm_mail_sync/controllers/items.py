# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Files of a message in the app Email, for the mailbox's owner only. They come from strangers."""

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

from ..email_app.app_body import PREVIEWED
from ..mailsync.errors import MailSyncError
from ..models.letter_files import served_type

_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    # Whatever it is, it runs nothing and loads nothing, in a tab of its own too.
    ("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "private, max-age=600"),
]


class ItemFiles(http.Controller):
    @http.route(
        "/crm_mail_sync/item/<int:item_id>/file/<string:key>",
        type="http",
        auth="user",
        methods=["GET"],
        sitemap=False,
    )
    def file(self, item_id, key, download=None):
        """A picture or a PDF to be looked at, anything else to be stored."""
        try:
            found = request.env["crm.mail.app.email"]._file(item_id, key)
        except (AccessError, MissingError, UserError, MailSyncError):
            found = None
        if not found:
            return request.not_found()
        name, mimetype, content = found
        shown = served_type(mimetype)
        kind = "inline" if shown in PREVIEWED and not download else "attachment"
        headers = [
            ("Content-Type", shown),
            ("Content-Length", str(len(content))),
            ("Content-Disposition", content_disposition(name, kind)),
            *_HEADERS,
        ]
        return request.make_response(content, headers)
