# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a draft begins: empty, as an answer, as a letter that is passed on, or out of the mailbox."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time, is_html_empty
from odoo.tools.mail import email_split_tuples

from ..mailsync import compose
from ..mailsync.compose import Ancestors
from ..scan import put_away
from ..scan.scope import own_addresses_of
from .answered import from_archive, from_mailbox

_ANSWERS = ("reply", "reply_all")


class CrmMailDraft(models.Model):
    _inherit = "crm.mail.draft"

    # The letter that is answered, and where it lies in the mailbox.
    answered_email_id = fields.Many2one("crm.mail.email", readonly=True, ondelete="set null")
    answered_folder = fields.Char(readonly=True)
    answered_remote_id = fields.Char(readonly=True)

    @api.model
    def begin(self, kind="new", item_id=None, email_id=None, to=None, model=None, res_id=None):
        """A draft to write in.

        :param kind: ``new``, ``reply``, ``reply_all``, ``forward``, or ``draft``, to go on with one of the mailbox
        :param item_id: a message in the app Email; ``email_id``: an archived letter
        :param to: addresses to write to
        :param model: with ``res_id``: the record that it is written from, which it will be filed on
        """
        self.browse().check_access("read")
        mailbox = self._sending_mailbox()
        copy = self._copy_of_item(item_id) if item_id else self.env["crm.mail.copy"]
        if kind == "draft":
            return self._open(mailbox, copy)._values()
        answered = None
        if kind != "new":
            answered = self._answered(mailbox, copy, email_id)
        draft = self._begin(mailbox, kind, answered, to or [])
        draft._add_targets(self._targets_of(model, res_id))
        return draft._values()

    @api.model
    def _sending_mailbox(self):
        """The user's Main mailbox; raises UserError if it cannot send."""
        mailbox = self.env["crm.mail.mailbox"]._main_of(self.env.uid)
        if not mailbox:
            raise UserError(self.env._("Connect a mailbox first: My Profile → Email settings → New mailbox."))
        if why := mailbox._why_not_send():
            raise UserError(why)
        return mailbox

    @api.model
    def _mailbox_to_write_from(self):
        """The user's Main mailbox, as superuser; none if it cannot send."""
        return self.env["crm.mail.mailbox"]._main_of(self.env.uid).filtered("can_send")

    @api.model
    def _copy_of_item(self, item_id):
        domain = [("id", "=", item_id), ("mailbox_id.user_id", "=", self.env.uid)]
        item = self.env["crm.mail.item"].sudo().search(domain)
        if not item:
            raise UserError(self.env._("This message is no longer there."))
        return item.copy_id

    def _answered(self, mailbox, copy, email_id):
        """What is answered or passed on; from the archive if it is there, which is quicker."""
        letter = copy.sudo(False).email_id if copy else self.env["crm.mail.email"].sudo(False).browse(email_id).exists()
        if letter and letter._readable_contents([]):
            return from_archive(letter)
        if copy:
            return from_mailbox(copy)
        if not letter:
            raise UserError(self.env._("This email is no longer there."))
        return from_archive(letter)

    def _begin(self, mailbox, kind, answered, to):
        draft = self.sudo().create(
            {
                "user_id": self.env.uid,
                "mailbox_id": mailbox.id,
                "kind": kind,
                "to_people": [
                    {"name": name, "address": address} for name, address in email_split_tuples(", ".join(to))
                ],
                "body": self._first_body(),
            }
        )
        if answered:
            draft._attach(_files_to_take(kind, answered))
            draft.write(draft._values_of_answer(kind, answered))
            draft._add_targets(self._targets_of_letter(kind, answered.email_id))
            draft._note_place(answered)
        return draft

    def _first_body(self):
        """An empty line, and the user's signature below it."""
        signature = self.env.user.signature
        body = "<p><br></p>"
        return body if is_html_empty(signature) else f"{body}<p><br></p>{self._clean_signature(signature)}"

    @api.model
    def _clean_signature(self, signature):
        return self.new({"user_id": self.env.uid})._taken_in(str(signature))

    def _values_of_answer(self, kind, answered):
        head = answered.head
        place = compose.ancestors_of(head) if answered.is_own else Ancestors()
        values = {"reference_ids": " ".join(place.references) or False}
        if kind == "forward":
            return {
                **values,
                "subject": compose.forward_subject(head.subject),
                "quote": self._forwarded(answered),
            }
        to, cc = compose.reply_recipients(head, self._own_addresses(answered), to_all=kind == "reply_all")
        return {
            **values,
            "in_reply_to": place.in_reply_to or False,
            "subject": compose.reply_subject(head.subject),
            "to_people": [{"name": person.name, "address": person.address} for person in to],
            "cc_people": [{"name": person.name, "address": person.address} for person in cc],
            "quote": compose.quoted(answered.html, self._attribution(head)),
        }

    def _own_addresses(self, answered):
        """Those of the mailbox, and the sender's of a colleague's letter to others: it is answered as one's own is."""
        own = own_addresses_of(self.mailbox_id)
        head = answered.head
        is_to_others = not any(person.normalized in own for person in head.by_role("to", "cc", "bcc"))
        letter = self.env["crm.mail.email"].sudo().browse(answered.email_id or ())
        if letter.direction == "sent" and is_to_others:
            senders = head.by_role("from") or head.by_role("sender")
            return {*own, *(person.normalized for person in senders)}
        return own

    def _attribution(self, head):
        sender = next(iter(head.by_role("from") or head.by_role("sender")), None)
        person = _named(sender) if sender else self.env._("somebody")
        if head.date is None:
            return self.env._("%(person)s wrote:", person=person)
        return self.env._("On %(date)s, %(person)s wrote:", date=self._readable_date(head.date), person=person)

    def _forwarded(self, answered):
        head = answered.head

        def people(*roles):
            return ", ".join(map(_named, head.by_role(*roles)))

        lines = [
            (self.env._("From:"), people("from")),
            (self.env._("Date:"), self._readable_date(head.date) if head.date is not None else ""),
            (self.env._("Subject:"), head.subject),
            (self.env._("To:"), people("to")),
            (self.env._("Cc:"), people("cc")),
        ]
        return compose.forwarded(answered.html, self.env._("Forwarded message"), lines)

    def _readable_date(self, seconds):
        zone = ZoneInfo(self.user_id.tz or "UTC")
        moment = datetime.fromtimestamp(int(seconds), tz=zone).replace(tzinfo=None)
        day = format_date(self.env, moment.date(), date_format="long")
        return f"{day}, {format_time(self.env, moment.time(), time_format='short')}"

    def _note_place(self, answered):
        """Where the letter lies that is answered: to be marked there, and for what only its whole header tells."""
        place = answered.place or self._place_of(answered.email_id)
        if place:
            self.write({"answered_folder": place[0], "answered_remote_id": place[1]})
        # A header that was fetched tells all but the name that Gmail and Outlook have for the conversation.
        self.is_placed = answered.is_whole and self.mailbox_id.provider == "imap"
        self.answered_email_id = answered.email_id

    def _place_of(self, email_id):
        domain = [
            ("email_id", "=", email_id),
            ("mailbox_id", "=", self.mailbox_id.id),
            "|",
            ("is_removed", "!=", True),
            ("folder_id.role", "in", list(put_away.ROLES)),
            ("is_stale", "!=", True),
            ("folder_id.is_gone", "!=", True),
        ]
        copy = self.env["crm.mail.copy"].sudo().search(domain, order="id DESC", limit=1) if email_id else None
        return (copy.folder_id.remote_id, copy.remote_id) if copy else None

    def _open(self, mailbox, copy):
        """Go on with a draft of the mailbox, also one that another program began."""
        if copy.mailbox_id != mailbox:
            raise UserError(self.env._("This draft lies in another mailbox."))
        folder, remote_id = copy.folder_id.remote_id, copy.remote_id
        if known := self._opened(mailbox, remote_id):
            return known
        found = from_mailbox(copy)
        # Fetching takes its time, in which somebody impatient asks once more.
        if known := self._opened(mailbox, remote_id):
            return known
        head = found.head
        draft = self.sudo().create(
            {
                "user_id": self.env.uid,
                "mailbox_id": mailbox.id,
                "kind": "draft",
                "remote_id": remote_id,
                "draft_key": head.message_id or False,
                "subject": head.subject or False,
                **{
                    f"{role}_people": [{"name": p.name, "address": p.address} for p in head.by_role(role)]
                    for role in ("to", "cc", "bcc")
                },
                "body": found.html,
                "in_reply_to": head.in_reply_to[0] if head.in_reply_to else False,
                "reference_ids": " ".join(head.references) or False,
            }
        )
        draft._attach(found.files)
        draft.kept_digest = draft._digest()
        # Saved without it, it would leave its conversation.
        if listing := draft._look_at(folder, remote_id):
            draft.thread_id = listing.thread_id or False
        return draft

    def _opened(self, mailbox, remote_id):
        """The draft that stands for a message of the mailbox, None if there is none yet."""
        domain = [("mailbox_id", "=", mailbox.id), ("remote_id", "=", remote_id), ("user_id", "=", self.env.uid)]
        known = self.sudo().search(domain, limit=1)
        return self._own(known.id) if known else None

    def _add_targets(self, targets):
        merged = dict(self.targets or {})
        for model, ids in targets.items():
            merged[model] = list(dict.fromkeys([*merged.get(model, []), *ids]))
        self.targets = merged or False

    @api.model
    def _targets_of(self, model, res_id):
        """The record that is written from, if letters can be filed on such and the user may read it."""
        if not res_id or model not in self.env["crm.mail.link"]._target_columns():
            return {}
        self.env["crm.mail.email"]._check_targets({model: [res_id]})
        return {model: [res_id]}

    @api.model
    def _targets_of_letter(self, kind, email_id):
        """Where an answer belongs: where its letter belongs, as far as the user sees that."""
        targets = {}
        if kind in _ANSWERS and email_id:
            domain = [("email_id", "=", email_id), ("is_undone", "!=", True)]
            for link in self.env["crm.mail.link"].sudo(False).search(domain):
                model, target_id = link.sudo()._target()
                if self.env[model].sudo(False).browse(target_id).has_access("read"):
                    targets.setdefault(model, []).append(target_id)
        return targets


def _named(person):
    return f"{person.name} <{person.address}>" if person.name else person.address


def _files_to_take(kind, answered):
    """All files of what is passed on; of what is answered the pictures that its text shows."""
    if kind == "forward":
        return answered.files
    return [file for file in answered.files if file.content_id and f"cid:{file.content_id}" in answered.html]
