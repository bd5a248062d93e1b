# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The server's side of the app Email: what it opens with."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..scan.bulk import execute

UNDO_SECONDS = 10
_ROLES = ("inbox", "flagged", "drafts", "sent", "archive", "all", "junk", "trash")
# Places of Gmail's that only show what a flag says: nothing is moved there.
_NO_TARGETS = frozenset({"flagged", "all"})
_TROUBLE = frozenset({"sign_in", "waiting", "paused"})
# The least time between two scans that an open app asks for.
_WATCH_SECONDS = 30


class CrmMailAppEmail(models.AbstractModel):
    """Acts for the Main mailbox of whoever calls, and for no other one.

    The index is read past the ORM, always by that mailbox; letters, customers and leads as their reader.
    """

    _name = "crm.mail.app.email"
    _description = "App Email"

    @api.model
    def open(self):
        """All that the app needs before it shows a list; it never raises for what a mailbox is in."""
        mailbox = self._main()
        state, message = self._state(mailbox)
        return {
            "state": state,
            "message": message,
            "mailbox": self._mailbox_values(mailbox) if mailbox else None,
            "folders": self._folders(mailbox),
            "rights": self._rights(),
            "undo_seconds": UNDO_SECONDS,
        }

    @api.model
    def folders(self):
        """The directories with their counts as they are now."""
        return self._folders(self._own())

    @api.model
    def watch(self):
        """Said now and then by an app that is open: its mailbox is scanned soon, unless it just was.

        :return: ``{is_asked, state, message}``; by the latter the app sees whether to open anew
        """
        mailbox = self._main()
        is_asked = self._ask_for_scan(mailbox)
        state, message = self._state(mailbox)
        return {"is_asked": is_asked, "state": state, "message": message}

    @api.model
    def _ask_for_scan(self, mailbox):
        now = fields.Datetime.now()
        if not mailbox or mailbox.state not in ("up_to_date", "partly_failed") or not mailbox.scan_active:
            return False
        scanned = mailbox.last_scan and mailbox.last_scan > now - timedelta(seconds=_WATCH_SECONDS)
        if scanned or (mailbox.next_run and mailbox.next_run <= now):
            return False
        mailbox.next_run = now
        mailbox._schedule_scan()
        return True

    @api.model
    def _main(self):
        """The caller's Main mailbox, as superuser; empty if he has none."""
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users have mailboxes."))
        return self.env["crm.mail.mailbox"]._main_of(self.env.uid)

    @api.model
    def _own(self):
        mailbox = self._main()
        if not mailbox:
            raise UserError(self.env._("You have no mailbox yet. Add one under My mailboxes."))
        return mailbox

    @api.model
    def _state(self, mailbox):
        """The state of the app, and what to do."""
        if not mailbox:
            return "no_mailbox", self.env._("You have no mailbox yet. Add one under My mailboxes.")
        if mailbox.state == "draft":
            return "not_connected", mailbox.status_text
        if mailbox.state in _TROUBLE:
            return "trouble", mailbox.status_text
        if mailbox.state == "importing" and not mailbox.last_scan:
            return "importing", mailbox.status_text
        if any(not folder.is_indexed for folder in mailbox.folder_ids._scanned()):
            return "importing", self.env._("The list of your emails is being made. What is missing comes by itself.")
        return "ready", ""

    @api.model
    def _mailbox_values(self, mailbox):
        why_not_act, why_not_send = mailbox._why_not_act(), mailbox._why_not_send()
        return {
            "id": mailbox.id,
            "name": mailbox.user_id.name,
            "address": mailbox.address,
            "status_text": mailbox.status_text,
            "can_act": not why_not_act,
            "why_not_act": why_not_act,
            "can_send": not why_not_send,
            "why_not_send": why_not_send,
            # Gmail's trash empties itself, and lets nobody else do it.
            "deletes_for_good": mailbox.provider != "gmail",
        }

    @api.model
    def _rights(self):
        """What the user may make out of a letter; a seam for further targets."""
        return {
            "contact": self.env["res.partner"].has_access("create"),
            "lead": self.env["crm.lead"].has_access("create"),
            "task": False,
        }

    # Directories

    @api.model
    def _folders(self, mailbox):
        """Those with a role first, then the others by name, each behind what it lies in."""
        listed = mailbox.folder_ids.filtered(lambda f: not f.is_gone)
        parents = _parents(listed)
        shown = listed._scanned()
        for folder in list(shown):
            # A mere container is shown for what lies in it.
            while folder := parents.get(folder):
                shown |= folder
        others = listed.filtered(lambda f: f not in shown and f.selectable and f.role not in _NO_TARGETS)
        counts = self._counts(mailbox)
        ranked = sorted(shown | others, key=lambda f: _rank(f, parents))
        return [self._folder_values(f, parents, counts, f in shown) for f in ranked]

    @api.model
    def _folder_values(self, folder, parents, counts, is_picked):
        total, unread = counts.get(folder.id, (0, 0))
        parent = parents.get(folder)
        return {
            "id": folder.id,
            "name": folder.name,
            "parent_id": parent.id if parent and not folder.role else False,
            "role": folder.role or "",
            "selectable": folder.selectable,
            "unread": unread,
            "total": total,
            "is_picked": is_picked,
        }

    @api.model
    def _counts(self, mailbox):
        question = SQL(
            """
            SELECT c.folder_id, c.total, c.unread
              FROM crm_mail_folder_count c JOIN crm_mail_folder f ON f.id = c.folder_id WHERE f.mailbox_id = %s
            """,
            mailbox.id or 0,
        )
        return {folder_id: (total, unread) for folder_id, total, unread in execute(self.env, question).fetchall()}


def _parents(folders):
    """Folder → the one that it lies in."""
    by_path = {folder.complete_name: folder for folder in folders}
    found = {}
    for folder in folders:
        above = folder.complete_name.removesuffix(f" / {folder.name}")
        if folder.level and above != folder.complete_name and above in by_path:
            found[folder] = by_path[above]
    return found


def _rank(folder, parents):
    if folder.role:
        return (0, _ROLES.index(folder.role), ())
    path = [folder.name.casefold()]
    while folder := parents.get(folder):
        path.insert(0, folder.name.casefold())
    return (1, 0, tuple(path))
