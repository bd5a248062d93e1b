# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

from . import counting
from .chatter_page import linked_letters

# Without a limit every form of a customer with many letters would be slower.
_COUNTED = 999


class CrmMailTargetMixin(models.AbstractModel):
    """What a model gets that letters are linked to: the count of its letters, and the way to them."""

    _name = "crm.mail.target.mixin"
    _description = "Target of synced emails"

    # The column of crm.mail.link that points here.
    _mail_link_field = None

    letter_count = fields.Char(
        string="Emails",
        compute="_compute_letter_count",
        groups="base.group_user",
        help="Emails of this record that you may read; from a thousand on, no exact number.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_letter_count(self):
        for target in self:
            count = target._origin._count_letters()
            target.letter_count = counting.shown(count, _COUNTED) if count else ""

    def _count_letters(self):
        source = linked_letters(self.env, self) if self else None
        return counting.count(self.env, SQL("SELECT 1 %s", source), _COUNTED) if source else 0

    def _letter_links(self):
        """The links of the letters that are counted and shown here: what is Odoo's own message already is not."""
        return [(self._mail_link_field, "=", self.id), ("is_undone", "!=", True), ("is_odoo_message", "=", False)]

    def action_open_letters(self):
        """The letters of this record, as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_mail_sync.crm_mail_email_action")
        return {
            **action,
            "name": self.env._("Emails of %(name)s", name=self.display_name),
            "domain": [("link_ids", "any", self._letter_links())],
            "context": {},
        }

    def _take_letters_of(self, others):
        """Move the letters of records that are merged into this one, and what was learned about them.

        What this one has already stays as it is here.
        """
        self.ensure_one()
        links = self.env["crm.mail.link"]
        links.flush_model()
        names = {"target": SQL.identifier(self._mail_link_field), "new": self.id, "old": others.ids}
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_link SET %(target)s = %(new)s WHERE id IN (
                    SELECT DISTINCT ON (email_id) id FROM crm_mail_link
                     WHERE %(target)s = ANY(%(old)s)
                       AND email_id NOT IN (SELECT email_id FROM crm_mail_link WHERE %(target)s = %(new)s)
                     ORDER BY email_id, is_undone NULLS FIRST, id
                )
                """,
                **names,
            )
        )
        self.env.cr.execute(SQL("DELETE FROM crm_mail_link WHERE %(target)s = ANY(%(old)s)", **names))
        self.env.cr.execute(
            SQL("UPDATE crm_mail_assignment_target SET %(target)s = %(new)s WHERE %(target)s = ANY(%(old)s)", **names)
        )
        links.invalidate_model()
        self.env["crm.mail.assignment.target"].invalidate_model()
