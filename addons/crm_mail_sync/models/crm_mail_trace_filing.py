# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""File it now: from a copy that was not archived, or straight from the server."""

from odoo import api, models
from odoo.exceptions import UserError

from ..mailsync.errors import MailSyncError
from ..scan import put_away
from ..scan.lister import take_in
from ..scan.moments import utc
from . import asking, error_texts, reason_texts
from .trace_asked import Asked

_MOST_FOUND = 20


class CrmMailTrace(models.AbstractModel):
    _inherit = "crm.mail.trace"

    @api.model
    def file_now(self, copy_ids, targets=None):
        """Have a message archived whatever the rules say.

        :param targets: model → ids of records that the letter is to be assigned to
        :return: as ``filing``
        """
        self._check_user()
        copies = self.env["crm.mail.copy"].browse(copy_ids).exists()
        # Of the same message in several directories one is enough: one that is there still.
        copy = copies.sorted(lambda c: (bool(c.is_removed), c.state == "gone", -c.id))[:1]
        if not copy:
            raise UserError(self.env._("This message is not there any more."))
        copy._file(targets)
        return self.filing(copy.id)

    @api.model
    def filing(self, copy_id):
        """How far it is: ``is_done``, ``tone``, ``text``, and the letter if there is one."""
        self._check_user()
        copy = self.env["crm.mail.copy"].browse(copy_id).exists()
        copy.check_access("read")
        if not copy:
            return self._outcome(copy, True, "danger", self.env._("This message is not there any more."))
        return getattr(self, f"_filing_{copy.state}")(copy)

    def _outcome(self, copy, is_done, tone, text):
        email_id = copy.email_id._filtered_access("read").id
        label = dict(copy._fields["state"]._description_selection(self.env)).get(copy.state, "")
        told = {"copy_id": copy.id, "email_id": email_id, "state": copy.state, "label": label}
        return {**told, "is_done": is_done, "tone": tone, "text": text}

    def _filing_pending(self, copy):
        mailbox = copy.mailbox_id
        if mailbox.state in ("waiting", "sign_in", "paused", "draft"):
            text = self.env._("It is filed as soon as the mailbox is scanned again. %(why)s", why=mailbox.status_text)
            return self._outcome(copy, True, "warning", text)
        return self._outcome(copy, False, "info", self.env._("It is being fetched …"))

    def _filing_kept(self, copy):
        links = copy.email_id.link_ids.filtered(lambda link: not link.is_undone)
        names = [
            link[column].sudo().display_name
            for link in links
            for column in link._target_columns().values()
            if link[column]
        ]
        if copy.wanted_targets:
            text = self.env._("Filed, but it could not be assigned to what you chose. Open the email and assign it.")
            return self._outcome(copy, True, "warning", text)
        if names:
            text = self.env._("Filed. It stands with %(names)s.", names=", ".join(names[:5]))
        else:
            text = self.env._("Filed. It belongs to no record yet, so only you see it.")
        return self._outcome(copy, True, "success", text)

    def _filing_gone(self, copy):
        text = self.env._(
            "It is no longer in the directory %(folder)s, so it could not be filed. If it was moved, ask the server.",
            folder=copy.folder_id.complete_name,
        )
        return self._outcome(copy, True, "danger", text)

    def _filing_failed(self, copy):
        return self._not_filed(copy)

    def _filing_skipped(self, copy):
        return self._not_filed(copy)

    def _not_filed(self, copy):
        reason = reason_texts.reason_text(self.env, copy.reason)
        words = self.env._("The server says: “%(words)s”", words=copy.reason_text) if copy.reason_text else ""
        text = self.env._("It could not be filed. %(reason)s %(words)s", reason=reason, words=words)
        return self._outcome(copy, True, "danger", text.strip())

    # Straight from the server

    @api.model
    def ask_server(self, mailbox_id, text, day=False):
        """Look for it at the provider, in all directories, also in those that are not scanned."""
        mailbox = self._own_connected(mailbox_id)
        asked = Asked.of(text, day)
        try:
            with asking.session(mailbox) as provider:
                found = asking.search(provider, asked.queries(), _MOST_FOUND)
        except asking.SearchTooLong:
            return {"error": self.env._("The server took too long. Say more exactly what you look for."), "hits": []}
        except MailSyncError as error:
            return {"error": error_texts.explain(self.env, error, mailbox.sudo()), "hits": []}
        hits = {(hit.folder, hit.listing.remote_id): hit for hit in found}
        return {"error": "", "hits": [self._server_hit(mailbox, hit) for hit in hits.values()]}

    @api.model
    def file_found(self, mailbox_id, folder_id, remote_id, targets=None):
        """File a message that ``ask_server`` found."""
        mailbox, folder = self._to_file_from(mailbox_id, folder_id)
        # Read now: in the session no transaction is to be open.
        place = folder.remote_id
        try:
            with asking.session(mailbox) as provider:
                listing = next(iter(provider.listings(place, [remote_id])), None)
        except MailSyncError as error:
            raise UserError(error_texts.explain(self.env, error, mailbox.sudo())) from error
        if not listing:
            raise UserError(self.env._("The message is no longer in this directory. Ask the server once more."))
        # Only now does a scan of the mailbox wait, and it may be another than it was.
        mailbox.sudo()._hold_still()
        mailbox, folder = self._to_file_from(mailbox_id, folder_id)
        copy = take_in(mailbox.sudo(), folder.sudo(), listing).sudo(False)
        copy._file(targets)
        return self.filing(copy.id)

    def _own_connected(self, mailbox_id):
        self._check_user()
        mailbox = self._own_mailboxes().filtered(lambda m: m.id == mailbox_id)
        if not mailbox:
            raise UserError(self.env._("Only your own mailboxes can be asked."))
        if mailbox.state == "draft":
            raise UserError(self.env._("Connect the mailbox first: Test connection, then Submit."))
        return mailbox

    def _to_file_from(self, mailbox_id, folder_id):
        mailbox = self._own_connected(mailbox_id)
        mailbox._check_can_scan()
        folder = mailbox.folder_ids.filtered(lambda f: f.id == folder_id)
        if not folder:
            raise UserError(self.env._("The directory no longer exists on the server."))
        return mailbox, folder

    def _server_hit(self, mailbox, hit):
        folder = mailbox.folder_ids.filtered(lambda f: f.remote_id == hit.folder)
        head, listing = hit.listing.head, hit.listing
        moment = utc(head.date if listing.received is None else listing.received)
        copy = self.env["crm.mail.copy"].search(
            [("mailbox_id", "=", mailbox.id), ("remote_id", "=", listing.remote_id)], limit=1
        )
        sender = next(iter(head.by_role("from")), None)
        return {
            "folder_id": folder.id,
            "remote_id": listing.remote_id,
            "copy_id": copy.id,
            "email_id": copy.email_id._filtered_access("read").id,
            "title": head.subject or self.env._("(no subject)"),
            "people": (sender.name or sender.address) if sender else "",
            "date": self.env["crm.mail.mailbox"]._clock(moment) if moment else "",
            "folder": folder.complete_name or hit.folder,
            "note": self._place_note(mailbox, folder, copy),
            "can_file": copy.state != "kept"
            and "\\Draft" not in listing.flags
            and self._can_file_from(mailbox, folder),
        }

    def _can_file_from(self, mailbox, folder):
        return bool(folder) and folder.role != "drafts" and not mailbox._why_no_scan()

    def _place_note(self, mailbox, folder, copy):
        if copy.reason == put_away.REASON:
            return copy.why
        if copy:
            return dict(copy._fields["state"]._description_selection(self.env))[copy.state]
        if folder and not folder.can_pick:
            return self.env._("Not listed: this directory is never scanned.")
        if not folder.selected:
            return self.env._("Not listed: this directory is not scanned.")
        if mailbox.state == "importing" or folder.remaining:
            return self.env._("Not listed yet: the scan has not come to it.")
        return self.env._("Not listed yet: it is found by the next scan or completeness check.")


class CrmMailMailbox(models.Model):
    _inherit = "crm.mail.mailbox"

    def action_where_is_my_letter(self):
        """Open the search for letters that are missed."""
        self.check_access("read")
        return self.env["ir.actions.client"]._for_xml_id("crm_mail_sync.where_is_my_letter_action")
