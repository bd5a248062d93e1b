# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drafts: how they begin, are kept in the mailbox, and are opened again."""

import base64
from email.message import EmailMessage
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..email_app import draft_beginning
from ..mailsync import mime
from ..mailsync.errors import ConnectionLost
from ..mailsync.letter import File
from .draft_case import DraftCase
from .scan_case import letter

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n picture").decode()


def with_files(sender, *to):
    """A letter with a picture in its text and a file."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(to), "Plans"
    message["Message-ID"], message["Date"] = "<plans@acme-scan.test>", "Mon, 02 Mar 2026 09:00:00 +0000"
    message["References"] = "<root@acme-scan.test> <before@acme-scan.test>"
    message.set_content("See")
    message.add_alternative('<p>See <img src="cid:logo@acme"> <img src="https://spy.test/x.png"></p>', subtype="html")
    message.get_payload()[1].add_related(b"logo", "image", "png", cid="<logo@acme>", filename="logo.png")
    message.add_attachment(b"<script>1</script>", "text", "html", filename="plan.html")
    return message.as_bytes()


@tagged("post_install", "-at_install")
class TestDraftWriting(DraftCase):
    def test_a_new_letter_has_the_signature_below_the_first_line(self):
        self.user.signature = "<p>Olga<br>Ours Ltd</p>"
        draft = self.call("begin", "new", to=["Anna <anna@acme-scan.test>"], model="res.partner", res_id=self.anna.id)
        self.assertTrue(draft["body"].startswith("<p><br></p>"))
        self.assertTrue(draft["body"].endswith("<p>Olga<br>Ours Ltd</p>"))
        self.assertEqual(draft["to"], [{"name": "Anna", "address": "anna@acme-scan.test"}])
        self.assertEqual(draft["targets"], [{"model": "res.partner", "id": self.anna.id, "name": "Acme, Anna"}])

    def test_what_is_typed_lies_among_the_drafts_of_the_mailbox_once(self):
        draft = self.write()
        first = self.server.remote_ids("Drafts")
        self.assertEqual(len(first), 1)
        self.call("save", draft.id, {"subject": "Another offer"})
        (second,) = self.server.remote_ids("Drafts")
        self.assertNotEqual(second, first[0])
        self.assertEqual(mime.read_head(self.server.content(second)).subject, "Another offer")
        self.assertEqual(self.item_of(second).subject, "Another offer")
        self.assertTrue(self.item_of(second).is_draft)
        self.assertFalse(self.item_of(first[0]).is_here)

    def test_nothing_new_is_not_put_there_again(self):
        draft = self.write()
        before = self.server.remote_ids("Drafts")
        self.call("save", draft.id, {"subject": "Offer"})
        self.assertEqual(self.server.remote_ids("Drafts"), before)

    def test_a_scan_that_meets_the_draft_archives_nothing_and_lists_it_once(self):
        draft = self.write()
        self.scan()
        self.assertFalse(self.letters())
        copies = self.copies().filtered(lambda copy: copy.remote_id == draft.remote_id)
        self.assertEqual(copies.mapped("state"), ["skipped"])
        self.assertEqual(self.env["crm.mail.item"].search_count([("is_draft", "=", True), ("is_here", "=", True)]), 1)

    def test_what_the_server_does_not_take_is_safe_here_and_told(self):
        draft = self.write()
        self.server.fail_next(ConnectionLost(), "save_draft")
        answer = self.call("save", draft.id, {"subject": "Kept here"})
        self.assertIn("Saved here, but not in your mailbox", answer["error"])
        self.assertEqual(draft.subject, "Kept here")
        self.assertFalse(self.call("save", draft.id, {"subject": "Kept there"})["error"])

    def test_discarded_it_is_nowhere(self):
        draft = self.write()
        files = draft._attach([File("a.txt", "text/plain", b"a")])
        self.call("discard", draft.id)
        self.assertEqual(self.server.remote_ids("Drafts"), [])
        self.assertFalse(draft.exists() or files.exists())
        self.assertFalse(self.env["crm.mail.item"].search([("is_here", "=", True)]))

    def test_what_the_server_does_not_discard_is_told(self):
        draft = self.write()
        self.server.fail_next(ConnectionLost(), "discard_draft")
        self.assertIn("connection", self.call("discard", draft.id).lower())
        self.assertFalse(draft.exists())
        self.assertEqual(len(self.server.remote_ids("Drafts")), 1)

    def test_a_draft_is_opened_again_from_the_mailbox(self):
        draft = self.write()
        item = self.item_of(self.server.remote_ids("Drafts")[0])
        self.assertEqual(self.call("begin", "draft", item_id=item.id)["id"], draft.id)

    def test_a_draft_of_another_program_is_opened_and_replaced(self):
        content = with_files("owner@scan-own.test", "Anna <anna@acme-scan.test>")
        item = self.receive(content, "Drafts", flags=["\\Draft"])
        draft = self.call("begin", "draft", item_id=item.id)
        self.assertEqual(draft["to"], [{"name": "Anna", "address": "anna@acme-scan.test"}])
        self.assertIn("See <img", draft["body"])
        self.assertNotIn('spy.test/x.png" src', draft["body"])
        self.assertEqual([file["name"] for file in draft["files"]], ["plan.html"])
        self.call("save", draft["id"], {"subject": "New plans"})
        (remote_id,) = self.server.remote_ids("Drafts")
        kept = mime.read_letter(self.server.content(remote_id))
        self.assertEqual(kept.head.subject, "New plans")
        self.assertEqual(kept.head.references, ("root@acme-scan.test", "before@acme-scan.test"))
        self.assertEqual({file.name: file.content for file in kept.files}["plan.html"], b"<script>1</script>")
        self.assertEqual({file.content_id for file in kept.files if file.inline}, {"logo@acme"})

    def test_a_draft_that_is_asked_for_twice_at_once_is_one(self):
        content = with_files("owner@scan-own.test", "Anna <anna@acme-scan.test>")
        item = self.receive(content, "Drafts", flags=["\\Draft"])
        fetch, opened = draft_beginning.from_mailbox, []

        def meanwhile(copy):
            found = fetch(copy)
            if not opened:
                opened.append(None)
                opened[0] = self.call("begin", "draft", item_id=item.id)["id"]
            return found

        with patch.object(draft_beginning, "from_mailbox", meanwhile):
            self.assertEqual(self.call("begin", "draft", item_id=item.id)["id"], opened[0])
        self.assertEqual(self.env["crm.mail.draft"].search_count([("remote_id", "=", item.copy_id.remote_id)]), 1)

    def test_a_draft_of_another_program_stays_in_its_conversation(self):
        content = letter("owner@scan-own.test", "Anna <anna@acme-scan.test>", subject="Re: Hall")
        item = self.receive(content, "Drafts", flags=["\\Draft"], thread_id="hall")
        draft = self.call("begin", "draft", item_id=item.id)
        self.call("save", draft["id"], {"body": "<p>Dear Anna</p>"})
        self.assertEqual(self._threads("Drafts"), ["hall"])
        self.send(self.record(draft["id"]))
        self.assertEqual(self._threads("Sent"), ["hall"])

    def _threads(self, folder):
        return [listing.thread_id for listing in self.server.session().changes(folder, "").listings]

    def test_pasted_pictures_go_with_the_text_once(self):
        draft = self.write(body=f'<p>See <img src="data:image/png;base64,{PIXEL}"></p>')
        self.call("save", draft.id, {"body": f'<p>Look <img src="data:image/png;base64,{PIXEL}"></p>'})
        kept = mime.read_letter(self.server.content(self.server.remote_ids("Drafts")[0]))
        self.assertEqual([(f.inline, f.content) for f in kept.files], [(True, base64.b64decode(PIXEL))])
        shown = self.call("begin", "draft", item_id=self.item_of(draft.remote_id).id)
        self.assertIn(f'src="/web/image/{draft.file_ids.id}?', shown["body"])
        self.assertEqual(shown["files"], [])
        self.call("save", draft.id, {"body": shown["body"].replace("Look", "Again")})
        self.assertEqual(len(draft.file_ids), 1)
        self.call("save", draft.id, {"body": "<p>No picture</p>"})
        self.assertEqual(mime.read_letter(self.server.content(draft.remote_id)).files, ())

    def test_pictures_of_others_do_not_leave_with_a_letter(self):
        stranger = self.env["ir.attachment"].create(
            {"name": "secret.png", "raw": b"secret", "mimetype": "image/png", "res_model": "ir.cron", "res_id": 1}
        )
        draft = self.write(body=f'<p><img src="/web/image/{stranger.id}"></p>')
        self.addCleanup(self.env["ir.attachment"].browse(stranger.id).unlink)
        self.assertFalse(draft.file_ids)

    def test_what_is_typed_cannot_run(self):
        draft = self.write(body='<p onclick="x()">a<script>alert(1)</script><a href="javascript:x()">b</a></p>')
        self.assertNotRegex(draft.body, "script|onclick")

    def test_files_are_kept_as_they_are_and_as_many_as_fit(self):
        draft = self.write()
        draft._attach([File("plan.svg", "image/svg+xml", b"<svg/>"), File("x.png", "image/png", b"\x89PNG big")])
        shown = self.call("save", draft.id, {})["files"]
        self.assertEqual([(f["name"], f["size"]) for f in shown], [("plan.svg", 6), ("x.png", 8)])
        self.call("remove_file", draft.id, shown[0]["id"])
        kept = mime.read_letter(self.server.content(self.call_save(draft)))
        self.assertEqual(
            [(f.name, f.content_type, f.content) for f in kept.files], [("x.png", "image/png", b"\x89PNG big")]
        )
        with self.assertRaisesRegex(UserError, "too large"):
            draft._attach([File("x.bin", "", bytes(draft._most_bytes()))])

    def call_save(self, draft):
        self.call("save", draft.id, {})
        return draft.remote_id

    def test_an_answer_to_a_message_that_is_not_archived(self):
        self.receive(letter("Zed <zed@nowhere.test>", "owner@scan-own.test", "ben@nowhere.test", subject="Hello"))
        item = self.env["crm.mail.item"].search([("is_here", "=", True)])
        draft = self.call("begin", "reply_all", item_id=item.id)
        self.assertEqual(draft["subject"], "Re: Hello")
        self.assertEqual([p["address"] for p in draft["to"]], ["zed@nowhere.test", "ben@nowhere.test"])
        self.assertIn("Zed &lt;zed@nowhere.test&gt; wrote:", draft["quote"])
        self.assertIn("the offer is attached", draft["quote"])

    def test_a_letter_is_passed_on_with_its_files(self):
        item = self.receive(with_files("Anna <anna@acme-scan.test>", "owner@scan-own.test"))
        self.assertTrue(self.letters())
        draft = self.call("begin", "forward", item_id=item.id)
        self.assertEqual((draft["subject"], draft["to"]), ("Fwd: Plans", []))
        self.assertEqual([file["name"] for file in draft["files"]], ["plan.html"])
        self.assertIn("Forwarded message", draft["quote"])
        message = mime.read_letter(self.record(draft["id"])._as_message("x@y"))
        self.assertEqual(
            {file.name: file.content for file in message.files},
            {"plan.html": b"<script>1</script>", "logo.png": b"logo"},
        )
        self.assertEqual([file.name for file in message.files if file.inline], ["logo.png"])

    def test_an_answer_takes_the_pictures_that_it_quotes_and_no_files(self):
        item = self.receive(with_files("Anna <anna@acme-scan.test>", "owner@scan-own.test"))
        draft = self.record(self.call("begin", "reply", item_id=item.id)["id"])
        self.assertEqual(draft.file_ids.mapped("name"), ["logo.png"])
        self.assertFalse(draft._attached_files())
        self.call("save", draft.id, {"quote": ""})
        self.assertFalse(mime.read_letter(draft._as_message("x@y")).files)

    def test_a_colleagues_letter_to_a_customer_is_answered_to_the_customer(self):
        self.server.deliver(
            letter("owner@scan-own.test", "Anna <anna@acme-scan.test>", "Bo <bo@acme-scan.test>"), "Sent"
        )
        self.scan()
        drafts = self.drafts.with_user(self._colleague_with_mailbox())
        values = drafts.begin("reply", email_id=self.letters().id)
        self.assertEqual([person["address"] for person in values["to"]], ["anna@acme-scan.test", "bo@acme-scan.test"])

    def test_ids_of_letters_that_one_does_not_hold_do_not_leave(self):
        item = self.receive(with_files("Anna <anna@acme-scan.test>", "owner@scan-own.test"))
        letter_of_owner = self.letters()
        other = self._colleague_with_mailbox()
        drafts = self.drafts.with_user(other)
        values = drafts.begin("reply", email_id=letter_of_owner.id)
        draft = self.record(values["id"])
        self.assertEqual(values["to"], [{"name": "Anna", "address": "anna@acme-scan.test"}])
        self.assertFalse(draft.in_reply_to or draft.reference_ids)
        self.cr.commit()
        letter_of_owner.with_user(self.user).action_make_private()
        self.cr.commit()
        with self.assertRaises(AccessError):
            drafts.begin("reply", email_id=letter_of_owner.id)
        own = self.record(self.call("begin", "reply", item_id=item.id)["id"])
        self.assertEqual(own.in_reply_to, "plans@acme-scan.test")

    def _colleague_with_mailbox(self):
        from odoo.tests import new_test_user

        user = new_test_user(
            self.env,
            login="scan.other",
            groups="base.group_user,sales_team.group_sale_salesman",
            email="o@scan-own.test",
        )
        self._mailbox(user, "o@scan-own.test")
        self.mailbox.with_user(self.user).visibility = "everything"
        self.cr.commit()
        return user

    def test_nobody_else_sees_or_changes_a_draft(self):
        draft = self.write()
        other = self._colleague_with_mailbox()
        drafts = self.drafts.with_user(other)
        self.assertFalse(drafts.search([]))
        with self.assertRaises(AccessError):
            drafts.browse(draft.id).read(["subject"])
        for method, args in (
            ("save", [{}]),
            ("discard", []),
            ("send_later", [{}]),
            ("undo_send", []),
            ("send_now", []),
        ):
            with self.subTest(method), self.assertRaises(UserError):
                getattr(drafts, method)(draft.id, *args)
        item = self.item_of(draft.remote_id)
        with self.assertRaises(UserError):
            drafts.begin("draft", item_id=item.id)

    def test_who_may_not_send_is_told_why(self):
        why = "Press “Test connection”."
        with patch.object(self.registry["crm.mail.mailbox"], "_why_not_send_imap", lambda _mailbox: why):
            self.assertEqual(self.refusal("begin", "new"), why)

    def test_who_has_no_mailbox_is_told_to_connect_one(self):
        self.env["crm.mail.mailbox"].search([]).unlink()
        with self.assertRaisesRegex(UserError, "Connect a mailbox first"):
            self.call("begin", "new")
