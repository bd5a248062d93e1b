# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Messages that were not archived, as their owner sees them: which, and why; those set aside can be tried again."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailsync import search_keys
from ..scan.asked import FINAL
from .reason_texts import reason_text


class CrmMailCopy(models.Model):
    _inherit = "crm.mail.copy"

    why = fields.Char(compute="_compute_why")
    known_by = fields.Char(
        store=False,
        search="_search_known_by",
        help="An address, a domain or words of the subject, all of them in full.",
    )

    _left_idx = models.Index("(mailbox_id, received DESC, id DESC) WHERE state IN ('skipped', 'failed', 'gone')")

    @api.depends("reason", "reason_text")
    @api.depends_context("lang")
    def _compute_why(self):
        for copy in self:
            sentence = reason_text(self.env, copy.reason)
            words = " ".join((copy.reason_text or "").split())
            copy.why = f"{sentence} “{words}”" if words else sentence

    @api.model
    def _search_known_by(self, operator, value):
        if operator not in ("ilike", "=") or not isinstance(value, str):
            return NotImplemented
        keys = _keys(value)
        if not keys:
            return Domain.FALSE
        return Domain("state", "in", ("skipped", "failed", "gone")) & Domain.custom(
            to_sql=lambda _model, alias, _query: SQL("%s @> %s::bigint[]", SQL.identifier(alias, "search_keys"), keys)
        )

    def action_retry(self):
        """Give those of these messages that were set aside another try."""
        self.check_access("read")
        failed = self.filtered(lambda copy: copy.state == "failed")
        if not failed:
            raise UserError(
                self.env._(
                    "None of these messages was set aside: there is nothing to try again. “Archive anyway” files those "
                    "that were left out on purpose."
                )
            )
        failed.mailbox_id._check_can_scan()
        failed.sudo()._set_pending()
        failed.mailbox_id.sudo()._set_due()

    def action_file(self):
        """Have those of these archived that can be, whatever the rules say; they are assigned like others of nobody."""
        self.check_access("read")
        letters = self.filtered(lambda copy: copy.reason not in FINAL and not copy._is_draft())
        if not letters:
            raise UserError(self.env._("A draft is archived when it has been sent, and what was erased never."))
        letters._file({})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s emails are fetched by the next scan and archived. Assign those of nobody known under "
                    "Synced emails, Unassigned.",
                    count=len(letters),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def _keys(asked):
    """What a message must have that is asked for by these words, addresses and domains."""
    keys = []
    for word in asked.lower().split():
        if "@" in word.strip("@"):
            keys.append(search_keys.address_key(word))
        elif "." in word.strip("."):
            keys.append(search_keys.domain_key(word.removeprefix("@")))
        else:
            keys += search_keys.word_keys(word)
    return keys
