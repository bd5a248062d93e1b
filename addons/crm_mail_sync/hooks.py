# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from .email_app import item_tables
from .models import domain_filling, full_text, pulse


def post_init_hook(env):
    """The customers that are there already get their domains."""
    domain_filling.fill_all(env)


def uninstall_hook(env):
    """Models' tables go by themselves, all else does not; the apps' secrets are among the parameters."""
    env.cr.execute("DROP TABLE IF EXISTS crm_mail_folder_part, crm_mail_rematch_copy, crm_mail_removal_email")
    env.cr.execute("DROP FUNCTION IF EXISTS crm_mail_link_flags CASCADE")
    pulse.uninstall(env.cr)
    item_tables.uninstall(env.cr)
    full_text.uninstall(env.cr)
    env.cr.execute("DROP FUNCTION IF EXISTS crm_mail_thread_key CASCADE")
    env.cr.execute("DROP TABLE IF EXISTS crm_mail_assignment_change")
    env["ir.config_parameter"].search([("key", "=like", "crm_mail_sync.%")]).unlink()
