# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from lxml import html as lxml_html

from odoo import api, fields, models
from odoo.tools.mail import plaintext2html

from odoo.addons.crm_mail_sync.mailsync import html

_PROJECT_USER = "project.group_project_user"
# Characters: a description is no archive.
_LONGEST = 20_000


class CrmMailEmail(models.Model):
    _inherit = "crm.mail.email"

    # Denormalised from the links for cheap record rules; the database itself keeps it true, see crm.mail.link.
    is_linked_project = fields.Boolean(readonly=True)
    task_count = fields.Integer(string="Tasks", compute="_compute_task_count", groups=_PROJECT_USER)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_task_count(self):
        counts = dict(
            self.env["project.task"]
            .with_context(active_test=False)
            ._read_group([("letter_id", "in", self.ids)], ["letter_id"], ["__count"])
        )
        for letter in self:
            letter.task_count = counts.get(letter, 0)

    def action_create_task(self):
        """Ask what is to become a task of this letter."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("crm_mail_sync_project.crm_mail_task_wizard_action"),
            "context": {"default_letter_id": self.id},
        }

    def action_open_tasks(self):
        """The tasks that were made of this letter: the one, or their list."""
        self.ensure_one()
        tasks = self.env["project.task"].with_context(active_test=False).search([("letter_id", "=", self.id)])
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Tasks"),
            "res_model": "project.task",
            "domain": [("id", "in", tasks.ids)],
            "view_mode": "list,form",
        }
        return action if len(tasks) != 1 else {**action, "view_mode": "form", "res_id": tasks.id}

    def _chatter_values(self):
        values = super()._chatter_values()
        can_create_task = self.env.user.has_group(_PROJECT_USER)
        for told in values.values():
            told["letter"]["canCreateTask"] = can_create_task
        return values

    def _task_values(self):
        """What a task made of this letter begins with, as far as the user may read it."""
        self.ensure_one()
        links = self.link_ids.filtered(lambda link: not link.is_undone)
        return {
            "name": self.subject or self.env._("(no subject)"),
            "project_id": links.project_id.filtered(lambda project: project.active and not project.is_template)[:1].id,
            "partner_id": self._task_customer(links.partner_id).id,
            "description": self._task_description(),
        }

    def _task_customer(self, partners):
        """Of the linked customers the one who wrote, else the first person, else the first."""
        senders = self.participant_ids.filtered(lambda person: person.role == "from").mapped("address")
        for chosen in (
            partners.filtered(lambda partner: partner.email_normalized in senders),
            partners.filtered(lambda partner: not partner.is_company),
        ):
            if chosen:
                return chosen[:1]
        return partners[:1]

    def _task_description(self):
        """The letter's text without quoted history and pictures; empty for those who may not read it."""
        content = self._readable_contents(["html"]).get(self.id)
        if not content or not content.html:
            return False
        folded = lxml_html.fragment_fromstring(html.fold_quotes(content.html, "chatter"), create_parent="div")
        for quoted in folded.xpath(".//*[@data-o-mail-quote]"):
            quoted.drop_tree()
        text = html.to_text(lxml_html.tostring(folded, encoding="unicode"))
        return plaintext2html(text[:_LONGEST].strip())
