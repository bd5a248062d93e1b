# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from .letter_files import FILE_MODEL, served_type

# Files of strangers: of letters, and of letters that are being passed on.
_FILE_MODELS = (FILE_MODEL, "crm.mail.draft")


class IrBinary(models.AbstractModel):
    """Files of letters are never sent as something that a browser would run on our own origin."""

    _inherit = "ir.binary"

    def _get_stream_from(self, record, *args, **kwargs):
        # Here, after everything that chooses a type: the request itself may ask for one (``?mimetype=text/html``).
        stream = super()._get_stream_from(record, *args, **kwargs)
        if record._name == "ir.attachment" and record.sudo().res_model in _FILE_MODELS:
            stream.mimetype = served_type(stream.mimetype)
        return stream
