# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import SQL


def uninstall_hook(env):
    """Leave the core as it is without projects: their links go, and nothing in the database asks for them any more.

    Before the columns go themselves: what the database runs by itself would fail without them.
    """
    links = env["crm.mail.link"]
    links.flush_model()
    kinds = links._target_kinds()
    del kinds["project"]
    for table in ("crm_mail_link", "crm_mail_assignment_target"):
        env.cr.execute(SQL("DELETE FROM %s WHERE project_id IS NOT NULL", SQL.identifier(table)))
    links._keep_true(kinds)
