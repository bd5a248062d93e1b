# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a mailbox skipped is decided anew when more of it is wanted than before."""

from odoo import models


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    @property
    def _WIDENING(self):
        """The settings that, switched on, have letters belong to more records than before."""
        return frozenset({"sync_clients", "sync_leads", "company_id"})

    def write(self, vals):
        asked = [name for name in self._WIDENING if vals.get(name)]
        widened = self.filtered(lambda m: any(m._fields[n].convert_to_write(m[n], m) != vals[n] for n in asked))
        result = super().write(vals)
        widened.sudo()._search_older()
        return result

    def _search_older(self):
        """Decide anew on all that was archived from these mailboxes, or skipped."""
        if self:
            # A scan that is going on knows the settings of before.
            self._end_scan()
            self.env["crm.mail.rematch"]._search_for(self)

    def _set_connected(self):
        result = super()._set_connected()
        # Contacts may have been entered while it was not.
        self.env["crm.mail.rematch"]._search_for(self)
        return result

    def _follow_scan_active(self):
        result = super()._follow_scan_active()
        self.env["crm.mail.rematch"]._search_for(self.sudo().filtered(lambda m: m.scan_active and m.state != "draft"))
        return result

    def _hurry(self):
        """Have waiting messages fetched now; who waits for his server, or for his user, goes on waiting."""
        self.filtered(lambda m: m.scan_active and m.state in ("up_to_date", "partly_failed"))._set_due()

    def _tells_of_letters(self, user):
        """Whether this user may know how many letters there are in the mailbox."""
        self.ensure_one()
        if user in self._owners():
            return True
        is_shown = self.shown_visibility != "private" and self.company_id in user.company_ids
        return is_shown and user.has_group("sales_team.group_sale_salesman")


class CrmMailFolder(models.Model):
    _inherit = "crm.mail.folder"

    def write(self, vals):
        # One that was never scanned is listed from its beginning anyhow.
        again = self.filtered(lambda f: not f.selected and f.sudo().cursor) if vals.get("selected") else self.browse()
        result = super().write(vals)
        self.env["crm.mail.rematch"]._search_for(again.mailbox_id)
        return result
