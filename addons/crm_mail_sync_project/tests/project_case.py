# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Projects of every visibility, the people around them, and letters of each."""

from odoo.tests import TransactionCase, new_test_user

from odoo.addons.crm_mail_sync.tests.common import LetterFactory

USER, MANAGER = "project.group_project_user", "project.group_project_manager"
# The groups of each role. The follower follows projects as a project user, the colleague without being one.
_GROUPS = {
    "owner": (),
    "follower": (USER,),
    "user": (USER,),
    "manager": (MANAGER,),
    "salesman": ("sales_team.group_sale_manager",),
    "admin": ("base.group_system",),
    "colleague": (),
}
ROLES = (*_GROUPS, "elsewhere", "customer", "collaborator")
NOBODY = frozenset()
EVERYBODY = frozenset({"follower", "user", "manager"})
FOLLOWERS = frozenset({"follower", "manager"})
MANAGERS = frozenset({"manager"})
# Who reads what of a letter of an open project, by its visibility.
LEVELS = {
    "everything": ("crm.mail.email", "crm.mail.head", "crm.mail.content"),
    "subject": ("crm.mail.email", "crm.mail.head"),
    "event": ("crm.mail.email",),
    "private": (),
}


class ProjectFactory(LetterFactory):
    """Mixin: ``users`` by role, ``projects`` by name with ``members``, those who may read a letter of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.users = {role: cls._make_role(role, *groups) for role, groups in _GROUPS.items()}
        cls.users["elsewhere"] = cls._make_role(
            "elsewhere", MANAGER, company_id=cls.elsewhere.id, company_ids=[(6, 0, cls.elsewhere.ids)]
        )
        for role in ("customer", "collaborator"):
            cls.users[role] = cls._make_role(role, internal="base.group_portal")
        cls._make_projects()
        cls.env.flush_all()

    @classmethod
    def _make_role(cls, role, *groups, internal="base.group_user", **values):
        return new_test_user(
            cls.env,
            login=f"project_{role}",
            name=f"Project {role}",
            email=f"project_{role}@ours.example",
            groups=",".join([internal, *groups]),
            **values,
        )

    @classmethod
    def _make_projects(cls):
        kinds = {
            "open": ("employees", EVERYBODY, {}),
            "closed": ("followers", FOLLOWERS, {}),
            "invited": ("invited_users", FOLLOWERS, {}),
            "shared": ("portal", EVERYBODY, {}),
            "archived": ("employees", EVERYBODY, {"active": False}),
            "elsewhere": ("employees", NOBODY, {"company_id": cls.elsewhere.id}),
            "nobodys": ("followers", MANAGERS, {}),
        }
        cls.projects, cls.members = {}, {}
        for name, (visibility, members, values) in kinds.items():
            project = cls.env["project.project"].create(
                {"name": f"Project {name}", "privacy_visibility": visibility, "company_id": False, **values}
            )
            cls.projects[name], cls.members[name] = project, members
            if name != "nobodys":
                followers = cls.users["follower"].partner_id | cls.users["colleague"].partner_id
                if visibility in ("portal", "invited_users"):
                    followers |= cls.users["customer"].partner_id | cls.users["collaborator"].partner_id
                project.message_subscribe(followers.ids)
        cls.env["project.collaborator"].create(
            {"project_id": cls.projects["shared"].id, "partner_id": cls.users["collaborator"].partner_id.id}
        )

    @classmethod
    def letter_of(cls, name, **values):
        """A letter in the mailbox of the owner, linked to the project of that name."""
        values = {"company_id": cls.env.company.id, "owners": cls.users["owner"], **values}
        letter = cls.make_letter([cls.projects[name]], reason="manual", **values)
        letter.company_ids = letter.company_id
        return letter

    def readers_of(self, record, way=None):
        """The roles that reach this record; ``way`` is a function of it in the role's environment."""
        self.env.flush_all()
        found = set()
        for role in ROLES:
            self.env.invalidate_all()
            mine = record.with_user(self.users[role]).with_context({})
            reads = mine.has_access("read")
            finds = mine.has_access("read") and bool(mine.search([("id", "=", record.id)]))
            self.assertEqual(reads, finds, (record._name, role))
            if way(mine) if way else reads:
                found.add(role)
        return found


class ProjectCase(ProjectFactory, TransactionCase):
    """A test case with users, projects and letters."""
