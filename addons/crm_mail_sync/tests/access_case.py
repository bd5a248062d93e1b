# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The world of the access tests: every kind of user, every kind of letter, and who may read what.

What is said here is what docs/access.md promises; each letter holds a word of its own, by which a leak is noticed.
"""

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

from .common import LetterFactory

SALES = frozenset({"salesman_owner", "salesman", "salesman_all", "manager"})
ALL_LEADS = frozenset({"salesman_all", "manager"})
NOBODY = frozenset()

_GROUPS = {
    "owner": (),
    "salesman_owner": ("sales_team.group_sale_salesman",),
    "salesman": ("sales_team.group_sale_salesman",),
    "salesman_all": ("sales_team.group_sale_salesman_all_leads",),
    "manager": ("sales_team.group_sale_manager",),
    "admin": ("base.group_system",),
    "colleague": (),
}
ROLES = (*_GROUPS, "elsewhere", "portal", "public")


def word_of(name):
    """The word that only this letter holds."""
    return f"zq{name.replace('_', '')}qz"


class AccessWorld(LetterFactory):
    """Mixin: ``users`` by role; ``letters`` by name with ``readers``; mailboxes with all that belongs to them.

    ``rows`` says for each model which records there are and which roles may read each.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.users = {role: cls._make_role(role, *groups) for role, groups in _GROUPS.items()}
        cls.users["elsewhere"] = cls._make_role(
            "elsewhere",
            "sales_team.group_sale_manager",
            company_id=cls.elsewhere.id,
            company_ids=[(6, 0, cls.elsewhere.ids)],
        )
        cls.users["portal"] = cls.portal
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.env.flush_all()
        cls.rows = {}
        # Where not all readers may write what is anybody's to write.
        cls.writers = {}
        cls.letters, cls.readers = {}, {}
        cls._make_letters()
        cls._make_mailboxes()
        cls._make_rules()
        cls._make_assignments()
        cls.env.flush_all()

    @classmethod
    def _make_role(cls, role, *groups, **values):
        return new_test_user(
            cls.env,
            login=f"access_{role}",
            name=f"Access {role}",
            email=f"access_{role}@ours.example",
            groups=",".join(["base.group_user", "base.group_allow_export", *groups]),
            **values,
        )

    @classmethod
    def _lead(cls, name, role=None, **values):
        user = cls.users[role] if role else cls.env["res.users"]
        return cls.env["crm.lead"].create({"name": name, "user_id": user.id, "team_id": False, **values})

    @classmethod
    def _make_letters(cls):
        cls.leads = {
            "own": cls._lead("Lead of the salesman", "salesman", company_id=cls.env.company.id),
            "others": cls._lead("Lead of the manager", "manager", company_id=cls.env.company.id),
            "free": cls._lead("Lead of nobody"),
            "lost": cls._lead("Lost lead", "salesman", active=False),
            "elsewhere": cls._lead("Lead elsewhere", company_id=cls.elsewhere.id),
        }
        leads = cls.leads
        so, plain = {"salesman_owner"}, {"owner"}
        own_lead = ALL_LEADS | {"salesman"}
        cls._letter("customer", so, SALES, [cls.company], links=SALES)
        cls._letter("plain_customer", plain, SALES, [cls.company], links=SALES | plain)
        cls._letter("own_lead", plain, own_lead, [leads["own"]], links=own_lead)
        cls._letter("others_lead", plain, ALL_LEADS, [leads["others"]], links=ALL_LEADS)
        cls._letter("free_lead", plain, SALES, [leads["free"]], links=SALES)
        cls._letter("lost_lead", plain, own_lead, [leads["lost"]], links=own_lead)
        cls._letter("nobody", so, NOBODY)
        cls._letter("plain_nobody", plain, NOBODY)
        cls._letter("private", so, NOBODY, [cls.company], links=so, visibility="private")
        cls._letter("elsewhere", {"elsewhere"}, NOBODY, [cls.company], links={"elsewhere"})
        # In mailboxes of both companies, but linked to a lead of only one of them.
        cls._letter("both", {"owner", "elsewhere"}, NOBODY, [leads["elsewhere"]], links={"elsewhere"})
        cls._letter("undone", so, NOBODY, [cls.contact], links=so)
        cls._letter("undone_lead", plain, NOBODY, [leads["own"]], links=NOBODY)
        for name in ("undone", "undone_lead"):
            cls.letters[name].link_ids.is_undone = True
        deleted = cls.env["res.partner"].create({"name": "Deleted customer"})
        cls._letter("deleted", so, NOBODY, [deleted])
        del cls.rows["crm.mail.link"][cls.letters["deleted"].link_ids.id]
        deleted.unlink()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _letter(cls, name, owners, colleagues, targets=(), links=NOBODY, **values):
        """A letter, and its rows: who reads it, and who its link."""
        word = word_of(name)
        users = cls.env["res.users"].union(*(cls.users[role] for role in owners))
        letter = cls.make_letter(
            targets,
            html=f"<p>{word}</p>",
            owners=users,
            subject=f"About {word}",
            recipients=f"{word}@to.example",
            email_from=f"{word}@from.example",
            company_id=users[0].company_id.id,
            files=[{"name": f"{word}.txt", "raw": word.encode(), "mimetype": "text/plain"}],
            **values,
        )
        person = letter.participant_ids[:1]
        person.address = f"{word}@from.example"
        readers = frozenset(owners) | colleagues
        cls.letters[name], cls.readers[name] = letter, readers
        for record in (
            letter,
            letter.head_ids,
            letter.content_ids,
            person,
            letter.content_ids.file_ids,
            letter.pointer_id,
        ):
            cls._row(record, readers)
        for link in letter.link_ids:
            cls._row(link, links)

    @classmethod
    def _row(cls, record, readers):
        cls.rows.setdefault(record._name, {})[record.id] = frozenset(readers)

    @classmethod
    def _make_mailboxes(cls):
        cls.mailboxes = {}
        for role in ("owner", "salesman_owner", "elsewhere"):
            mailbox = cls.make_mailbox(cls.users[role], host=f"imap.{role}.example", password=f"canary {role}")
            cls.mailboxes[role] = mailbox
            folder = cls.env["crm.mail.folder"].create(
                {"mailbox_id": mailbox.id, "remote_id": "INBOX", "name": "INBOX", "complete_name": f"Inbox {role}"}
            )
            run = cls.env["crm.mail.run"].create({"mailbox_id": mailbox.id, "started": "2026-03-02 12:00:00"})
            copy = cls.env["crm.mail.copy"].create(
                {
                    "mailbox_id": mailbox.id,
                    "folder_id": folder.id,
                    "remote_id": "INBOX/1/1",
                    "state": "kept",
                    "subject": f"zqcopy{role}qz",
                }
            )
            for record in (mailbox, folder, run):
                cls._row(record, {role, "admin"})
            item = cls.env["crm.mail.item"].create(
                {
                    "mailbox_id": mailbox.id,
                    "copy_id": copy.id,
                    "received": "2026-03-02 12:00:00",
                    "subject": f"zqcopy{role}qz",
                    "is_here": True,
                }
            )
            pictures = cls.env["crm.mail.image.sender"].create(
                {"user_id": cls.users[role].id, "address": f"zqcopy{role}qz@lindqvist.example"}
            )
            draft = cls.env["crm.mail.draft"].create(
                {
                    "user_id": cls.users[role].id,
                    "mailbox_id": mailbox.id,
                    "kind": "new",
                    "subject": f"zqdraft{role}qz",
                }
            )
            for record in (copy, item, pictures, draft):
                cls._row(record, {role})
        wizard = cls.env["crm.mail.mailbox.wizard"].with_user(cls.users["admin"]).create({})
        line = {"wizard_id": wizard.id, "user_id": cls.users["owner"].id, "address": "access_owner@ours.example"}
        handover = cls.env["crm.mail.mailbox.handover"].with_user(cls.users["admin"])
        cls._row(cls.env["crm.mail.erased"].create({"header_key": "0" * 64}), NOBODY)
        rows = [wizard, wizard.line_ids.create(line), handover.create({"user_id": cls.users["owner"].id})]
        rows.append(
            cls.env["crm.mail.rematch"].create({"res_model": "res.partner", "res_id": cls.company.id, "stage": "done"})
        )
        rows.append(cls.env["crm.mail.removal"].create({"user_id": cls.users["owner"].id, "with_assigned": True}))
        for record in rows:
            cls._row(record, {"admin"})
        removal = cls.env["crm.mail.mailbox.removal"].with_user(cls.users["owner"])
        cls._row(removal.create({"mailbox_ids": [(6, 0, cls.mailboxes["owner"].ids)]}), {"owner"})

    @classmethod
    def _make_rules(cls):
        """Exclude rules of a user and of the company, and the domain of a customer; who changes them is fewer."""
        internal = frozenset(_GROUPS)
        rule = {"kind": "address", "value": "news@lindqvist.example", "company_id": cls.env.company.id}
        own, companys = cls.env["crm.mail.rule"].create(
            [{**rule, "user_id": cls.users["owner"].id}, {**rule, "user_id": False}]
        )
        domain = cls.company.mail_domain_ids
        contact_makers = {r for r in internal | {"elsewhere"} if cls.users[r].has_group("base.group_partner_manager")}
        for record, readers, writers in (
            (own, {"owner"}, {"owner"}),
            (companys, internal, {"manager", "admin"}),
            (domain, internal | {"elsewhere"}, contact_makers),
        ):
            cls._row(record, readers)
            cls.writers[record._name, record.id] = frozenset(writers)

    @classmethod
    def _make_assignments(cls):
        """Of single letters, and a learned one; of a letter that says nothing of them, so that its rows stay."""
        letter = cls.make_letter(owners=cls.users["salesman"]).with_user(cls.users["salesman"])
        targets = {"res.partner": cls.env["res.partner"].create({"name": "Assigned"}).ids}
        answers_for_it = {"salesman", "manager", "admin"}
        for readers, options in (
            ({"salesman"}, {}),
            (answers_for_it, {"scope": "address", "learned": "zqlearned@from.example"}),
        ):
            assignment = letter._assign(targets, **options)
            cls._row(assignment, readers)
            cls._row(assignment.sudo().target_ids, {"salesman"})
        wizard = cls.env["crm.mail.assign.wizard"].with_user(cls.users["salesman"])
        cls._row(wizard.create({"email_ids": [(6, 0, letter.ids)]}), {"salesman"})

    def as_role(self, role):
        """An environment of that user with an empty cache, as each request has one."""
        self.env.invalidate_all()
        return self.env(user=self.users[role].id, su=False, context={})

    def rpc(self, role, model, method, *args, **kwargs):
        """A call as it comes from outside: private methods are refused, what is left to compute is the user's."""
        env = self.as_role(role)
        env.transaction.default_env = env
        try:
            answer = call_kw(env[model], method, list(args), kwargs)
            env.flush_all()
            return answer
        except UserError:
            env.transaction.clear()
            raise
        finally:
            env.transaction.default_env = self.env


class AccessCase(AccessWorld, TransactionCase):
    """A test case in the world of the access tests."""

    def ask(self, role, model, method, *args, **kwargs):
        """The answer to a call, None if it was refused."""
        try:
            return self.rpc(role, model, method, *args, **kwargs)
        except UserError:
            return None

    def attempt(self, role, model, method, *args, **kwargs):
        """The same for calls that would change something: nothing of it stays."""
        savepoint = self.env.cr.savepoint()
        try:
            return self.ask(role, model, method, *args, **kwargs)
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
