# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..mailsync import policy
from ..scan import put_away

ROLES = [
    ("inbox", "Inbox"),
    ("sent", "Sent"),
    ("drafts", "Drafts"),
    ("junk", "Junk"),
    ("trash", "Trash"),
    ("archive", "Archive"),
    ("all", "All mail"),
    ("flagged", "Starred"),
]


class CrmMailFolder(models.Model):
    """A folder (IMAP, Graph) or label (Gmail) of a mailbox, and how far it was scanned."""

    _name = "crm.mail.folder"
    _description = "Mailbox directory"
    _order = "mailbox_id, sequence, complete_name, id"
    _rec_name = "complete_name"
    _allow_sudo_commands = False

    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, index=True, ondelete="cascade")
    remote_id = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    complete_name = fields.Char(string="Directory", required=True, readonly=True)
    level = fields.Integer(readonly=True, help="Depth in the tree, 0 at the top.")
    sequence = fields.Integer(readonly=True)
    role = fields.Selection(ROLES, readonly=True)
    selectable = fields.Boolean(readonly=True, default=True)
    selected = fields.Boolean(string="Scan")
    can_pick = fields.Boolean(compute="_compute_can_pick")
    is_new = fields.Boolean(string="New", readonly=True, help="It was not there when the directories were picked.")
    is_gone = fields.Boolean(readonly=True, help="The server no longer lists it; what was archived from it stays.")
    error_message = fields.Char(readonly=True)
    cursor = fields.Text(groups=fields.NO_ACCESS)
    resets = fields.Integer(readonly=True, help="How often in a row a scan found it numbered anew.")
    remaining = fields.Integer(readonly=True, help="Messages still to be listed.")

    _remote_unique = models.Constraint("UNIQUE (mailbox_id, remote_id)", "The mailbox lists this directory already.")

    # Picked at first, unless the company has all of them picked; junk and trash cannot be picked at all.
    _PICKED_ROLES = frozenset({"inbox", "sent"})
    _UNPICKED_ROLES = frozenset({"drafts", "flagged"})
    _NEVER_ROLES = put_away.ROLES
    _APP_ROLES = frozenset({"drafts"}) | put_away.ROLES

    @api.depends("selectable", "role")
    def _compute_can_pick(self):
        for folder in self:
            folder.can_pick = folder.selectable and folder.role not in self._NEVER_ROLES

    def write(self, vals):
        if not self.env.su and set(vals) - {"selected"}:
            raise AccessError(self.env._("Only the pick of a directory can be changed."))
        if vals.get("selected") and not all(folder.can_pick for folder in self):
            raise UserError(self.env._("Junk, trash and mere containers are never scanned."))
        if not self.env.su and any(f.selected != vals.get("selected", f.selected) for f in self._locked()):
            raise UserError(self.env._("Your company has set which directories are scanned."))
        if "selected" in vals:
            # Picked again, it is tried again.
            vals = {"is_new": False, "resets": 0, **vals}
        return super().write(vals)

    def _locked(self):
        """Those of these that only the company's policy picks."""
        return self.filtered(lambda f: f.mailbox_id.are_folders_locked)

    @api.model
    def _is_picked(self, mailbox, folder):
        """Whether a directory that was not known before is scanned."""
        if mailbox.company_id.sudo().mail_sync_folders == "main":
            return folder.selectable and folder.role in self._PICKED_ROLES
        return folder.selectable and folder.role not in self._UNPICKED_ROLES | self._NEVER_ROLES

    def _scanned(self):
        """Those of these that a scan reads."""
        return self.filtered(lambda f: f._is_read() and not f.is_gone and f.resets <= policy.FOLDER_RESETS)

    def _is_read(self):
        """Whether a scan is to read it: what is picked; drafts, spam and trash for the app Email, none is archived."""
        return self.selected or (self.role in self._APP_ROLES and self.selectable and self.mailbox_id.is_main)

    @api.model
    def _store_listing(self, mailbox, listed):
        """Bring the mailbox's folders to what the server lists, keeping picks and cursors."""
        known = {folder.remote_id: folder for folder in mailbox.folder_ids}
        first_time = not known
        created = []
        for sequence, folder in enumerate(listed):
            vals = self._listing_values(folder, sequence)
            if folder.remote_id in known:
                known.pop(folder.remote_id)._update_listing(vals)
            else:
                is_ours_to_pick = first_time or mailbox.are_folders_locked
                picked = is_ours_to_pick and self._is_picked(mailbox, folder)
                vals |= {"mailbox_id": mailbox.id, "selected": picked, "is_new": not is_ours_to_pick}
                created.append(vals)
        self.create(created)
        for folder in known.values():
            folder.write({"is_gone": True})

    def _update_listing(self, vals):
        """Write what has changed; most often nothing has."""
        if vals["role"] in self._NEVER_ROLES or not vals["selectable"]:
            vals = {**vals, "selected": False}
        changed = {name: value for name, value in vals.items() if self[name] != value}
        if changed:
            self.write(changed)

    @staticmethod
    def _listing_values(folder, sequence):
        return {
            "remote_id": folder.remote_id,
            "name": folder.name or folder.remote_id,
            "complete_name": " / ".join(folder.path) or folder.remote_id,
            "level": len(folder.path) - 1,
            "sequence": sequence,
            "role": folder.role or False,
            "selectable": folder.selectable,
            "is_gone": False,
        }
