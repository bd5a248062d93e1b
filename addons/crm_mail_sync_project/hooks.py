# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tools import sql


def uninstall_hook(env):
    """Leave the core as it is without projects: their links go, and nothing in the database asks for them any more.

    Before the column itself goes: what the database runs by itself would fail without it.
    """
    links = env["crm.mail.link"]
    kinds = links._target_kinds()
    del kinds["project"]
    env.cr.execute("DELETE FROM crm_mail_link WHERE project_id IS NOT NULL")
    links._keep_flags(kinds)
    # The column would take the constraint along, and Odoo makes that of the core anew at its next upgrade only.
    name = links._one_target.full_name(links)
    sql.drop_constraint(env.cr, links._table, name)
    columns = ", ".join(kinds.values())
    sql.add_constraint(env.cr, links._table, name, f"CHECK (num_nonnulls({columns}) = 1)")
