# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL, sql

REASONS = [
    ("customer_main", "Customer's main email"),
    ("customer_contact", "Customer's contact"),
    ("lead_main", "Lead's main email"),
    ("lead_contact", "Lead's contact"),
    ("customer_domain", "Customer's domain"),
    ("thread", "Reply in a known thread"),
    ("odoo", "Sent by Odoo from this record"),
    ("manual", "Assigned by hand"),
    ("learned", "Learned assignment"),
]


class CrmMailLink(models.Model):
    """Letter → customer or lead, and why. Date and pointer are the letter's own, held here for the chatter."""

    _name = "crm.mail.link"
    _description = "Link of a synced email"
    _order = "date DESC, id DESC"
    _rec_name = "email_id"

    email_id = fields.Many2one("crm.mail.email", required=True, index=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one("res.partner", index="btree_not_null", ondelete="cascade", readonly=True)
    lead_id = fields.Many2one("crm.lead", index="btree_not_null", ondelete="cascade", readonly=True)
    reason = fields.Selection(REASONS, required=True, readonly=True)
    maker_id = fields.Many2one("res.users", string="Assigned by", ondelete="set null", readonly=True)
    is_undone = fields.Boolean(readonly=True)
    # Who set it last, and who cleared it last; all that ever did so stand in crm.mail.assignment.
    assignment_id = fields.Many2one("crm.mail.assignment", index="btree_not_null", ondelete="set null", readonly=True)
    undone_by_id = fields.Many2one(
        "crm.mail.assignment", string="Undone by", index="btree_not_null", ondelete="set null", readonly=True
    )
    date = fields.Datetime(required=True, readonly=True)
    pointer_id = fields.Many2one("mail.message", index=True, ondelete="set null", readonly=True)

    _partner_unique = models.UniqueIndex("(email_id, partner_id) WHERE partner_id IS NOT NULL")
    _lead_unique = models.UniqueIndex("(email_id, lead_id) WHERE lead_id IS NOT NULL")
    _partner_page_idx = models.Index(
        "(partner_id, date DESC, pointer_id DESC) WHERE partner_id IS NOT NULL AND is_undone IS NOT TRUE"
    )
    _lead_page_idx = models.Index(
        "(lead_id, date DESC, pointer_id DESC) WHERE lead_id IS NOT NULL AND is_undone IS NOT TRUE"
    )

    @api.model
    def _target_columns(self):
        """The models that letters can be linked to, and the column of each here; a seam for further targets.

        A target's kind, for the matcher, is its column without ``_id``; its flag is the letter's ``is_linked_<kind>``.
        """
        return {"res.partner": "partner_id", "crm.lead": "lead_id"}

    @api.model
    def _target_kinds(self):
        """Kind of target → its column."""
        return {column.removesuffix("_id"): column for column in self._target_columns().values()}

    def _target(self):
        """(model, id) of what it leads to."""
        self.ensure_one()
        return next((model, self[column].id) for model, column in self._target_columns().items() if self[column])

    def _target_record(self):
        """The same as a record."""
        model, target_id = self._target()
        return self.env[model].browse(target_id)

    def init(self):
        self._keep_true(self._target_kinds())

    @api.model
    def _keep_true(self, kinds):
        """Have the database see to what is true of every link, with these kinds of target (kind → column)."""
        self._keep_flags(kinds)
        self._keep_one_target(kinds.values())

    @api.model
    def _keep_one_target(self, columns):
        """A link leads to one target.

        No models.Constraint: when the core is upgraded, it would fail over the links of an addon that brings a further
        target, and Odoo would then not make the addon's own either. As NOT VALID it asks of new rows only.
        """
        name = f"{self._table}_one_target"
        definition = f"CHECK (num_nonnulls({', '.join(columns)}) = 1) NOT VALID"
        current = sql.constraint_definition(self.env.cr, self._table, name)
        if current and current != definition:
            sql.drop_constraint(self.env.cr, self._table, name)
        if current != definition:
            sql.add_constraint(self.env.cr, self._table, name, definition)

    @api.model
    def _keep_flags(self, kinds):
        """Keep the letters' flags true to their links.

        Record rules stand on the flags, and links also go past the ORM: with the customer or lead they lead to, or in a
        merge of customers. So the database itself sees to it, once a statement.
        """
        flags = [SQL.identifier(f"is_linked_{kind}") for kind in kinds]
        self.env.cr.execute(
            SQL(
                """
            CREATE OR REPLACE FUNCTION crm_mail_link_flags() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE crm_mail_email e
                   SET (%(flags)s) = ROW(%(linked)s)
                  FROM (SELECT t.email_id, %(counts)s
                          FROM (SELECT DISTINCT email_id FROM touched) t
                          LEFT JOIN crm_mail_link l ON l.email_id = t.email_id AND l.is_undone IS NOT TRUE
                         GROUP BY t.email_id) linked
                 WHERE e.id = linked.email_id
                   AND (%(old)s) IS DISTINCT FROM (%(linked)s);
                RETURN NULL;
            END $$
            """,
                flags=SQL(", ").join(flags),
                old=SQL(", ").join(SQL("e.%s", flag) for flag in flags),
                linked=SQL(", ").join(SQL("linked.%s", flag) for flag in flags),
                counts=SQL(", ").join(
                    SQL("count(l.%s) > 0 AS %s", SQL.identifier(column), flag)
                    for column, flag in zip(kinds.values(), flags, strict=True)
                ),
            )
        )
        for event, table in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            name = SQL.identifier(f"crm_mail_link_flags_{event.lower()}")
            self.env.cr.execute(SQL("DROP TRIGGER IF EXISTS %s ON crm_mail_link", name))
            self.env.cr.execute(
                SQL(
                    "CREATE TRIGGER %s AFTER %s ON crm_mail_link REFERENCING %s TABLE AS touched"
                    " FOR EACH STATEMENT EXECUTE FUNCTION crm_mail_link_flags()",
                    name,
                    SQL(event),
                    SQL(table),
                )
            )
