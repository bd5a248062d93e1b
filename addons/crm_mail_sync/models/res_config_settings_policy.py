# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The company's policy for mailboxes, as an administrator sets it."""

from odoo import api, fields, models

from .visibility import rank


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mail_sync_visibility = fields.Selection(related="company_id.mail_sync_visibility", readonly=False)
    mail_sync_floor = fields.Selection(related="company_id.mail_sync_floor", readonly=False)
    mail_sync_lock_visibility = fields.Boolean(related="company_id.mail_sync_lock_visibility", readonly=False)
    mail_sync_allow_private = fields.Boolean(related="company_id.mail_sync_allow_private", readonly=False)
    mail_sync_folders = fields.Selection(related="company_id.mail_sync_folders", readonly=False)
    mail_sync_lock_folders = fields.Boolean(related="company_id.mail_sync_lock_folders", readonly=False)
    mail_sync_scan_since = fields.Date(related="company_id.mail_sync_scan_since", readonly=False)
    mail_sync_lock_scan_since = fields.Boolean(related="company_id.mail_sync_lock_scan_since", readonly=False)
    mail_sync_floor_effect = fields.Char(compute="_compute_mail_sync_floor_effect")

    @api.depends("mail_sync_floor", "company_id")
    def _compute_mail_sync_floor_effect(self):
        for settings in self:
            # What is stored, not what is being typed.
            company = settings.company_id._origin
            floor = settings.mail_sync_floor or "private"
            raises = rank(floor) > rank(company.mail_sync_floor or "private")
            settings.mail_sync_floor_effect = company._floor_effect(floor) if raises else False
