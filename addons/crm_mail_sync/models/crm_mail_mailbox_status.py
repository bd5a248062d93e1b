# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox's state in words: what it is, why, and what to do."""

from odoo import api, fields, models
from odoo.tools.misc import format_date, format_time, formatLang


class CrmMailMailbox(models.Model):
    # One model in several files, a concern each.
    _inherit = "crm.mail.mailbox"

    status_text = fields.Char(string="Status", compute="_compute_status")
    new_folder_count = fields.Integer(compute="_compute_new_folder_count")

    @api.depends(
        "state", "next_run", "last_scan", "error_message", "failed_count", "is_tested",
        "progress_done", "progress_total", "provider", "grant_by", "is_granted", "other_is_mine",
    )  # fmt: skip
    @api.depends_context("lang", "tz", "uid")
    def _compute_status(self):
        for mailbox in self:
            mailbox.status_text = getattr(mailbox, f"_status_{mailbox.state or 'draft'}")()

    @api.depends("folder_ids.is_new")
    def _compute_new_folder_count(self):
        for mailbox in self:
            mailbox.new_folder_count = len(mailbox.folder_ids.filtered("is_new"))

    def _status_draft(self):
        if self.is_tested and self.is_granted:
            return self.env._("Signed in. Pick the directories to be scanned, then press Submit.")
        if self.is_tested:
            return self.env._("Not connected yet. Pick the directories to be scanned, then press Submit.")
        if self.provider != "imap":
            return self.env._("Not connected. %(what)s", what=self._what_to_press())
        return self.env._("Not connected. Enter address and password, then press Test connection.")

    def _status_importing(self):
        if self.progress_total:
            return self.env._(
                "Importing: %(done)s of %(total)s messages.",
                done=formatLang(self.env, self.progress_done, digits=0),
                total=formatLang(self.env, self.progress_total, digits=0),
            )
        return self.env._("Importing. The scan begins as soon as a worker is free.")

    def _status_up_to_date(self):
        return self.env._(
            "Up to date. Last scan: %(last)s. Next scan: %(next)s.",
            last=self._clock(self.last_scan),
            next=self._clock(self.next_run),
        )

    def _status_waiting(self):
        if not self.next_run:
            return self.env._("Waiting for an administrator. %(why)s", why=self.error_message or "")
        return self.env._(
            "Waiting until %(time)s, then it is tried again. %(why)s",
            time=self._clock(self.next_run),
            why=self.error_message or "",
        )

    def _status_sign_in(self):
        if self.provider != "imap":
            return self.env._(
                "Sign in again. %(why)s %(what)s", why=self.error_message or "", what=self._what_to_press()
            )
        return self.env._(
            "Sign in again. %(why)s Enter the password, then press Test connection.",
            why=self.error_message or "",
        )

    def _what_to_press(self):
        """How a mailbox without a password is connected."""
        # Whoever has signed in, and whose directories could not be listed then, need not do so again.
        if self.grant_by == "admin" or (self.is_granted and self.state == "draft"):
            return self.env._("Press Test connection.")
        if self.other_is_mine:
            return self.env._("You signed in with another account: choose below what is to become of it.")
        label = dict(self._fields["provider"]._description_selection(self.env))[self.provider]
        return self.env._("Press Connect %(provider)s and sign in.", provider=label)

    def _status_partly_failed(self):
        if self.failed_count == 1:
            what = self.env._("1 message could not be archived and was set aside")
        else:
            what = self.env._("%(count)s messages could not be archived and were set aside", count=self.failed_count)
        return self.env._(
            "Partly failed: %(what)s, all others are archived. Retry gives them another try. Last scan: %(last)s.",
            what=what,
            last=self._clock(self.last_scan),
        )

    def _status_paused(self):
        return self.env._("Paused. Switch “Email scan active” on, and the scan goes on where it stopped.")

    def _clock(self, moment):
        """A moment in the reader's time zone; with the date unless it is today."""
        if not moment:
            return self.env._("never")
        zone = self.env.context.get("tz") or self.env.user.tz
        time = format_time(self.env, moment, tz=zone, time_format="short")
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        day = fields.Datetime.context_timestamp(self, moment).date()
        return time if day == now.date() else f"{format_date(self.env, day)} {time}"
