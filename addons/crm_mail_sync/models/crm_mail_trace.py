# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where is my letter? What became of each message that its owner asks for, and why (ADR 0051)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import email_split_tuples
from odoo.tools.misc import format_date

from ..scan.bulk import execute
from .trace_asked import Asked
from .trace_trail import Trail

_MOST_HITS = 20
# Of those that wait, only the newest are looked at: they are found by no index, and do not wait for long.
_MOST_WAITING = 50_000
# Of what a common word is in, no more are looked at.
_MOST_MEANT = 20_000


class CrmMailTrace(models.AbstractModel):
    """Questions of a user about letters that he may read, and about the messages of his own mailboxes.

    Nothing else is ever looked at: what lies in somebody else's mailbox is as if it were not there, for admins too.
    """

    _name = "crm.mail.trace"
    _description = "Where is my letter?"

    @api.model
    def find(self, text, day=False):
        """The letters and messages that are meant, and where was looked for them.

        :param day: narrows it to about this date
        """
        self._check_user()
        asked = Asked.of(text, day)
        hits = [] if asked.is_empty else self._hits(self._letters(asked), self._copies(asked))
        return {"hits": hits, "mailboxes": self._coverage(), "target_models": self._target_models()}

    @api.model
    def trail(self, email_id, copy_ids):
        """What happened to one hit of ``find``, and what can be done about it."""
        self._check_user()
        letter = self.env["crm.mail.email"].browse(email_id or ()).exists()
        copies = self.env["crm.mail.copy"].browse(copy_ids).exists()
        letter.check_access("read")
        copies.check_access("read")
        if not letter and not copies:
            raise AccessError(self.env._("This message is not there any more."))
        trail = Trail(letter, copies)
        return {"events": trail.events(), **trail.verdict()}

    def _check_user(self):
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only internal users have mailboxes."))

    def _own_mailboxes(self):
        return self.env["crm.mail.mailbox"].search([("user_id", "=", self.env.uid)])

    def _letters(self, asked):
        """As the user: what he may not read he does not find."""
        meant = []
        if asked.message_id:
            meant.append(Domain("message_id", "=", asked.message_id))
        if asked.address:
            meant.append(Domain("participant_ids", "any", [("address", "=", asked.address)]))
        if asked.domain:
            meant.append(Domain("participant_ids", "any", [("domain", "=", asked.domain)]))
        if asked.words:
            words = Domain("text_search", "=", " ".join(asked.words))
            meant.append(Domain.AND([words, *(Domain("subject", "ilike", word) for word in asked.words)]))
        domain = Domain.OR(meant)
        if asked.between:
            domain &= Domain("date", ">=", asked.between[0]) & Domain("date", "<=", asked.between[1])
        return self.env["crm.mail.email"].search(domain, limit=_MOST_HITS, order="date desc, id desc")

    def _copies(self, asked):
        """Messages of the user's own mailboxes that were not archived, by their Message-ID or by hashes."""
        own = self._own_mailboxes()
        tests = [SQL("c.search_keys @> %s::bigint[]", keys) for keys in asked.key_lists()]
        if asked.message_id:
            tests.append(SQL("c.message_id = %s", asked.message_id))
        if not own or not tests:
            return self.env["crm.mail.copy"]
        span = SQL("c.received BETWEEN %s AND %s", *asked.between) if asked.between else SQL("TRUE")
        branches = [
            SQL(
                "(SELECT c.id, c.received FROM crm_mail_copy c"
                " WHERE c.state IN ('skipped', 'failed', 'gone') AND c.mailbox_id = ANY(%s) AND %s AND %s LIMIT %s)",
                own.ids,
                test,
                span,
                _MOST_MEANT,
            )
            for test in tests
        ]
        branches.append(self._waiting(own, SQL(" OR ").join(tests), span))
        question = SQL(
            "SELECT id FROM (%s) AS found ORDER BY received DESC NULLS LAST, id DESC LIMIT %s",
            SQL(" UNION ").join(branches),
            _MOST_HITS * 2,
        )
        self.env["crm.mail.copy"].flush_model()
        ids = [copy_id for (copy_id,) in execute(self.env, question).fetchall()]
        # Through the rules once more, like whatever a user is shown.
        return self.env["crm.mail.copy"].search([("id", "in", ids)])

    def _waiting(self, own, test, span):
        return SQL(
            """
            SELECT c.id, c.received
              FROM (SELECT * FROM crm_mail_copy WHERE state = 'pending' AND mailbox_id = ANY(%s)
                     ORDER BY received DESC LIMIT %s) AS c
             WHERE (%s) AND %s
            """,
            own.ids,
            _MOST_WAITING,
            test,
            span,
        )

    @api.model
    def pick(self, folder_id):
        """Have a directory scanned from now on: ``tone`` and ``text``."""
        self._check_user()
        folder = self._own_mailboxes().folder_ids.filtered(lambda f: f.id == folder_id)
        if not folder:
            raise UserError(self.env._("Only directories of your own mailboxes can be picked."))
        folder.selected = True
        if why := folder.mailbox_id._why_no_scan():
            text = self.env._("%(folder)s is picked. %(why)s", folder=folder.name, why=why)
            return {"tone": "warning", "text": text}
        folder.mailbox_id.action_scan_now()
        text = self.env._("%(folder)s is scanned from now on. The scan begins.", folder=folder.name)
        return {"tone": "success", "text": text}

    # What is shown of them

    def _hits(self, letters, copies):
        """Letters with the user's own copies of them, and messages without a letter, each once wherever it lies."""
        own = self.env["crm.mail.copy"].search([("email_id", "in", letters.ids)])
        hits = [self._letter_hit(letter, own.filtered(lambda c, e=letter: c.email_id == e)) for letter in letters]
        shown = own
        for copy in copies:
            if copy in shown or copy.email_id in letters:
                continue
            same = copies.filtered(lambda c, key=copy.header_key: c.header_key == key) - shown
            shown |= same
            hits.append(self._copy_hit(same))
        hits.sort(key=lambda hit: hit["date"] or "", reverse=True)
        return hits[:_MOST_HITS]

    def _letter_hit(self, letter, copies):
        linked = letter.link_ids.filtered(lambda link: not link.is_undone)
        names = ", ".join(name or address for name, address in email_split_tuples(letter.email_from or ""))
        return {
            "email_id": letter.id,
            "copy_ids": copies.ids,
            "date": letter.date.isoformat(),
            "day": self._day(letter.date),
            "title": letter.subject or self.env._("(no subject)"),
            "people": names,
            "state": "kept",
            "label": self.env._("Archived") if linked else self.env._("Archived, assigned to nothing"),
        }

    def _copy_hit(self, copies):
        copy = copies.sorted(lambda c: (bool(c.is_removed), -c.id))[0]
        own = copy.mailbox_id.address
        people = [address for address in (copy.addresses or "").split() if address != own]
        states = dict(copy._fields["state"]._description_selection(self.env))
        return {
            "email_id": False,
            "copy_ids": copies.ids,
            "date": copy.received.isoformat() if copy.received else False,
            "day": self._day(copy.received),
            "title": copy.subject or self.env._("Message of %(people)s", people=", ".join(people[:2]) or own),
            "people": ", ".join(people[:4]),
            "state": copy.state,
            "label": states[copy.state],
        }

    def _day(self, moment):
        return format_date(self.env, fields.Datetime.context_timestamp(self, moment)) if moment else ""

    def _target_models(self):
        """What a letter that is filed can be assigned to at once."""
        models = [model for model in self.env["crm.mail.link"]._target_columns() if self.env[model].has_access("read")]
        names = self.env["ir.model"]._get
        return [{"model": model, "label": names(model).sudo().name} for model in models]

    def _coverage(self):
        """Which directories of which mailboxes are scanned, and how far that is."""
        return [
            {
                "id": mailbox.id,
                "address": mailbox.address,
                "state": mailbox.state,
                "status": mailbox.status_text,
                "completeness": mailbox.completeness_text or "",
                "last_scan": mailbox._clock(mailbox.last_scan) if mailbox.last_scan else "",
                "can_ask": mailbox.state != "draft",
                "folders": [self._folder(folder) for folder in mailbox.folder_ids if not folder.is_gone],
            }
            for mailbox in self._own_mailboxes()
        ]

    def _folder(self, folder):
        return {
            "id": folder.id,
            "name": folder.complete_name,
            "selected": folder.selected,
            "can_pick": folder.can_pick and not folder._locked(),
            "remaining": folder.remaining if folder.selected else 0,
            "trouble": folder.error_message or "",
        }
