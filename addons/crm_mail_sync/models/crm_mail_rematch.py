# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was entered or switched on later gets its older letters: the queue, and what people are told of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..scan.rematcher import Rematcher

STAGES = [
    ("waiting", "Waiting"),
    ("letters", "Looking through archived emails"),
    ("copies", "Looking through skipped emails"),
    ("fetching", "Fetching skipped emails"),
    ("done", "Done"),
]
# No more are wanted of mailboxes that nobody can scan.
_HOPELESS = ("draft", "paused", "sign_in")
_WOKEN = "crm_mail_sync_rematch_woken"


@dataclass
class Sum:
    """Older letters of a record, as far as one user may know of them."""

    found: int = 0
    archived: int = 0
    # In mailboxes that are not connected.
    missed: int = 0


class CrmMailRematch(models.Model):
    """A record whose older letters are looked for: a customer, a lead, another target, or a mailbox as a whole.

    It is the record that waits, not its address: whichever it has when its turn comes is looked for. A row lives until
    whoever made it is told what was found. ``scan/rematcher.py`` does the work.
    """

    _name = "crm.mail.rematch"
    _description = "Search for older emails"
    _order = "id"
    _rec_name = "res_model"

    res_model = fields.Char(string="Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Entered by", ondelete="set null", readonly=True)
    stage = fields.Selection(STAGES, required=True, default="waiting", readonly=True)
    # The id of the last letter, or copy, that was looked at in this stage.
    position = fields.Integer(required=True, default=0, readonly=True)
    # Id of a mailbox → [letters that were linked, letters that cannot be fetched]. Whoever may not know of a mailbox's
    # letters is not told their number either.
    found = fields.Json(groups=fields.NO_ACCESS)

    _waiting_unique = models.UniqueIndex("(res_model, res_id) WHERE stage = 'waiting'")
    _record_idx = models.Index("(res_model, res_id)")
    _stage_idx = models.Index("(stage, id)")

    def init(self):
        """Which copies are fetched again for which search.

        No field, for Odoo lets whoever reads a record group by any relation of it.
        """
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS crm_mail_rematch_copy (
                rematch_id int NOT NULL REFERENCES crm_mail_rematch ON DELETE CASCADE,
                copy_id int NOT NULL REFERENCES crm_mail_copy ON DELETE CASCADE,
                PRIMARY KEY (rematch_id, copy_id)
            );
            CREATE INDEX IF NOT EXISTS crm_mail_rematch_copy_copy_idx ON crm_mail_rematch_copy (copy_id)
            """
        )

    @api.model
    def _search_for(self, records):
        """Have the older letters of these records looked for, in the background; one statement, however many there are.

        The row of a record that waits already is locked until this transaction ends, so that no worker takes it before
        what is being written can be seen.
        """
        if not records:
            return
        user_id = self.env.uid if self.env.user._is_internal() and self.env.uid != SUPERUSER_ID else None
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_mail_rematch (res_model, res_id, user_id, stage, position, create_uid, create_date)
                SELECT %(model)s, n.id, %(user)s, 'waiting', 0, %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(ids)s::int[]) AS n (id)
                ON CONFLICT (res_model, res_id) WHERE stage = 'waiting'
                DO UPDATE SET user_id = COALESCE(EXCLUDED.user_id, crm_mail_rematch.user_id)
                """,
                model=records._name,
                ids=sorted(set(records.ids)),
                user=user_id,
                uid=self.env.uid,
            )
        )
        self.invalidate_model()
        if not self.env.cr.precommit.data.get(_WOKEN):
            # Once a transaction: an import makes contacts one by one.
            self.env.cr.precommit.data[_WOKEN] = True
            self._wake()

    @api.model
    def _wake(self):
        if worker := self.env.ref("crm_mail_sync.rematch_worker", raise_if_not_found=False):
            worker.sudo()._trigger()

    @api.model
    def _cron_rematch(self):
        """A worker's turn."""
        if Rematcher(self.env).work():
            self._wake()

    @api.model
    def _finish(self):
        """Close the searches for which nothing is being fetched any more, and tell who began them."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_mail_rematch r SET stage = 'done'
                 WHERE r.stage = 'fetching' AND NOT EXISTS (
                       SELECT FROM crm_mail_rematch_copy k
                         JOIN crm_mail_copy c ON c.id = k.copy_id AND c.state = 'pending'
                         JOIN crm_mail_mailbox m ON m.id = c.mailbox_id
                        WHERE k.rematch_id = r.id AND m.scan_active AND m.state NOT IN %s)
                """,
                _HOPELESS,
            )
        )
        self.invalidate_model()
        # Whoever enters many contacts is told once.
        busy = self.search([("stage", "!=", "done"), ("user_id", "!=", False)]).user_id
        done = self.search([("stage", "=", "done"), ("user_id", "not in", busy.ids)])
        for user, searches in done.grouped("user_id").items():
            if user:
                searches._tell(user)
        done.unlink()

    @api.model
    def _add_found(self, found, are_missed=False):
        """Add these numbers, row → mailbox → how many letters."""
        for search in self.browse(found):
            totals = {mailbox_id: list(pair) for mailbox_id, pair in (search.found or {}).items()}
            for mailbox_id, count in found[search.id].items():
                totals.setdefault(str(mailbox_id), [0, 0])[are_missed] += count
            search.found = totals

    def _tell(self, user):
        """A message in the user's browser; no mail and no entry in his inbox."""
        sums = {search: total for search, total in self._sums(user).items() if total.found}
        if not sums:
            return
        env = user.with_context(lang=user.lang).env
        found = sum(total.found for total in sums.values())
        missed = sum(total.missed for total in sums.values())
        names = [name for search in list(sums)[:1] if (name := search._record_name(user))]
        if len(sums) == 1 and names:
            text = env._("Older emails of %(name)s: %(count)s", name=names[0], count=found)
        else:
            text = env._("Older emails of %(records)s records: %(count)s", records=len(sums), count=found)
        if missed:
            text = f"{text}. {self._missed_text(env, missed)}"
        user._bus_send("simple_notification", {"type": "info", "message": text})

    def _record_name(self, user):
        record = self.env[self.res_model].with_user(user).browse(self.res_id).exists()
        return record.display_name if record and record.has_access("read") else None

    def _text(self, total):
        """How far the search is, for whoever looks at the record."""
        if not total.found:
            return self.env._("Looking for older emails…")
        text = self.env._(
            "Looking for older emails: %(found)s found, %(archived)s archived",
            found=total.found,
            archived=total.archived,
        )
        return f"{text}. {self._missed_text(self.env, total.missed)}" if total.missed else text

    @api.model
    def _missed_text(self, env, missed):
        return env._("%(count)s of them lie in mailboxes that are not connected.", count=missed)

    def _sums(self, user):
        """What each of these searches found, as far as this user may know: Sum by search."""
        counts = {search: search._counts() for search in self}
        mailbox_ids = {mailbox_id for found in counts.values() for mailbox_id in found}
        mailboxes = self.env["crm.mail.mailbox"].sudo().browse(mailbox_ids).exists()
        shown = set(mailboxes.filtered(lambda m: m._tells_of_letters(user)).ids)
        sums = {}
        for search, by_mailbox in counts.items():
            total = sum((c for mailbox_id, c in by_mailbox.items() if mailbox_id in shown), Counter())
            sums[search] = Sum(total["found"], total["archived"], total["missed"])
        return sums

    def _counts(self):
        """By mailbox: a Counter of what was found, archived, missed."""
        counts = defaultdict(Counter)
        for mailbox_id, (linked, missed) in (self.sudo().found or {}).items():
            counts[int(mailbox_id)] += Counter(found=linked + missed, archived=linked, missed=missed)
        self.env.cr.execute(
            SQL(
                """
                SELECT c.mailbox_id, count(*), count(c.email_id)
                  FROM crm_mail_rematch_copy k JOIN crm_mail_copy c ON c.id = k.copy_id
                 WHERE k.rematch_id = %s AND (c.state = 'pending' OR c.email_id IS NOT NULL)
                 GROUP BY c.mailbox_id
                """,
                self.id,
            )
        )
        for mailbox_id, found, archived in self.env.cr.fetchall():
            counts[mailbox_id] += Counter(found=found, archived=archived)
        return counts
