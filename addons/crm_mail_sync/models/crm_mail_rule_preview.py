# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What an exclude rule would have left out, among the letters that whoever makes it may read anyhow."""

from odoo import api, fields, models

from ..mailsync.letter import Address, Head
from ..mailsync.ourselves import outsiders
from ..mailsync.rules import Rules
from ..scan.ourselves import ourselves

_LOOKED_AT = 500
_SHOWN = 10


class CrmMailRule(models.Model):
    _inherit = "crm.mail.rule"

    preview = fields.Text(compute="_compute_preview")
    preview_ids = fields.Many2many("crm.mail.email", string="Left out", compute="_compute_preview")

    @api.depends("kind", "value", "header", "reach", "user_id")
    @api.depends_context("uid")
    def _compute_preview(self):
        ours = ourselves(self.env)
        for rule in self:
            plain = rule._plain()
            rules = Rules([plain] if plain else [])
            letters = rule._previewed_letters() if plain and rule._can_be_previewed() else rule.preview_ids.browse()
            left_out = letters.browse(rule._left_out(rules, letters, ours))
            rule.preview_ids = left_out[:_SHOWN]
            rule.preview = rule._preview_text(rules, letters, left_out) if plain else False

    def _can_be_previewed(self):
        # Letters do not keep their List-Id.
        return not (self.kind == "header" and self.header == "list_id")

    def _previewed_letters(self):
        own = [("owner_ids", "in", self.user_id.ids)] if self.user_id else []
        return self.env["crm.mail.email"].search(own, limit=_LOOKED_AT)

    def _left_out(self, rules, letters, ours):
        folders = self._folders_of(letters) if self.kind == "folder" else {}
        for letter in letters:
            head = head_of(letter)
            if any(rules.excluding(head, name, outsiders(head, ours)) for name in folders.get(letter.id, ("",))):
                yield letter.id

    def _folders_of(self, letters):
        """The directories where the user's own mailboxes hold these letters."""
        folders = {}
        for copy in self.env["crm.mail.copy"].search([("email_id", "in", letters.ids)]):
            folders.setdefault(copy.email_id.id, []).append(copy.folder_id.complete_name)
        return folders

    def _preview_text(self, rules, letters, left_out):
        if not self._can_be_previewed():
            return self.env._(
                "The archive does not keep this field, so there is no telling what it would have left out."
            )
        done = self.env._(
            "Of the last %(number)s archived emails that you may read, it would have left out %(count)s. "
            "They stay in the archive: the rule acts on what is scanned from now on.",
            number=len(letters),
            count=len(left_out),
        )
        waiting = self._count_waiting(rules)
        if not waiting:
            return done
        also = self.env._("Up to %(count)s emails that still wait to be archived will be left out.", count=waiting)
        return f"{done}\n{also}"

    def _count_waiting(self, rules):
        """How many of the user's own messages that wait may be meant: of these no more than the addresses is known."""
        mailboxes = self.env.user.mailbox_ids
        if self.kind == "header" or not mailboxes:
            return 0
        waiting = self.env["crm.mail.copy"].search_fetch(
            [("mailbox_id", "in", mailboxes.ids), ("state", "=", "pending")],
            ["addresses", "folder_id"],
            limit=_LOOKED_AT,
        )
        return sum(bool(rules.excluding(_anybody(c.addresses), c.folder_id.complete_name, ())) for c in waiting)


def head_of(letter):
    """What the archive still knows of a letter's header, as far as the reader may see it."""
    people = letter.participant_ids
    return Head(
        subject=letter.subject or "",
        addresses=tuple(Address(p.name or "", p.address, p.role) for p in people),
        auto_submitted="auto-generated" if letter.kind == "automatic" else "",
        bulk=letter.kind == "bulk",
    )


def _anybody(addresses):
    return Head(addresses=tuple(Address("", address) for address in (addresses or "").split()))
