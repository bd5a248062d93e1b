# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a user says of a mailbox: whose it is, where it is, what is to be scanned."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize


class CrmMailMailbox(models.Model):
    """One account of one user at one provider.

    Secrets never leave the server; state changes only by the transitions of ``crm_mail_mailbox_state``.
    """

    _name = "crm.mail.mailbox"
    _description = "Mailbox"
    _order = "user_id, is_main DESC, address, id"
    _rec_name = "address"
    # Hangs on the user's form: commands from there must not run as superuser.
    _allow_sudo_commands = False

    user_id = fields.Many2one(
        "res.users",
        string="User",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    provider = fields.Selection([("imap", "IMAP")], required=True, default="imap")
    address = fields.Char(
        string="Email", required=True, help="The mailbox's email address."
    )
    is_main = fields.Boolean(
        string="Main",
        help="The mailbox that the user sees in the app Email. Each user has one.",
    )
    scan_active = fields.Boolean(
        string="Email scan active",
        default=True,
        help="Scan this mailbox regularly. Switched off, everything archived stays as it is.",
    )
    sync_clients = fields.Boolean(
        default=True, help="Archive the letters of customers and their contacts."
    )
    sync_leads = fields.Boolean(
        default=True, help="Archive the letters of leads and their contacts."
    )
    visibility = fields.Selection(
        [("everything", "Colleagues"), ("private", "Only me")],
        string="Letters are shown to",
        required=True,
        default="everything",
        help="Colleagues: whoever may see the customer or lead reads its letters. "
        "Only me: letters are linked, but nobody else sees them.",
    )
    folder_ids = fields.One2many("crm.mail.folder", "mailbox_id", string="Sync directories")
    run_ids = fields.One2many("crm.mail.run", "mailbox_id", string="Scans")

    _user_address_unique = models.Constraint(
        "UNIQUE (user_id, address)", "This user already has a mailbox with this email address."
    )
    _user_main_unique = models.UniqueIndex(
        "(user_id) WHERE is_main IS TRUE", "A user has only one main mailbox."
    )

    # Everything that a person may set; all else is the scan's own business.
    _SETTINGS = frozenset(
        {
            "user_id",
            "company_id",
            "provider",
            "address",
            "is_main",
            "scan_active",
            "sync_clients",
            "sync_leads",
            "visibility",
            "folder_ids",
            "username",
            "host",
            "port",
            "security",
            "password",
        }
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_settings_only(vals)
            self._clean_address(vals)
            user_id = vals.get("user_id", self.env.uid)
            if "is_main" not in vals:
                vals["is_main"] = not self._main_of(user_id)
            elif vals["is_main"]:
                self._main_of(user_id)._release_main()
        return super().create(vals_list)

    def write(self, vals):
        self._check_settings_only(vals)
        self._clean_address(vals)
        if "user_id" in vals and self.filtered(lambda m: m.state != "draft"):
            raise UserError(
                self.env._("A connected mailbox belongs to its user and cannot be given to another.")
            )
        if vals.get("is_main"):
            for mailbox in self:
                (self._main_of(vals.get("user_id", mailbox.user_id.id)) - mailbox)._release_main()
        result = super().write(vals)
        if "scan_active" in vals:
            self._follow_scan_active()
        return result

    @api.model
    def _check_settings_only(self, vals):
        forbidden = set(vals) - self._SETTINGS
        if forbidden and not self.env.su:
            raise AccessError(
                self.env._(
                    "These fields of a mailbox cannot be set by hand: %(names)s",
                    names=", ".join(sorted(forbidden)),
                )
            )

    @api.model
    def _clean_address(self, vals):
        if vals.get("address"):
            address = email_normalize(vals["address"])
            if not address:
                raise UserError(
                    self.env._("“%(address)s” is not an email address.", address=vals["address"])
                )
            vals["address"] = address

    @api.model
    def _main_of(self, user_id):
        return self.search([("user_id", "=", user_id), ("is_main", "=", True)])

    def _release_main(self):
        """Give up being main; written at once, or the unique index would see two."""
        if self:
            self.write({"is_main": False})
            self.flush_recordset(["is_main"])
