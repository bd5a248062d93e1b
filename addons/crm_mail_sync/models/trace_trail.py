# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened to a message, from its arrival to this day, as a list of events."""

from ..scan import put_away
from . import reason_texts
from .trace_explain import Explainer


class Trail:
    """The events of one hit: a letter, the user's own copies of it, or both."""

    def __init__(self, letter, copies):
        self.env = letter.env
        self.letter = letter
        self.copies = copies.sorted("id")
        self._explainers = {}

    def events(self):
        """Oldest first: ``icon``, ``tone``, ``date`` (None if it was not noted), ``text`` and further ``details``."""
        events = [event for copy in self.copies for event in self._of_copy(copy)]
        if self.letter:
            events += self._of_letter()
        return events

    def _event(self, icon, text, date=None, tone="muted", details=()):
        clock = self.env["crm.mail.mailbox"]._clock
        return {"icon": icon, "text": text, "date": clock(date) if date else "", "tone": tone, "details": list(details)}

    # A copy

    def _of_copy(self, copy):
        place = {"folder": copy.folder_id.complete_name, "mailbox": copy.mailbox_id.address}
        arrived = self._arrived_text(copy, place)
        yield self._event("fa-envelope-o", arrived, copy.received)
        yield self._event("fa-eye", self._noticed_text(copy), copy.create_date)
        if not (self.letter and copy.state == "kept"):
            yield self._decided(copy)
        if copy.is_removed and copy.state != "gone" and not put_away.is_away(copy.folder_id):
            yield self._event("fa-share", self._left_text(copy))

    def _arrived_text(self, copy, place):
        if put_away.is_away(copy.folder_id):
            return self.env._("Arrived in %(mailbox)s. It lies in %(folder)s now.", **place)
        return self.env._("Arrived in the directory %(folder)s of %(mailbox)s.", **place)

    def _noticed_text(self, copy):
        if copy.is_wanted and copy.reason == "asked":
            return self.env._("Listed, and you asked for it to be filed.")
        return self.env._("Listed by a scan, which looked at who wrote to whom.")

    def _left_text(self, copy):
        if copy.email_id:
            return self.env._("It has left this directory since. The archive keeps the letter.")
        return self.env._("It has left this directory since.")

    def _decided(self, copy):
        reason = reason_texts.reason_text(self.env, copy.reason)
        texts = {
            "kept": self.env._("Archived. %(reason)s", reason=reason),
            "pending": self.env._("To be archived; it waits for the scan."),
            "skipped": self.env._("Not archived. %(reason)s", reason=reason),
            "failed": self.env._("Set aside after three tries. %(reason)s", reason=reason),
            "gone": self.env._("Gone before it was archived. %(reason)s", reason=reason),
        }
        icons = {"kept": "fa-archive", "pending": "fa-hourglass-half", "skipped": "fa-ban"}
        tones = {"kept": "success", "pending": "info", "skipped": "warning"}
        icon, tone = icons.get(copy.state, "fa-exclamation-triangle"), tones.get(copy.state, "danger")
        return self._event(icon, texts[copy.state], tone=tone, details=self._details(copy))

    def _details(self, copy):
        details = []
        if copy.reason_text:
            details.append(self.env._("The server says: “%(words)s”", words=copy.reason_text))
        if copy.state == "skipped" and copy.addresses:
            details += self._explainer(copy).addresses(copy)
        return details

    def _explainer(self, copy):
        mailbox = copy.mailbox_id
        if mailbox not in self._explainers:
            self._explainers[mailbox] = Explainer(mailbox)
        return self._explainers[mailbox]

    # A letter

    def _of_letter(self):
        letter = self.letter
        if not self.copies:
            owners = ", ".join(letter.owner_ids.mapped("name"))
            yield self._event(
                "fa-inbox", self.env._("It lies in the mailbox of %(owners)s.", owners=owners), letter.date
            )
        reason = next((copy.reason for copy in self.copies if copy.state == "kept"), "")
        archived = self.env._("Archived as a letter. %(why)s", why=reason_texts.reason_text(self.env, reason)).strip()
        yield self._event("fa-archive", archived, letter.create_date, "success")
        for link in letter.link_ids.sorted("id"):
            yield self._linked(link)
            if link.is_undone:
                yield self._undone(link)
        if letter.visibility == "private":
            yield self._event("fa-lock", self.env._("It is private: only its owners see it."))

    def _linked(self, link):
        reasons = dict(link._fields["reason"]._description_selection(self.env))
        names = {"target": self._target_name(link), "reason": reasons[link.reason], "user": link.maker_id.name or ""}
        if link.maker_id:
            text = self.env._("Assigned to %(target)s by %(user)s.", **names)
        else:
            text = self.env._("Linked to %(target)s: %(reason)s.", **names)
        return self._event("fa-link", text, link.create_date, "success")

    def _undone(self, link):
        text = self.env._("The link to %(target)s was undone.", target=self._target_name(link))
        return self._event("fa-unlink", text, link.write_date, "warning")

    def _target_name(self, link):
        for column in link._target_columns().values():
            if target := link[column]:
                # As Odoo names linked records everywhere.
                return target.sudo().display_name
        return ""

    # What it comes to

    def verdict(self):
        """The state now and what can be done: ``tone``, ``text``, ``can_file``."""
        if self.letter:
            return self._letter_verdict()
        copy = self.copies.sorted(lambda c: (bool(c.is_removed), -c.id))[:1]
        verdict = self._draft_verdict() if copy._is_draft() else getattr(self, f"_{copy.state}_verdict")(copy)
        if verdict["can_file"] and (why := copy.mailbox_id._why_no_scan()):
            return {**verdict, "text": f"{verdict['text']} {why}", "can_file": False}
        return verdict

    def _letter_verdict(self):
        links = self.letter.link_ids.filtered(lambda link: not link.is_undone)
        if links:
            names = ", ".join(self._target_name(link) for link in links[:5])
            text = self.env._("It is archived, and stands with %(names)s.", names=names)
        else:
            text = self.env._("It is archived, but belongs to no record that you may see.")
        return {"tone": "success" if links else "warning", "text": text, "can_file": False}

    def _draft_verdict(self):
        text = self.env._("This is a draft. It is archived when it has been sent.")
        return {"tone": "info", "text": text, "can_file": False}

    def _kept_verdict(self, _copy):
        text = self.env._("It was archived, and the letter was deleted since. It can be filed again.")
        return {"tone": "warning", "text": text, "can_file": True}

    def _pending_verdict(self, copy):
        text = self.env._("It is about to be archived. %(status)s", status=copy.mailbox_id.status_text)
        return {"tone": "info", "text": text, "can_file": True}

    def _skipped_verdict(self, copy):
        if copy.reason == "erased":
            text = self.env._("It was erased, and stays so.")
        elif self._explainer(copy).would_keep(copy):
            text = self.env._("It was not archived then. Today it would be: file it now.")
        else:
            text = self.env._("It was not archived. You can file it all the same.")
        return {"tone": "warning", "text": text, "can_file": copy.reason != "erased"}

    def _failed_verdict(self, _copy):
        text = self.env._("It could not be archived. Another try may help: file it now.")
        return {"tone": "danger", "text": text, "can_file": True}

    def _gone_verdict(self, _copy):
        text = self.env._(
            "It was no longer in its directory when it was to be archived. If it was moved, the server finds it."
        )
        return {"tone": "danger", "text": text, "can_file": True}
