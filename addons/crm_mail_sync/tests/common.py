# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""People, mailboxes and letters for the tests of what is read; letters are stored as the scan stores them."""

from datetime import datetime, timedelta
from itertools import count

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import remove_accents

from ..models.crm_mail_email_head import HEAD_FIELDS

NOON = datetime(2026, 3, 2, 12)


class LetterFactory:
    """Mixin for test classes of Odoo: users of every kind, a customer with a contact, a lead, and letters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "no_reset_password": True})
        cls._numbers = count(1)
        cls.owner = cls.make_user("letter_owner", "sales_team.group_sale_salesman")
        cls.salesman = cls.make_user("letter_salesman", "sales_team.group_sale_salesman")
        cls.salesman_all = cls.make_user("letter_salesman_all", "sales_team.group_sale_salesman_all_leads")
        cls.clerk = cls.make_user("letter_clerk")
        cls.admin = cls.make_user("letter_admin", "base.group_system")
        cls.portal = cls.make_user("letter_portal", internal="base.group_portal")
        cls.company = cls.env["res.partner"].create(
            {"name": "Lindqvist AB", "is_company": True, "email": "info@lindqvist.example"}
        )
        cls.contact = cls.env["res.partner"].create(
            {"name": "Astrid Lindqvist", "parent_id": cls.company.id, "email": "astrid@lindqvist.example"}
        )
        cls.lead = cls.env["crm.lead"].create(
            {"name": "New warehouse", "email_from": "planner@bygg.example", "user_id": cls.owner.id}
        )
        cls.mailbox = cls.make_mailbox(cls.owner)

    @classmethod
    def make_user(cls, login, *groups, internal="base.group_user"):
        return new_test_user(
            cls.env,
            login=login,
            name=login.replace("_", " ").title(),
            email=f"{login}@ours.example",
            groups=",".join([internal, *groups]),
        )

    @classmethod
    def make_mailbox(cls, user, **values):
        return cls.env["crm.mail.mailbox"].create({"user_id": user.id, "address": user.email, **values})

    @classmethod
    def make_letter(cls, targets=(), html="<p>Dear all</p>", files=(), owners=None, reason="customer_main", **values):
        """An archived letter as the scan leaves it.

        :param targets: customers and leads (records) that it is linked to
        :param files: values of ir.attachment; one with a ``description`` (Content-ID) is a picture of the text
        :param owners: the users who hold it in a mailbox, ``self.owner`` if not given
        """
        email = cls.env["crm.mail.email"].create(cls._email_values(targets, owners or cls.owner, values))
        head = cls.env["crm.mail.head"].create({"email_id": email.id, **cls._head_values(values)})
        email.pointer_id = cls._make_pointer(email)
        cls.env["crm.mail.content"].create(
            {"email_id": email.id, "html": html, "text": html, "snippet": html[:50], "fingerprint": email.identity}
        )
        cls._index(email)
        cls._make_files(head, files)
        cls._make_people(email)
        for target in targets:
            cls.link(email, target, reason)
        return email

    @classmethod
    def _email_values(cls, targets, owners, values):
        number = next(cls._numbers)
        return {
            "identity": f"test-{number}",
            "date": NOON + timedelta(minutes=number),
            "direction": "received",
            "visibility": "everything",
            "mailbox_visibility": values.get("visibility", "everything"),
            "owner_ids": [(6, 0, owners.ids)],
            "company_ids": [(6, 0, owners.company_id.ids)],
            **{
                f"is_linked_{column.removesuffix('_id')}": any(t._name == model for t in targets)
                for model, column in cls.env["crm.mail.link"]._target_columns().items()
            },
            **{name: value for name, value in values.items() if name not in HEAD_FIELDS},
        }

    @classmethod
    def _head_values(cls, values):
        number = next(cls._numbers)
        return {
            "message_id": f"test-{number}@lindqvist.example",
            "subject": f"Letter {number}",
            "email_from": '"Astrid Lindqvist" <astrid@lindqvist.example>',
            "recipients": "letter_owner@ours.example",
            **{name: value for name, value in values.items() if name in HEAD_FIELDS},
        }

    @classmethod
    def _make_pointer(cls, email):
        return cls.env["mail.message"].create(
            {
                "model": "crm.mail.email",
                "res_id": email.id,
                "message_id": f"<cms-{email.id}@archive.invalid>",
                "message_type": "email",
                "subtype_id": cls.env.ref("mail.mt_note").id,
                "is_internal": True,
                "author_id": False,
                "email_from": False,
                "body": "",
                "date": email.date,
                "reply_to": False,
            }
        )

    @classmethod
    def _index(cls, email):
        """The search texts, columns that the ORM does not know."""
        cls.env.flush_all()
        head, content = email.head_ids, email.content_ids
        words = remove_accents(f"{head.subject} {head.email_from} {head.recipients}")
        cls.env.cr.execute("UPDATE crm_mail_head SET fts = to_tsvector('simple', %s) WHERE id = %s", (words, head.id))
        cls.env.cr.execute(
            "UPDATE crm_mail_content SET fts = to_tsvector('simple', %s) WHERE id = %s",
            (f"{words} {remove_accents(content.text)}", content.id),
        )

    @classmethod
    def _make_files(cls, head, files):
        cls.env["ir.attachment"].with_context(image_no_postprocess=True).create(
            [{"res_model": "crm.mail.content", "res_id": head.email_id.content_ids.id, **values} for values in files]
        )
        head.file_count = sum(1 for values in files if not values.get("description"))
        head.email_id.content_ids.invalidate_recordset()

    @classmethod
    def _make_people(cls, email):
        cls.env["crm.mail.participant"].create(
            [
                {
                    "email_id": email.id,
                    "role": role,
                    "name": name,
                    "address": address,
                    "domain": address.partition("@")[2],
                }
                for role, name, address in (
                    ("from", "Astrid Lindqvist", "astrid@lindqvist.example"),
                    ("to", "Letter Owner", "letter_owner@ours.example"),
                    ("cc", False, "info@lindqvist.example"),
                )
            ]
        )

    @classmethod
    def link(cls, email, target, reason="customer_main", **values):
        column = cls.env["crm.mail.link"]._target_columns()[target._name]
        return cls.env["crm.mail.link"].create(
            {
                "email_id": email.id,
                column: target.id,
                "reason": reason,
                "date": email.date,
                "pointer_id": email.pointer_id.id,
                **values,
            }
        )

    @classmethod
    def post(cls, record, body, date):
        """A comment in the record's chatter, of that date."""
        message = record.message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_note")
        message.date = date
        message.flush_recordset()
        return message


class LetterCase(LetterFactory, TransactionCase):
    """A test case with users, mailboxes and letters."""
