# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from .common import LetterCase


class AssignCase(LetterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Bygg AB", "email": "info@bygg.example", "is_company": True})

    def letters_of(self, target):
        """The letters that a record's chatter shows."""
        self.env.invalidate_all()
        return target.mail_link_ids.filtered(lambda link: not link.is_undone).email_id

    def state(self, letters):
        """Everything that is to come back."""
        self.env.invalidate_all()
        links = self.env["crm.mail.link"].search([("email_id", "in", letters.ids)])
        flags = {(e.id, e.is_linked_partner, e.is_linked_lead) for e in letters}
        return flags, {
            (k.email_id.id, *k._target(), bool(k.is_undone), k.reason, k.assignment_id.id, k.undone_by_id.id)
            for k in links
        }


class StrangerCase(AssignCase):
    def letter_from(self, address, name="Nils Nilsson", **values):
        letter = self.make_letter(**values)
        letter.participant_ids.unlink()
        for role, person, found in (("from", name, address), ("to", "Letter Owner", self.owner.email)):
            self.env["crm.mail.participant"].create(
                {
                    "email_id": letter.id,
                    "role": role,
                    "name": person,
                    "address": found,
                    "domain": found.partition("@")[2],
                }
            )
        return letter
