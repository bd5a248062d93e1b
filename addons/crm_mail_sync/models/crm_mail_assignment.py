# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .assignment_changes import create_changes, take_back

SCOPES = [
    ("letter", "These emails"),
    ("thread", "The whole conversation"),
    ("address", "Everything with this address"),
    ("domain", "Everything with this domain"),
]
_NAMES_SHOWN = 3


class CrmMailAssignment(models.Model):
    """What a person did to the links of letters in one step, to be undone in one step. All but that of single
    letters is learned: the scan goes by it until it is undone. Written by letters' ``_assign`` and its kin only.
    """

    _name = "crm.mail.assignment"
    _description = "Assignment of synced emails"
    _order = "id DESC"
    _rec_name = "learned"

    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    date = fields.Datetime(required=True, readonly=True)
    kind = fields.Selection(
        [("assign", "Assigned"), ("move", "Moved"), ("unassign", "Removed"), ("create", "Made from the email")],
        required=True,
        readonly=True,
    )
    scope = fields.Selection(SCOPES, required=True, readonly=True)
    learned = fields.Char(string="Address or domain", readonly=True)
    is_for_company = fields.Boolean(string="All mailboxes", readonly=True)
    target_ids = fields.One2many("crm.mail.assignment.target", "assignment_id", readonly=True)
    letter_count = fields.Integer(string="Emails", readonly=True)
    fetched_count = fields.Integer(string="Fetched", readonly=True)
    is_undone = fields.Boolean(string="Undone", readonly=True)
    target_names = fields.Char(string="Belongs to", compute="_compute_target_names")
    source_names = fields.Char(string="Not to", compute="_compute_target_names")

    _learned_idx = models.Index("(learned) WHERE learned IS NOT NULL AND is_undone IS NOT TRUE")
    _user_idx = models.Index("(user_id)")

    def init(self):
        # It points at two models' tables, of which one may be still to come.
        self.pool.post_init(create_changes, self.env)

    def _compute_display_name(self):
        # Odoo tells it as superuser to whoever reads a link: no address is in it.
        for assignment in self:
            assignment.display_name = self.env._("Assignment %(number)s", number=assignment.id)

    @api.depends("target_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_target_names(self):
        # Odoo tells the names of linked records as superuser: each is asked for by the reader's own rights.
        for assignment in self:
            lines = assignment.sudo().target_ids
            assignment.target_names = self._names(lines.filtered(lambda line: not line.is_source))
            assignment.source_names = self._names(lines.filtered("is_source"))

    def _names(self, lines):
        names = []
        for model, column in self.env["crm.mail.link"]._target_columns().items():
            records = self.env[model].sudo(False).browse(lines[column].ids)
            if records.has_access("read") or (records := records._filtered_access("read")):
                names += [record.display_name or "" for record in records]
        names += [self.env._("(not shown to you)")] if len(names) < len(lines) else []
        more = len(names) - _NAMES_SHOWN
        shown = ", ".join(names[:_NAMES_SHOWN])
        return self.env._("%(names)s and %(count)s more", names=shown, count=more) if more > 0 else shown

    def action_undo(self):
        """Bring back what was before these assignments; learned ones stop. Undone once, nothing more happens."""
        self.check_access("read")
        for assignment in self.filtered(lambda a: not a.is_undone):
            assignment._check_may_undo()
            assignment.sudo()._undo()
        return True

    def _check_may_undo(self):
        groups = ("base.group_system", "sales_team.group_sale_manager")
        if self.user_id != self.env.user and not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Only %(user)s or a sales manager can undo this.", user=self.user_id.name))

    def _undo(self):
        # First of all: who undoes it at the same time, or files a letter by it, meets a conflict.
        self.is_undone = True
        self.env.flush_all()
        take_back(self.env, self)
        self.env.invalidate_all(flush=False)
        if self.scope != "letter":
            self.env.cr.postcommit.add(partial(_take_back_late, self.env.registry, self.id))

    def _targets(self, is_source=False):
        """Model → ids."""
        lines = self.target_ids.filtered(lambda line: line.is_source == is_source)
        columns = self.env["crm.mail.link"]._target_columns()
        return {model: lines[column].ids for model, column in columns.items() if lines[column]}

    def _notice(self, next_action=None):
        """A client action that tells what was done and offers to undo it."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "crm_mail_sync_assigned",
            "params": {
                "assignment_id": self.id,
                "message": self._notice_text(),
                "next": next_action or {"type": "ir.actions.act_window_close"},
            },
        }

    def _notice_text(self):
        if self.kind == "unassign":
            one = self.env._("Email removed from %(names)s", names=self.source_names)
            many = self.env._(
                "%(count)s emails removed from %(names)s", count=self.letter_count, names=self.source_names
            )
        else:
            one = self.env._("Email assigned to %(names)s", names=self.target_names)
            many = self.env._(
                "%(count)s emails assigned to %(names)s", count=self.letter_count, names=self.target_names
            )
        text = one if self.letter_count == 1 else many
        if self.fetched_count:
            more = self.env._("%(count)s more are being fetched from your mailbox.", count=self.fetched_count)
            return f"{text}. {more}"
        return text


class CrmMailAssignmentTarget(models.Model):
    """One of the records that an assignment is about: letters belong there, or (source) do not any more."""

    _name = "crm.mail.assignment.target"
    _description = "Target of an assignment"
    _order = "id"
    _rec_name = "assignment_id"

    assignment_id = fields.Many2one("crm.mail.assignment", required=True, index=True, ondelete="cascade", readonly=True)
    is_source = fields.Boolean(string="Taken away", readonly=True)
    # A column for each entry of crm.mail.link's _target_columns, under the same name.
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="cascade", readonly=True)
    lead_id = fields.Many2one("crm.lead", index="btree_not_null", ondelete="cascade", readonly=True)


def _take_back_late(registry, assignment_id):
    """Once more after the commit: scans that had begun before, and went by the rule, are done by now.

    Later ones cannot: to file a letter by it they lock its row, which has changed.
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        cr.execute(SQL("SELECT FROM crm_mail_assignment WHERE id = %s AND is_undone", assignment_id))
        if cr.rowcount:
            take_back(env, env["crm.mail.assignment"].browse(assignment_id))
