# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..models.assignment_scope import MOST_COUNTED, Covered, why_not_learned
from ..models.crm_mail_assignment import SCOPES


class AssignWizard(models.TransientModel):
    """Where letters belong. All that it shows is for the user's eyes; what he may do is checked by the letters."""

    _name = "crm.mail.assign.wizard"
    _description = "Assign emails"

    email_ids = fields.Many2many("crm.mail.email", string="Emails", required=True)
    link_id = fields.Many2one("crm.mail.link", string="Moved from", ondelete="cascade")
    from_name = fields.Char(string="Instead of", compute="_compute_from_name")
    # A field for each entry of crm.mail.link's _target_columns: its column with an s.
    partner_ids = fields.Many2many("res.partner", string="Customers", context={"active_test": False})
    lead_ids = fields.Many2many("crm.lead", string="Leads", context={"active_test": False})
    candidates = fields.Json(compute="_compute_candidates")
    scope = fields.Selection(SCOPES, required=True, default="letter")
    scopes = fields.Json(compute="_compute_scopes")
    readers = fields.Char(string="Who will read it", compute="_compute_readers")

    @api.depends("link_id")
    def _compute_from_name(self):
        for wizard in self:
            wizard.from_name = wizard.link_id._target_record().display_name if wizard.link_id else False

    @api.depends("email_ids")
    def _compute_candidates(self):
        columns = self.env["crm.mail.link"]._target_columns()
        for wizard in self:
            wizard.candidates = [
                {
                    "field": self._field_of(columns[record._name]),
                    "model": record._name,
                    "id": record.id,
                    "name": record.display_name,
                    "reason": reason,
                }
                for record, reason in wizard.email_ids._origin._assign_candidates()
            ]

    @staticmethod
    def _field_of(column):
        return f"{column}s"

    @api.depends("email_ids")
    def _compute_scopes(self):
        for wizard in self:
            wizard.scopes = [wizard._scope_shown(*choice) for choice in wizard._scope_choices()]

    def _scope_choices(self):
        """[(scope, address or domain, label)] that make sense for these letters."""
        letters = self.email_ids._origin
        address = letters._counterpart()
        domain = address.rpartition("@")[2]
        only = (
            self.env._("These %(count)s emails", count=len(letters)) if len(letters) > 1 else self.env._("This email")
        )
        conversation = (
            self.env._("Their whole conversations") if len(letters) > 1 else self.env._("The whole conversation")
        )
        choices = [("letter", False, only)]
        if any(letters.mapped("is_head_shown")):
            choices.append(("thread", False, conversation))
        choices.append(("address", address, self.env._("Everything with %(address)s", address=address)))
        choices.append(("domain", domain, self.env._("Everything with @%(domain)s", domain=domain)))
        return [choice for choice in choices if not why_not_learned(self.env, *choice[:2])]

    def _scope_shown(self, scope, learned, label):
        covered = Covered(self.email_ids._origin, scope, learned)
        return {
            "value": scope,
            "label": label,
            "letters": _count_text(covered.count_letters()),
            "waiting": _count_text(covered.count_waiting()) if scope != "letter" else "",
            "isLearned": scope != "letter",
        }

    @api.depends(lambda self: ["email_ids", *map(self._field_of, self.env["crm.mail.link"]._target_columns().values())])
    def _compute_readers(self):
        for wizard in self:
            wizard.readers = wizard._readers_text()

    def _readers_text(self):
        sentences = []
        letters = self.email_ids._origin
        private = letters.filtered(lambda letter: letter.visibility == "private")
        readers = [text for text in (self._readers_of(model) for model in self._chosen()) if text]
        if readers and private != letters:
            sentences.append(self.env._("Will be read by %(readers)s.", readers=", ".join(readers)))
            if any(letter.visibility in ("subject", "event") for letter in letters):
                sentences.append(self.env._("Of emails that are shown in part, no more than that part."))
        if private:
            sentences.append(self.env._("Private emails are read by their owners only, as before."))
        return " ".join(sentences)

    def _readers_of(self, model):
        """Who reads letters because of the chosen records of this model, in words; a seam for further targets."""
        salespeople = self.env._("all salespeople")
        if model == "crm.lead":
            users = self.lead_ids._origin.user_id
            if self.partner_ids:
                return ""
            if not users:
                return salespeople
            return self.env._("%(users)s and whoever sees all leads", users=", ".join(users.mapped("name")))
        return salespeople if model == "res.partner" else ""

    def _chosen(self):
        """Model → ids of what was chosen."""
        columns = self.env["crm.mail.link"]._target_columns()
        chosen = {
            model: self[self._field_of(column)]._origin.ids
            for model, column in columns.items()
            if self.env[model].has_access("read")
        }
        return {model: ids for model, ids in chosen.items() if ids}

    def action_apply(self):
        """Assign, or move; the notice that is shown offers to undo it."""
        self.ensure_one()
        letters = self.email_ids
        learned = {scope: value for scope, value, _label in self._scope_choices()}.get(self.scope) or None
        options = {"scope": self.scope, "learned": learned}
        if self.link_id:
            self.link_id.check_access("read")
            model, target_id = self.link_id._target()
            return letters._move({model: [target_id]}, self._chosen(), **options)._notice()
        return letters._assign(self._chosen(), **options)._notice()


def _count_text(count):
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
