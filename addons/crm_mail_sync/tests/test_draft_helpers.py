# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What helps who writes: recipients, templates, the way from a record, and what is forgotten in the end."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..mailsync import mime
from ..mailsync.errors import ConnectionLost
from .common import LetterFactory
from .draft_case import DraftCase
from .scan_case import letter


@tagged("post_install", "-at_install")
class TestDraftHelpers(DraftCase):
    def addresses(self, text):
        return [person["address"] for person in self.call("recipients", text)]

    def test_recipients_are_contacts_leads_and_people_of_ones_own_mailbox(self):
        self.lead.contact_name = "Lea Hall"
        self.receive(letter("Zoë Unknown <zoe@nowhere.test>", "owner@scan-own.test", "Kim <kim@else.test>"))
        self.assertEqual(self.addresses("ann"), ["anna@acme-scan.test"])
        self.assertEqual(set(self.addresses("acme")), {"anna@acme-scan.test", "info@acme-scan.test"})
        self.assertEqual(self.addresses("lea h"), ["lead@lead-scan.test"])
        self.assertEqual(self.addresses("zo"), ["zoe@nowhere.test"])
        self.assertEqual(self.addresses("kim"), ["kim@else.test"])
        self.assertEqual(self.addresses("owner@"), [])
        self.assertEqual(self.addresses("%"), [])
        self.assertEqual(self.addresses("__"), [])
        self.assertEqual(self.call("recipients", "anna")[0]["partner_id"], self.anna.id)

    def test_those_of_late_come_first_under_the_contacts_names(self):
        ben = self._partner(name="Anton", email="anton@acme-scan.test")
        self.cr.commit()
        self.assertEqual(self.addresses("an")[0], "anna@acme-scan.test")
        self.receive(letter("anton@acme-scan.test", "owner@scan-own.test"))
        self.assertEqual(self.call("recipients", "an")[0]["partner_id"], ben.id)

    def test_nobody_is_told_of_people_in_somebody_elses_mailbox(self):
        self.receive(letter("Zoë Unknown <zoe@nowhere.test>", "owner@scan-own.test"))
        other = new_test_user(self.env, login="scan.other", groups="base.group_user", email="o@scan-own.test")
        portal = new_test_user(self.env, login="scan.portal", groups="base.group_portal")
        self.assertEqual(self.drafts.with_user(other).recipients("zoe"), [])
        for method, args in (("recipients", ["anna"]), ("begin", ["new"])):
            try:
                getattr(self.drafts.with_user(portal), method)(*args)
            except AccessError:
                continue
            self.fail(f"portal users may not call {method}")

    def test_a_template_is_filled_in_for_the_record_with_its_files(self):
        template = self._template("crm.lead", "<p>About <t t-out='object.name'/></p>")
        draft = self.write(model="crm.lead", res_id=self.lead.id)
        offered = self.call("templates", draft.id)
        self.assertIn((template.id, "New hall"), [(one["id"], one["record"]) for one in offered])
        filled = self.call("use_template", draft.id, template.id)
        self.assertEqual(filled["subject"], "Hall")
        self.assertIn("About New hall", filled["body"])
        self.assertEqual([file["name"] for file in filled["draft"]["files"]], ["map.txt"])
        message = mime.read_letter(draft._as_message("x@y"))
        self.assertEqual([(file.name, file.content) for file in message.files], [("map.txt", b"map")])

    def test_a_template_is_filled_in_with_the_rights_of_who_writes(self):
        template = self._template("crm.lead", "<p><t t-out='object.name'/></p>")
        draft = self.write(model="crm.lead", res_id=self.lead.id)
        self.lead.user_id = new_test_user(self.env, login="scan.boss", groups="base.group_user")
        self.cr.commit()
        self.assertNotIn(template.id, [one["id"] for one in self.call("templates", draft.id)])
        self.assertIn("another kind of record", self.refusal("use_template", draft.id, template.id))

    def test_what_nobody_goes_on_with_is_forgotten_unless_it_is_nowhere_else(self):
        kept, only_here, untouched = self.write(), self.write(), self.record(self.call("begin", "new")["id"])
        only_here.remote_id = False
        newer_here = self.write()
        self.server.fail_next(ConnectionLost(), "save_draft")
        self.call("save", newer_here.id, {"subject": "Newer than what the mailbox has"})
        never_there = self.record(self.call("begin", "new")["id"])
        with patch.object(type(self.mailbox), "_why_not_act", lambda _mailbox: "Only to be read."):
            self.call("save", never_there.id, {"subject": "Of a mailbox that takes no drafts"})
        self.assertFalse(never_there.draft_key)
        left = [(one["id"], bool(one["error"])) for one in self.call("left")]
        self.assertEqual(sorted(left), [(only_here.id, False), (newer_here.id, True), (never_there.id, False)])
        self.env.flush_all()
        self.cr.execute(
            "UPDATE crm_mail_draft SET write_date = write_date - interval '31 days', "
            "create_date = create_date - interval '31 days'"
        )
        self.cr.commit()
        self.env.invalidate_all()
        self.env["crm.mail.draft"]._gc_drafts()
        left = (kept | only_here | newer_here | never_there | untouched).exists()
        self.assertEqual(left, only_here | newer_here | never_there)

    def test_of_a_mailbox_that_went_to_somebody_else_the_text_is_safe(self):
        draft = self.write()
        other = new_test_user(self.env, login="scan.other", groups="base.group_user")
        self.cr.execute("UPDATE crm_mail_mailbox SET user_id = %s WHERE id = %s", (other.id, self.mailbox.id))
        self.cr.commit()
        self.env.invalidate_all()
        answer = self.call("save", draft.id, {"subject": "Typed afterwards"})
        self.assertIn("Copy the text", answer["error"])
        self.assertEqual(draft.subject, "Typed afterwards")
        before = self.server.remote_ids("Drafts")
        self.call("discard", draft.id)
        self.assertFalse(draft.exists())
        self.assertEqual(self.server.remote_ids("Drafts"), before)

    def test_of_our_own_addresses_only_pictures_are_loaded(self):
        draft, base = self.write(), self.env["crm.mail.draft"].get_base_url()
        for path, is_loaded in (
            ("/web/image/7", True),
            ("/crm_mail_sync/static/description/icon.png", True),
            ("/web/session/logout", False),
            ("/web/image/../session/logout", False),
            ("/web/static/../session/logout", False),
            ("/web/image/%2e%2e/%2E./web/session/logout", False),
            ("/web/image/.\t./.\n./web/session/logout", False),
        ):
            shown = draft._shown(f'<img data-cms-src="{base}{path}">')
            self.assertEqual(f' src="{base}{path}"' in shown.replace("data-cms-src", ""), is_loaded, path)

    def test_with_a_mailbox_its_drafts_and_their_files_go(self):
        draft = self.write(body='<p><img src="data:image/png;base64,iVBORw0KGgo="></p>')
        files = draft.file_ids
        self.assertTrue(files)
        self.mailbox.unlink()
        self.assertFalse(draft.exists() or files.exists())

    def _template(self, model, body):
        file = self.env["ir.attachment"].create({"name": "map.txt", "raw": b"map", "mimetype": "text/plain"})
        template = self.env["mail.template"].create(
            {
                "name": "Directions",
                "model_id": self.env["ir.model"]._get_id(model),
                "subject": "Hall",
                "body_html": body,
                "attachment_ids": [(6, 0, file.ids)],
            }
        )
        self.addCleanup((template).unlink)
        self.cr.commit()
        return template


@tagged("post_install", "-at_install")
class TestDraftHttp(LetterFactory, HttpCase):
    def setUp(self):
        super().setUp()
        self.mailbox._set_connected()
        allowed = patch.object(self.registry["crm.mail.mailbox"], "_why_not_send_imap", lambda _mailbox: "")
        self.enterContext(allowed)
        self.draft = self.env["crm.mail.draft"].create(
            {"user_id": self.owner.id, "mailbox_id": self.mailbox.id, "kind": "new"}
        )

    def upload(self, user, content, name="page.html", mimetype="text/html"):
        self.authenticate(user.login, user.login)
        return self.url_open(
            f"/crm_mail_sync/draft/{self.draft.id}/upload",
            data={"csrf_token": self.csrf_token()},
            files={"ufile": (name, content, mimetype)},
        ).json()

    def csrf_token(self):
        from odoo.http import Request

        return Request.csrf_token(self)

    def test_files_are_taken_byte_for_byte_and_never_shown_as_pages(self):
        page = b"<script>alert(1)</script>"
        answer = self.upload(self.owner, page)
        self.assertEqual([(file["name"], file["size"]) for file in answer["files"]], [("page.html", len(page))])
        self.assertEqual(self.draft.file_ids.raw, page)
        self.assertEqual(self.draft._as_files()[0].content_type, "text/html")
        for address in (
            f"/web/content/{self.draft.file_ids.id}",
            f"/web/content/{self.draft.file_ids.id}?mimetype=text/html",
        ):
            answer = self.url_open(address)
            self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")

    def test_nobody_else_attaches_or_reads_a_file(self):
        self.upload(self.owner, b"secret")
        self.assertIn("no longer there", self.upload(self.salesman, b"more")["refused"])
        for user in (self.salesman, self.admin, self.portal):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(f"/web/content/{self.draft.file_ids.id}").status_code, 404)
        self.assertEqual(len(self.draft.file_ids), 1)

    def test_chatters_tell_who_may_write_and_answer(self):
        letter_ = self.make_letter([self.company], visibility="subject")
        for user, mailbox, may_answer in (
            (self.owner, self.mailbox.address, True),
            (self.salesman, None, False),
        ):
            self.authenticate(user.login, user.login)
            wanted = {"thread_model": "res.partner", "thread_id": self.company.id, "request_list": ["followers"]}
            data = self.make_jsonrpc_request("/mail/data", {"fetch_params": [["mail.thread", wanted]]})
            thread = next(one for one in data["mail.thread"] if one["id"] == self.company.id)
            self.assertEqual(thread.get("mailboxToWriteFrom"), mailbox)
            messages = self.make_jsonrpc_request(
                "/mail/thread/messages", {"thread_model": "res.partner", "thread_id": self.company.id}
            )
            message = next(one for one in messages["data"]["mail.message"] if one["id"] == letter_.pointer_id.id)
            self.assertEqual(message["letter"]["canAnswer"], may_answer)
