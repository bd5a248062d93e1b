# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The index of a mailbox comes when that becomes Main, and goes when it is Main no more."""

from odoo import fields, models
from odoo.tools import SQL

from ..scan import put_away
from ..scan.bulk import execute


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    def write(self, vals):
        changing = {"is_main", "user_id"} & set(vals)
        before = {mailbox: (mailbox.is_main, mailbox.user_id) for mailbox in self} if changing else {}
        result = super().write(vals)
        moved = self.filtered(lambda m: m in before and before[m] != (m.is_main, m.user_id))
        if moved:
            moved.sudo()._begin_index()
        return result

    def unlink(self):
        # At once, which spares the database a look for each message.
        self.check_access("unlink")
        self._drop_index()
        return super().unlink()

    def _begin_index(self):
        """What was listed of another user, or while it was not Main, is put in anew by the next scan."""
        self._drop_index()
        # One that is going on does not know it.
        self._end_scan()
        connected = self.filtered(lambda m: m.is_main and m.scan_active and m.state not in ("draft", "sign_in"))
        if connected:
            connected._set_due()

    def _drop_index(self):
        self.env.flush_all()
        for statement in (
            "DELETE FROM crm_mail_item_folder m USING crm_mail_item i WHERE i.id = m.item_id AND i.mailbox_id IN %s",
            "DELETE FROM crm_mail_item WHERE mailbox_id IN %s",
            "DELETE FROM crm_mail_item_thread WHERE mailbox_id IN %s",
            "UPDATE crm_mail_folder SET is_indexed = FALSE WHERE mailbox_id IN %s",
        ):
            self.env.cr.execute(SQL(statement, tuple(self.ids) or (0,)))
        self.env.invalidate_all(flush=False)
        self.folder_ids.filtered(put_away.is_away)._begin_anew()


class CrmMailFolder(models.Model):
    _inherit = "crm.mail.folder"

    is_indexed = fields.Boolean(readonly=True, copy=False, help="What was listed of it is in the index of its owner.")

    def write(self, vals):
        unpicked = self.filtered("selected") if vals.get("selected") is False else self.browse()
        turned = self.filtered(lambda f: "role" in vals and put_away.is_away(f) != (vals["role"] in put_away.ROLES))
        result = super().write(vals)
        if unpicked := unpicked.filtered(lambda f: not f._is_read()):
            self.env.cr.execute(SQL("DELETE FROM crm_mail_item_folder WHERE folder_id IN %s", tuple(unpicked.ids)))
            super(CrmMailFolder, unpicked.sudo()).write({"is_indexed": False})
        turned._begin_anew()
        return result

    def _begin_anew(self):
        """List all that lies in these anew, as if nothing of it had been met: whether it is put away has changed."""
        if not self:
            return
        self.env.flush_all()
        for statement in (
            "DELETE FROM crm_mail_item_folder WHERE folder_id = ANY(%s)",
            "UPDATE crm_mail_folder SET cursor = NULL, is_indexed = FALSE WHERE id = ANY(%s)",
        ):
            execute(self.env, SQL(statement, self.ids))
        # When no directory counts them any more.
        put_away.forget(self.env, SQL("folder_id = ANY(%s)", self.ids))
        self.env.invalidate_all(flush=False)
