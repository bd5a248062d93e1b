# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a mailbox and the only ways from one to another."""

import math
import random
from datetime import timedelta

from odoo import api, fields, models

from ..mailsync import policy
from ..mailsync.errors import AppInvalid
from . import error_texts, notices
from .crm_mail_app import AppKnownInvalid

STATES = [
    ("draft", "Not connected"),
    ("importing", "Importing"),
    ("up_to_date", "Up to date"),
    ("waiting", "Waiting"),
    ("sign_in", "Sign in again"),
    ("partly_failed", "Partly failed"),
    ("paused", "Paused"),
]


class CrmMailMailbox(models.Model):
    """Each ``_set_…`` method is a transition and sets every field that belongs to its state."""

    _inherit = "crm.mail.mailbox"

    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False)
    error_code = fields.Char(readonly=True, copy=False)
    error_message = fields.Char(string="What is wrong", readonly=True, copy=False)
    server_text = fields.Char(string="The server's words", readonly=True, copy=False)
    failures = fields.Integer(readonly=True, copy=False, help="Failed scans in a row.")
    next_run = fields.Datetime(string="Next scan", readonly=True, copy=False)
    last_scan = fields.Datetime(string="Last complete scan", readonly=True, copy=False)
    lease_owner = fields.Char(groups=fields.NO_ACCESS, copy=False)
    lease_until = fields.Datetime(groups=fields.NO_ACCESS, copy=False)
    # The scan stopped at its share of the provider's quota and goes on at ``next_run``.
    is_paced = fields.Boolean(readonly=True, copy=False)
    # What was used of the quota lately, the provider's own text.
    pace = fields.Char(groups=fields.NO_ACCESS, copy=False)
    progress_done = fields.Integer(readonly=True, copy=False)
    progress_total = fields.Integer(readonly=True, copy=False)
    failed_count = fields.Integer(string="Messages set aside", readonly=True, copy=False)
    # That somebody has to sign in; once until somebody has.
    owner_told_at = fields.Datetime(groups=fields.NO_ACCESS, copy=False)

    _FIGURES = frozenset({"progress_done", "failed_count", "last_scan"})

    _due_idx = models.Index("(next_run) WHERE next_run IS NOT NULL")

    @api.model
    def _scan_interval(self):
        """Time between two scans of an up-to-date mailbox."""
        return timedelta(minutes=5)

    def _set_connected(self):
        self.write({"scan_active": True})
        self._set_due()

    def _set_disconnected(self):
        """Its settings lead elsewhere now and have to be tested and submitted again; the archive stays."""
        self.write({"state": "draft", "next_run": False, "is_paced": False, **self._no_error()})

    def _set_due(self):
        """To be scanned as soon as a worker is free."""
        self.write(
            {
                "state": "importing",
                "next_run": fields.Datetime.now(),
                "is_paced": False,
                "progress_done": 0,
                "progress_total": 0,
                **self._no_error(),
            }
        )
        self._schedule_scan()
        self._send_progress()

    def _set_progress(self, done, left):
        """Batch by batch, while a scan goes on; ``done`` in this scan, ``left`` as far as it is known."""
        self.ensure_one()
        self.write({"progress_done": done, "progress_total": done + left})
        self._send_progress()

    def _send_progress(self):
        """Tell the browsers of the owners; arrives with the commit."""
        for mailbox in self:
            mailbox.user_id._bus_send(
                "crm_mail_sync/progress",
                {
                    "mailbox_id": mailbox.id,
                    "state": mailbox.state,
                    "done": mailbox.progress_done,
                    "total": mailbox.progress_total,
                },
            )

    def _set_unfinished(self, seconds=0):
        """The slice is over, the scan is not: back into the queue, behind those who wait.

        :param seconds: after which it may go on, if its provider's quota is used up.
        """
        next_run = fields.Datetime.now() + timedelta(seconds=math.ceil(seconds))
        self._settle({"next_run": next_run, "is_paced": seconds > 0})

    def _set_scanned(self):
        """All picked folders were scanned to their ends."""
        self.ensure_one()
        now = fields.Datetime.now()
        failed_count = self.env["crm.mail.copy"].search_count([("mailbox_id", "=", self.id), ("state", "=", "failed")])
        self._settle(
            {
                "progress_done": self.progress_total,
                "state": "partly_failed" if failed_count else "up_to_date",
                "failed_count": failed_count,
                "last_scan": now,
                "next_run": now + self._scan_interval(),
                "is_paced": False,
                "owner_told_at": False,
                **self._no_error(),
            }
        )
        self._send_progress()

    def _set_failed(self, error):
        """The scan ended in an error of the whole mailbox: wait, or ask the owner to sign in."""
        self.ensure_one()
        reader = self.with_context(lang=self.user_id.lang)
        verdict = policy.after_failure(error, self.failures, random.random())
        counts = self.state not in ("draft", "paused")
        self._settle(
            {
                "state": verdict.state,
                "failures": self.failures + 1,
                "tested_settings": self.tested_settings if verdict.state != "sign_in" else False,
                "error_code": error.code,
                "error_message": error_texts.explain(reader.env, error, self),
                "server_text": error.server_text[:500] or False,
                "next_run": verdict.delay is not None and fields.Datetime.now() + timedelta(seconds=verdict.delay),
                "is_paced": False,
            }
        )
        self._send_progress()
        apps = self.env["crm.mail.app"]
        if isinstance(error, AppKnownInvalid):
            if self.state == "waiting" and not apps._is_in_trouble(self.provider, self.grant_by):
                # Set right meanwhile: nobody would call this mailbox any more.
                self._set_due()
        elif isinstance(error, AppInvalid):
            apps._note_trouble(self.provider, self.grant_by, error)
        elif verdict.state == "sign_in" and counts:
            self._tell_owner()

    def _tell_owner(self):
        """That he has to sign in; whoever granted the access for everybody is told instead."""
        if self.owner_told_at:
            return
        self.owner_told_at = fields.Datetime.now()
        notices.tell(
            self.user_id if self.grant_by == "user" else self.env["crm.mail.app"]._admins(),
            lambda env: env._("%(address)s needs you: sign in again", address=self.address),
            lambda env: env._(
                "The mailbox %(address)s is not scanned any more. %(why)s",
                address=self.address,
                why=self.error_message or "",
            ),
            f"/odoo/{'my' if self.grant_by == 'user' else 'all'}-mailboxes/{self.id}",
        )

    def _settle(self, outcome):
        """Store what a scan came to; where its owner has paused or changed the mailbox meanwhile, that stands."""
        if self.state in ("draft", "paused"):
            outcome = {name: outcome[name] for name in outcome if name in self._FIGURES}
        self.write(outcome)

    def _set_paused(self):
        self.write({"state": "paused", "next_run": False, "is_paced": False, **self._no_error()})
        self._send_progress()

    def _follow_scan_active(self):
        """The switch "Email scan active" was moved."""
        connected = self.sudo().filtered(lambda m: m.state != "draft")
        connected.filtered(lambda m: not m.scan_active)._set_paused()
        connected.filtered(lambda m: m.scan_active and m.state == "paused")._set_due()

    @staticmethod
    def _no_error():
        return {
            "error_code": False,
            "error_message": False,
            "server_text": False,
            "failures": 0,
        }
