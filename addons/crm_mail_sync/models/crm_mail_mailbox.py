# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a user says of a mailbox: whose it is, where it is, what is to be scanned."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
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
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="The company whose colleagues are shown the letters.",
    )
    provider = fields.Selection(
        [("imap", "IMAP"), ("gmail", "Gmail"), ("outlook", "Outlook")], required=True, default="imap"
    )
    address = fields.Char(string="Email", required=True, help="The mailbox's email address.")
    is_main = fields.Boolean(
        string="Main",
        copy=False,
        default=lambda self: not self._main_of(self.env.context.get("default_user_id", self.env.uid)),
        help="The mailbox that the user sees in the app Email. Each user has one.",
    )
    scan_active = fields.Boolean(
        string="Email scan active",
        default=True,
        help="Scan this mailbox regularly. Switched off, everything archived stays as it is.",
    )
    sync_clients = fields.Boolean(
        string="Sync clients", default=True, help="Archive the letters of customers and their contacts."
    )
    sync_leads = fields.Boolean(
        string="Sync leads", default=True, help="Archive the letters of leads and their contacts."
    )
    folder_ids = fields.One2many("crm.mail.folder", "mailbox_id", string="Sync directories")
    run_ids = fields.One2many("crm.mail.run", "mailbox_id", string="Scans")

    _user_address_unique = models.Constraint(
        "UNIQUE (user_id, address)", "This user already has a mailbox with this email address."
    )
    _user_main_unique = models.UniqueIndex("(user_id) WHERE is_main IS TRUE", "A user has only one main mailbox.")

    # Everything that a person may set; all else is the scan's own business.
    _SETTINGS = frozenset(
        {
            "user_id",
            "company_id",
            "provider",
            "grant_by",
            "address",
            "is_main",
            "scan_active",
            "sync_clients",
            "sync_leads",
            "visibility",
            "scan_since",
            "folder_ids",
            "reader_ids",
            "username",
            "host",
            "port",
            "security",
            "password",
            "smtp_host",
            "smtp_port",
            "smtp_security",
            "smtp_username",
            "smtp_password",
        }
    )

    @api.depends("user_id")
    def _compute_company_id(self):
        for mailbox in self:
            user = mailbox.user_id.sudo()
            is_member = self.env.company in user.company_ids
            mailbox.company_id = self.env.company if is_member else user.company_id

    @api.constrains("company_id", "user_id")
    def _check_user(self):
        for mailbox in self.sudo():
            if mailbox.user_id.share:
                raise ValidationError(self.env._("Only internal users can have mailboxes."))
            if mailbox.company_id not in mailbox.user_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not belong to the company %(company)s.",
                        user=mailbox.user_id.name,
                        company=mailbox.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self = self._without_forbidden_defaults()
        claimed = set()
        for vals in vals_list:
            self._check_settings_only(vals)
            self._clean_address(vals)
            user_id = self._owner_id(vals)
            self._check_owner(user_id)
            old_main = self._main_of(user_id)
            is_first = not old_main and user_id not in claimed
            is_wanted = bool(vals.get("is_main")) and user_id not in claimed and self._may_release_main(old_main)
            vals["is_main"] = is_first or is_wanted
            if vals["is_main"]:
                claimed.add(user_id)
                self._release_main(old_main)
        return super().create(vals_list)

    def write(self, vals):
        self._check_settings_only(vals)
        self._clean_address(vals)
        users = self.user_id
        if "user_id" in vals:
            self._check_handover(vals["user_id"])
        if vals.get("is_main"):
            for mailbox in self:
                owner_id = vals.get("user_id", mailbox.user_id.id)
                old_main = self._main_of(owner_id) - mailbox
                if not self._may_release_main(old_main):
                    raise AccessError(self.env._("Only %(user)s can choose another Main.", user=old_main.user_id.name))
                self._release_main(old_main)
        elif "is_main" in vals and not self.env.su and self.filtered("is_main"):
            raise UserError(self.env._("Each user has a main mailbox: mark another one as Main."))
        result = super().write(vals)
        if "user_id" in vals:
            self._ensure_main(users | self.user_id)
        if "scan_active" in vals:
            self._follow_scan_active()
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self._ensure_main(users)
        return result

    def action_make_main(self):
        """Make this one the user's main mailbox."""
        self.ensure_one()
        self.write({"is_main": True})

    def action_open(self):
        """The mailbox on a page of its own."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.address,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

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

    def _without_forbidden_defaults(self):
        """What may not be given as a value must not come as a default from the caller's context either."""
        if self.env.su:
            return self
        kept = {
            key: value
            for key, value in self.env.context.items()
            if not key.startswith("default_") or key.removeprefix("default_") in self._SETTINGS
        }
        return self.with_context(kept)  # pylint: disable=context-overridden

    @api.model
    def _owner_id(self, vals):
        if "user_id" in vals:
            return vals["user_id"]
        return self.default_get(["user_id"]).get("user_id")

    @api.model
    def _check_owner(self, user_id):
        """Record rules say the same, but only after the constraints have told what others have."""
        if not self.env.su and user_id != self.env.uid and not self.env.user._is_system():
            raise AccessError(self.env._("You can have mailboxes of your own only."))

    def _check_handover(self, user_id):
        moving = self.filtered(lambda m: m.user_id.id != user_id)
        if not moving:
            return
        self._check_owner(user_id)
        # One whose settings were changed is a draft again, but what was listed of it stays its user's.
        if moving._is_listed() or moving.filtered(lambda m: m.state != "draft"):
            raise UserError(self.env._("A connected mailbox belongs to its user and cannot be given to another."))
        self._release_main(moving)

    @api.model
    def _clean_address(self, vals):
        if vals.get("address"):
            address = email_normalize(vals["address"])
            if not address:
                raise UserError(self.env._("“%(address)s” is not an email address.", address=vals["address"]))
            vals["address"] = address

    @api.model
    def _main_of(self, user_id):
        return self.sudo().search([("user_id", "=", user_id), ("is_main", "=", True)])

    def _is_listed(self):
        """Whether messages were listed of any of these."""
        return bool(self.env["crm.mail.copy"].sudo().search_count([("mailbox_id", "in", self.ids)], limit=1))

    @api.model
    def _may_release_main(self, main):
        """Nobody but its user makes his main mailbox one of those that can be handed over."""
        return self.env.su or main.user_id == self.env.user or not main._is_listed()

    @api.model
    def _release_main(self, main):
        """Let mailboxes give up being main; written at once, or the unique index would see two."""
        if main:
            main.sudo().write({"is_main": False})
            main.flush_recordset(["is_main"])

    @api.model
    def _ensure_main(self, users):
        """Users with mailboxes have a main one: the oldest, if they lost theirs."""
        for user in users:
            mailboxes = self.sudo().search([("user_id", "=", user.id)], order="id")
            if mailboxes and not mailboxes.filtered("is_main"):
                mailboxes[0].is_main = True
