# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The domains of customers: whose letters an address belongs to that nobody has entered."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mailsync.domains import ascii_domain, domain_of_address, domain_of_website, is_registry, is_within
from ..scan.ourselves import ourselves, public_domains
from . import domain_filling

SOURCES = [
    ("website", "Website"),
    ("email", "Email"),
    ("contacts", "Emails of contacts"),
    ("manual", "Entered by hand"),
]


class CrmMailDomain(models.Model):
    """A domain of a customer. Those that his website or addresses tell are filled in by ``domain_filling``."""

    _name = "crm.mail.domain"
    _description = "Email domain of a customer"
    _order = "domain, id"
    _rec_name = "domain"
    _allow_sudo_commands = False

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    domain = fields.Char(required=True, help="Addresses of this domain, and of those below it, are the customer's.")
    source = fields.Selection(SOURCES, string="From", required=True, default="manual", readonly=True)
    # One that was filled in and then removed stays as an archived one, so that it is not filled in again.
    active = fields.Boolean(default=True)

    _partner_domain_unique = models.Constraint(
        "UNIQUE (partner_id, domain)", "This customer has the domain already, perhaps as one that was removed."
    )
    _domain_idx = models.Index("(domain) WHERE active")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._completed(vals) for vals in vals_list]
        self._check_domains(vals["domain"] for vals in vals_list)
        # One that was removed and is entered now is there again.
        removed = {(d.partner_id.id, d.domain): d for d in self._removed_among(vals_list)}
        revived = [removed.get((vals.get("partner_id"), vals["domain"])) for vals in vals_list]
        for domain in filter(None, revived):
            domain.write({"active": True, "source": "manual"})
        made = iter(super().create([vals for vals, old in zip(vals_list, revived, strict=True) if not old]))
        return self.browse(old.id if old else next(made).id for old in revived)

    def write(self, vals):
        if "domain" in vals:
            vals = {"source": "manual", **self._completed(vals)}
            self._check_domains([vals["domain"]])
        result = super().write(vals)
        if "partner_id" in vals:
            # Record rules are asked before a write only: of the customer that it was of.
            self.check_access("write")
        return result

    def unlink(self):
        self.check_access("unlink")
        filled_in = self.filtered(lambda d: d.source != "manual")
        filled_in.write({"active": False})
        return super(CrmMailDomain, self - filled_in).unlink()

    def _removed_among(self, vals_list):
        if not any(vals.get("partner_id") for vals in vals_list):
            return self.browse()
        return self.search(
            [
                ("active", "=", False),
                ("partner_id", "in", [vals.get("partner_id") for vals in vals_list]),
                ("domain", "in", [vals["domain"] for vals in vals_list]),
            ]
        )

    @api.model
    def _completed(self, vals):
        """The values with the domain as it is compared; an address or a website is taken for its domain."""
        text = (vals.get("domain") or "").strip()
        domain = domain_of_address(text) if "@" in text else domain_of_website(text)
        if not domain:
            raise ValidationError(self.env._("“%(text)s” is no domain. Enter one like acme.com.", text=text))
        return {**vals, "domain": domain}

    @api.model
    def _check_domains(self, domains):
        domains = set(domains)
        public = public_domains(self.env)
        ours = ourselves(self.env).all_domains
        for domain in domains:
            if is_within(domain, ours):
                raise ValidationError(
                    self.env._("%(domain)s is a domain of ours: who writes from there is no customer.", domain=domain)
                )
            if domain in public:
                raise ValidationError(
                    self.env._(
                        "%(domain)s is a mail provider's: everybody can have an address there. "
                        "Enter the customer's own addresses as contacts instead.",
                        domain=domain,
                    )
                )
            if is_registry(domain) or ascii_domain(domain) != domain:
                raise ValidationError(
                    self.env._(
                        "Many register their domains below %(domain)s. Enter the customer's own one.", domain=domain
                    )
                )

    @api.model
    def _refresh(self, partners):
        """Bring the domains of these customers to what their websites and addresses say."""
        added = domain_filling.fill(self.env, partners.ids)
        self.invalidate_model()
        partners.invalidate_recordset(["mail_domain_ids"])
        return added
