# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters assigned, moved and unassigned by people. Whoever calls, here it is checked what the user may do."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .assignment_changes import clear_links, set_links
from .assignment_scope import Covered, check_can_be_learned

_SALES = "sales_team.group_sale_salesman"
_COUNTERPART_ROLES = {
    "received": ("from", "reply_to", "sender", "to", "cc"),
    "sent": ("to", "cc", "bcc", "reply_to", "from"),
}


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    def _assign(self, targets, reason="manual", *, scope="letter", learned=None, sources=None, kind="assign"):
        """Link these letters, and all that the scope covers, to these targets; by scopes but ``letter`` for good.

        :param targets: ``{"res.partner": ids, "crm.lead": ids, …}``
        :param learned: the address or domain, for these scopes
        :param sources: as ``targets``; where they do not belong any more
        :return: the assignment, which can be undone
        :raises AccessError: unless the user may read the letters and the records
        """
        # One shows to others what one may read oneself: letters of nobody and private ones are their owners'.
        self.sudo(False).check_access("read")
        self._check_targets(targets)
        self._check_targets(sources or {})
        check_can_be_learned(self.env, scope, learned)
        covered = Covered(self, scope, learned)
        letters = covered.letters()
        assignment = self._make_assignment(
            kind=kind, scope=scope, learned=learned, letter_count=len(letters), targets=targets, sources=sources or {}
        )
        columns = self.env["crm.mail.link"]._target_columns()
        for model, ids in (sources or {}).items():
            clear_links(self.env, assignment, letters.ids, columns[model], ids)
        for model, ids in targets.items():
            set_links(self.env, assignment, letters.ids, columns[model], ids, reason)
        assignment.fetched_count = covered.fetch_waiting()
        self.env.invalidate_all()
        return assignment.sudo(self.env.su)

    def _unassign(self, targets):
        """Take these letters off these targets; no scan links them again."""
        return self._assign({}, sources=targets, kind="unassign")

    def _move(self, sources, targets, **scope):
        """Take these letters off the one and give them to the other."""
        return self._assign(targets, sources=sources, kind="move", **scope)

    @api.model
    def _check_targets(self, targets):
        """Whether the user may name these records (model → ids) as where letters belong."""
        columns = self.env["crm.mail.link"]._target_columns()
        for model, ids in targets.items():
            if model not in columns:
                raise UserError(self.env._("Emails cannot be assigned to this kind of record."))
            self.env[model].sudo(False).browse(ids).check_access("read")

    def _make_assignment(self, targets, sources, **values):
        columns = self.env["crm.mail.link"]._target_columns()
        lines = [
            {"is_source": is_source, columns[model]: target_id}
            for is_source, named in ((False, targets), (True, sources))
            for model, ids in named.items()
            for target_id in dict.fromkeys(ids)
        ]
        if not self or not lines:
            raise UserError(self.env._("Choose the customer or lead that the emails belong to."))
        assignment = (
            self.env["crm.mail.assignment"]
            .sudo()
            .create(
                {
                    "user_id": self.env.uid,
                    "company_id": self.env.company.id,
                    "date": fields.Datetime.now(),
                    # Who may enter customers and leads teaches all mailboxes by that already; others only theirs.
                    "is_for_company": self.env.user.has_group(_SALES),
                    "target_ids": [(0, 0, line) for line in lines],
                    **values,
                }
            )
        )
        self.env.flush_all()
        return assignment

    def _counterpart(self):
        """The one address that these letters were exchanged with, "" if there are several or none."""
        outsiders = set(self._foreign_addresses())
        found = set()
        for letter in self:
            people = {role: [] for role in ("from", "reply_to", "sender", "to", "cc", "bcc")}
            for person in letter.participant_ids:
                if person.address in outsiders:
                    people[person.role].append(person.address)
            found.add(next((a for role in _COUNTERPART_ROLES[letter.direction] for a in people[role]), ""))
        return found.pop() if len(found) == 1 else ""

    def action_assign(self):
        """The wizard for these letters: one, or those chosen in the list."""
        self.check_access("read")
        return self._open_wizard()

    def action_move(self, model, target_id):
        """The wizard, to choose where this letter belongs instead of this record."""
        link = self._link_to(model, target_id)
        return {**self._open_wizard(default_link_id=link.id), "name": self.env._("Move email")}

    def action_unassign(self, model, target_id):
        """Take this letter off a record; the notice offers to undo it, and says whether one may still read it."""
        self._link_to(model, target_id)
        notice = self._unassign({model: [target_id]})._notice()
        notice["params"]["is_hidden"] = not self.sudo(False).has_access("read")
        return notice

    def _link_to(self, model, target_id):
        self.ensure_one()
        self.check_access("read")
        column = self.env["crm.mail.link"]._target_columns().get(model)
        domain = [("email_id", "=", self.id), (column, "=", target_id), ("is_undone", "!=", True)]
        link = column and self.env["crm.mail.link"].sudo(False).search(domain, limit=1)
        if not link:
            raise UserError(self.env._("This email does not belong to that record any more. Reload the page."))
        return link

    def _open_wizard(self, **defaults):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign %(count)s emails", count=len(self))
            if len(self) > 1
            else self.env._("Assign email"),
            "res_model": "crm.mail.assign.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_email_ids": self.ids, **defaults},
        }
