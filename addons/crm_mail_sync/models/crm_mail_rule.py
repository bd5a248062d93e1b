# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mailsync.domains import domain_of_address, domain_of_website
from ..mailsync.rules import OPTIONAL_VALUE, Rule, Rules, folder_key, text_key
from . import rule_texts

KINDS = [
    ("address", "An address"),
    ("domain", "A domain"),
    ("pattern", "Addresses by a pattern"),
    ("folder", "A directory"),
    ("header", "A header field"),
]
_PEOPLE = ("address", "domain", "pattern")
# As they are compared, where this is not as they are shown.
_KEYS = {"folder": folder_key, "header": text_key}
_LONGEST = 200
_TEXT = {"kind", "value"}
_WHOSE = {"user_id", "company_id"}
_NOT_IN_ADDRESSES = frozenset("*? ,;<>")


class CrmMailRule(models.Model):
    """A rule that keeps messages out of the archive: a user's own in his mailboxes, or a company's in all of its.

    It acts on what is scanned from now on; what was archived stays. What it kept out is decided anew when it is changed
    or deleted, by the next scan of each mailbox (``scan/taking_back.py``).
    """

    _name = "crm.mail.rule"
    _description = "Exclude rule"
    _rec_names_search = ["value"]
    _order = "user_id, kind, value, id"
    _allow_sudo_commands = False

    user_id = fields.Many2one(
        "res.users",
        string="Only for the mailboxes of",
        default=lambda self: self.env.user,
        ondelete="cascade",
        index=True,
        help="Empty: the rule is for all mailboxes of the company.",
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", default=lambda self: self.env.company)
    kind = fields.Selection(KINDS, string="Leave out", required=True, default="address")
    value = fields.Char(help="The address, the domain, the pattern, the name of the directory, or the words.")
    header = fields.Selection(lambda self: rule_texts.header_fields(self.env), string="Header field", default="subject")
    reach = fields.Selection(
        [("sender", "What it sends, and what has nobody else from outside"), ("anybody", "All that it takes part in")],
        string="Of its emails",
        required=True,
        default="sender",
    )
    meaning = fields.Char(string="What it does", compute="_compute_meaning")

    @api.depends("kind", "value", "header", "reach", "user_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_meaning(self):
        for rule in self:
            plain = rule._plain()
            shown = plain and replace(plain, value=tidy(rule.kind, rule.value or ""))
            rule.meaning = rule_texts.meaning(rule.env, shown, rule.user_id._origin) if shown else False

    @api.depends("kind", "value", "header")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        headers = dict(rule_texts.header_fields(self.env))
        for rule in self:
            what = headers.get(rule.header) if rule.kind == "header" else kinds.get(rule.kind)
            rule.display_name = ": ".join(filter(None, (what, rule.value)))

    @api.onchange("kind")
    def _onchange_kind(self):
        """From the sender of a letter to his domain is one step."""
        if self.kind == "domain" and self.value and "@" in self.value:
            self.value = domain_of_address(self.value)

    @api.constrains("kind", "value", "header")
    def _check_value(self):
        for rule in self:
            if not rule._plain():
                raise ValidationError(rule._what_is_missing())

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalized(vals, self) for vals in vals_list])

    def write(self, vals):
        for rule in self:
            super(CrmMailRule, rule).write(self._normalized(vals, rule) if _TEXT & vals.keys() else vals)
        if _WHOSE & vals.keys():
            # Record rules are asked before a write only: of what it was, not of what it becomes.
            self.check_access("write")
        return True

    @api.model
    def _normalized(self, vals, rule):
        """The values with the text tidied up; what cannot be understood stays as it is, and is refused."""
        kind = vals.get("kind") or rule[:1].kind or "address"
        value = vals.get("value") if "value" in vals else rule[:1].value
        return {**vals, "value": tidy(kind, value or "") or value}

    def _plain(self):
        """The rule as the scan uses it, None while it says nothing that could be compared."""
        self.ensure_one()
        value = tidy(self.kind, self.value or "")
        field = self.header or "" if self.kind == "header" else ""
        if not (value or field in OPTIONAL_VALUE) or (self.kind == "header" and not field):
            return None
        reach = self.reach if self.kind in _PEOPLE else "sender"
        return Rule(self._origin.id or 0, self.kind, _KEYS.get(self.kind, str)(value), field, reach or "sender")

    def _what_is_missing(self):
        return {
            "address": self.env._("Enter a whole address, like news@acme.com."),
            "domain": self.env._("Enter a domain, like acme.com."),
            "pattern": self.env._(
                "Enter a pattern of addresses, like *@noreply.* or *-notifications@acme.com: * stands for any "
                "characters, ? for one. One of nothing but these would leave out everything."
            ),
            "folder": self.env._("Enter the name of a directory, like Private or Customers / Old."),
            "header": self.env._("Choose a header field, and enter the words that it has to contain."),
        }[self.kind]

    @api.model
    def _compiled_for(self, mailbox):
        """The rules that hold for this mailbox: its company's and its user's own."""
        rules = self.sudo().search(
            [
                "|",
                ("user_id", "=", mailbox.user_id.id),
                "&",
                ("user_id", "=", False),
                ("company_id", "in", [False, mailbox.company_id.id]),
            ]
        )
        return Rules(tuple(filter(None, (rule._plain() for rule in rules))))


def tidy(kind, text):
    """A rule's text as it is shown; "" if it is none of this kind."""
    text = " ".join(text.split())[:_LONGEST]
    if kind == "domain":
        return domain_of_address(text) if "@" in text else domain_of_website(text)
    if kind == "address":
        local, _at, domain = text.lower().rpartition("@")
        return text.lower() if local and domain and not _NOT_IN_ADDRESSES & set(text) else ""
    if kind == "pattern":
        # One of nothing but stars would leave out everything.
        return text.lower() if set(text) - set("*?@.") and " " not in text else ""
    return text
