# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def uninstall_hook(env):
    """Leave the core as it is without projects: their links go, and nothing in the database asks for them any more.

    Before the columns go themselves: what the database runs by itself would fail without them.
    """
    links = env["crm.mail.link"]
    kinds = links._target_kinds()
    del kinds["project"]
    env.cr.execute("DELETE FROM crm_mail_link WHERE project_id IS NOT NULL")
    links._keep_true(kinds)
