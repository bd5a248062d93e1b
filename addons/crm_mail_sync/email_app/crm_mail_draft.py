# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter that is being written, or is on its way. Its owner sees it, and nobody else."""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

STATES = [
    ("writing", "Being written"),
    ("queued", "About to be sent"),
    ("sending", "Being sent"),
    ("filing", "Sent, being filed"),
    ("sent", "Sent"),
]
KINDS = [
    ("new", "New"),
    ("reply", "Answer"),
    ("reply_all", "Answer to all"),
    ("forward", "Passed on"),
    ("draft", "Opened again"),
]
PEOPLE = ("to", "cc", "bcc")
# Characters and people that a draft takes.
_LONGEST_BODY = 5_000_000
_MOST_PEOPLE = 500
_LONGEST = 1_000
# After that the mailbox alone keeps what nobody went on with.
_DAYS = 30
# A mailbox that was not scanned for so long meets its letters as new ones.
_DAYS_SENT = 400
_ADDRESS = re.compile(r"[^\s@<>,;\"()]+@[^\s@<>,;\"()]+\.[^\s@<>,;\"().]+\Z")


class CrmMailDraft(models.Model):
    """What is written here is kept in the mailbox too, where other programs find it. Changed by its own methods only.

    What was sent leaves a row without its text, by which a scan knows the message when it meets it.
    """

    _name = "crm.mail.draft"
    _description = "Email that is being written"
    _order = "id DESC"
    _rec_name = "id"

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade", readonly=True)
    mailbox_id = fields.Many2one("crm.mail.mailbox", required=True, index=True, ondelete="cascade", readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="writing", readonly=True)
    subject = fields.Char(readonly=True)
    # Each a list of {"name", "address"}.
    to_people = fields.Json(readonly=True)
    cc_people = fields.Json(readonly=True)
    bcc_people = fields.Json(readonly=True)
    # Sanitised, pictures of its own as cid:; the quote is apart until it is written into.
    body = fields.Html(sanitize=False, prefetch=False, readonly=True)
    quote = fields.Html(sanitize=False, prefetch=False, readonly=True)
    file_ids = fields.One2many(
        "ir.attachment", "res_id", domain=lambda self: [("res_model", "=", self._name)], string="Files", readonly=True
    )
    error = fields.Char(readonly=True, help="Why it was not sent.")
    # Model → ids of the records that it will be filed on, beside those that the rules find.
    targets = fields.Json(readonly=True)

    @api.model
    def save(self, draft_id, values, is_last=False):
        """Keep what was typed, here at once and then in the mailbox.

        :param values: any of ``to``, ``cc``, ``bcc``, ``subject``, ``body``, ``quote``
        :param is_last: nothing more is typed for now, so a large letter goes to the mailbox too
        """
        draft = self._own(draft_id)
        draft._take(values)
        draft._keep_in_mailbox(is_last)
        return draft._values()

    @api.model
    def discard(self, draft_id):
        """Throw it away, here and in the mailbox; why it still lies there, "" if it does not."""
        draft = self._own(draft_id)
        why = draft._drop_from_mailbox()
        draft.unlink()
        return why

    @api.model
    def _own(self, draft_id, states=("writing",)):
        """The user's own draft, as superuser; raises UserError if it is not there or not to be changed any more."""
        draft = self.sudo(False).search([("id", "=", draft_id), ("user_id", "=", self.env.uid)])
        if not draft:
            raise UserError(self.env._("This draft is no longer there: it was discarded, or sent long ago."))
        if draft.state not in states:
            raise UserError(self.env._("This email has been sent, or is on its way, and cannot be changed any more."))
        return draft.sudo()

    def _take(self, values):
        """Store what was typed, cleaned."""
        self.ensure_one()
        found = {f"{role}_people": _people(values[role]) for role in PEOPLE if role in values}
        if "subject" in values:
            found["subject"] = " ".join((values["subject"] or "").split())[:_LONGEST] or False
        for name in ("body", "quote"):
            if name in values:
                source = values[name] or ""
                if len(source) > _LONGEST_BODY:
                    raise UserError(self.env._("This text is too long for an email. Attach it as a file."))
                found[name] = self._taken_in(source)
        self.write({**found, "error": False})

    def _values(self):
        """The draft as the composer shows it."""
        self.ensure_one()
        files = self._attached_files()
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "subject": self.subject or "",
            **{role: self[f"{role}_people"] or [] for role in PEOPLE},
            "body": self._shown(self.body or ""),
            "quote": self._shown(self.quote or ""),
            "files": [
                {"id": file.id, "name": file.name, "mimetype": file.mimetype, "size": file.file_size} for file in files
            ],
            "most_bytes": self._most_bytes(),
            "error": self.error or "",
            "targets": self._named_targets(),
            "from": {"name": self.user_id.name, "address": self.mailbox_id.address},
        }

    def _named_targets(self):
        """The records that it will be filed on, those that its owner may see."""
        named = []
        for model, ids in (self.targets or {}).items():
            records = self.env[model].sudo(False).with_user(self.user_id).browse(ids).exists()
            named += [
                {"model": model, "id": record.id, "name": record.display_name}
                for record in records._filtered_access("read")
            ]
        return named

    def _misspelt(self):
        """Recipients whose addresses are none."""
        people = [person for role in PEOPLE for person in self[f"{role}_people"] or []]
        return [person["address"] for person in people if not is_address(person["address"])]

    def unlink(self):
        # Attachments have no foreign key.
        self.env["ir.attachment"].sudo().search([("res_model", "=", self._name), ("res_id", "in", self.ids)]).unlink()
        return super().unlink()

    @api.autovacuum
    def _gc_drafts(self):
        """Forget drafts that the mailbox has, or nobody wrote into; and what was sent, when no scan will meet it."""
        now = fields.Datetime.now()
        left = Domain("state", "=", "writing") & Domain("write_date", "<", now - timedelta(days=_DAYS))
        met = Domain("state", "=", "sent") & Domain("write_date", "<", now - timedelta(days=_DAYS_SENT))
        self.search(left).filtered(lambda draft: draft._is_untouched() or draft._is_in_mailbox()).unlink()
        self.search(met, limit=1000).unlink()

    def _is_untouched(self):
        """Nobody has saved anything since it was begun."""
        return self.write_date == self.create_date


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    def unlink(self):
        # Through the ORM, so that their files go too.
        self.check_access("unlink")
        self.env["crm.mail.draft"].sudo().search([("mailbox_id", "in", self.ids)]).unlink()
        return super().unlink()


def is_address(text):
    """Whether mail can be sent to this."""
    return bool(_ADDRESS.match(text)) and bool(email_normalize(text) or not text.isascii())


def _people(values):
    """What a browser says of recipients, as it is stored; each once."""
    found = {}
    for person in values[:_MOST_PEOPLE]:
        address = " ".join(str(person.get("address") or "").split())[:_LONGEST]
        name = " ".join(str(person.get("name") or "").split())[:_LONGEST]
        if address:
            found.setdefault(address.lower(), {"name": name, "address": address})
    return list(found.values())
