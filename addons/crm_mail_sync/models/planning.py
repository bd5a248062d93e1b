# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).


def without_jit(env):
    """Let PostgreSQL compile no query for the rest of the transaction.

    It compiles what it takes for long work, for half a second and more. It takes a page of letters for such because of
    the tables that record rules look into for the few letters that need it; the page takes milliseconds.
    """
    env.cr.execute("SET LOCAL jit = off")
