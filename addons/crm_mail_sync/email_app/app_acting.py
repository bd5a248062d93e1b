# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the owner does to messages: in the mailbox first, then, in one commit, in the index."""

from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..mailsync.acting import FLAGGED, SEEN
from ..mailsync.errors import MailSyncError
from ..models import error_texts
from ..models.acting import acting_session
from ..scan.bulk import execute
from ..scan.indexing import Changed
from ..scan.live import send
from ..scan.unit import Unit
from . import acted
from .telling import OUTGOING

# Action → (flag, whether it is set, the action that undoes it).
_FLAGS = {
    "read": (SEEN, True, "unread"),
    "unread": (SEEN, False, "read"),
    "star": (FLAGGED, True, "unstar"),
    "unstar": (FLAGGED, False, "star"),
}
_MOVES = ("archive", "move", "delete", "spam", "not_spam")
_FROM_INBOX = ("archive", "delete", "spam")
_MOST_ITEMS = 1_000


@dataclass(frozen=True)
class Lying:
    """An item where it lies; ``folder_id`` and ``folder`` are those that it is taken out of."""

    item_id: int
    copy_id: int
    remote_id: str
    folder_id: int
    folder: str


class CrmMailAppEmail(models.AbstractModel):
    _inherit = "crm.mail.app.email"

    @api.model
    def act(self, action, item_ids, folder_id=None, from_folder_id=None):
        """Do this to messages in the mailbox itself; the archive stays as it is.

        At Gmail, to archive is to take a message out of the inbox and nothing else.

        :param folder_id: where "move" moves to; of an undo it may be what that was told: item → directory
        :param from_folder_id: the directory that they are seen in
        :raises UserError: the server refuses; what is said to be undone is as before
        """
        mailbox = self._own()
        if action not in _FLAGS and action not in _MOVES:
            raise UserError(self.env._("There is no such action: %(action)s.", action=action))
        if len(item_ids) > _MOST_ITEMS:
            raise UserError(
                self.env._("These are too many at once. Choose %(count)s emails at most.", count=_MOST_ITEMS)
            )
        seen_in = [from_folder_id or 0]
        if acted.has_labels(mailbox) and action in _FROM_INBOX:
            # That is the label which these take away, wherever a message is looked at.
            seen_in = [mailbox.folder_ids.filtered(lambda f: f.role == "inbox")[:1].id or 0, *seen_in]
        lying = self._lying(mailbox, item_ids, seen_in)
        if acted.has_labels(mailbox) and action == "archive":
            lying = [item for item in lying if item.folder_id == seen_in[0]]
        elif action in ("archive", "spam") and not from_folder_id:
            # Of a conversation that is seen as a whole; one's own answers in it stay where they are.
            own = set(mailbox.folder_ids.filtered(lambda f: f.role in OUTGOING).ids)
            lying = [item for item in lying if item.folder_id not in own]
        if not lying:
            return {"undo": None, "folders": self._folders(mailbox)}
        if why := mailbox._why_not_act():
            raise UserError(why)
        if action in _FLAGS:
            undo = self._act_flags(mailbox, action, lying)
        else:
            undo = self._act_moves(mailbox, action, lying, folder_id)
        return {"undo": undo, "folders": self._folders(mailbox)}

    @api.model
    def _lying(self, mailbox, item_ids, seen_in):
        """Those of these items that are the mailbox's, where they lie: in the first of these folders, if it does."""
        question = SQL(
            """
            SELECT i.id, c.id, c.remote_id, f.id, f.remote_id
              FROM crm_mail_item i
              JOIN crm_mail_copy c ON c.id = i.copy_id
              JOIN crm_mail_folder f ON f.id = COALESCE(
                   (SELECT m.folder_id FROM crm_mail_item_folder m WHERE m.item_id = i.id AND m.folder_id = ANY(%s)
                     ORDER BY array_position(%s, m.folder_id) LIMIT 1),
                   -- It holds all of them, listed or not.
                   (SELECT a.id FROM crm_mail_folder a
                     WHERE a.id = %s AND a.mailbox_id = i.mailbox_id AND a.role = 'all' AND %s),
                   c.folder_id)
             WHERE i.mailbox_id = %s AND i.id = ANY(%s) AND c.is_stale IS NOT TRUE
             ORDER BY f.id, i.id
            """,
            seen_in,
            seen_in,
            seen_in[-1],
            acted.has_labels(mailbox),
            mailbox.id,
            [int(item_id) for item_id in item_ids],
        )
        return [Lying(*row) for row in execute(self.env, question).fetchall()]

    # Read and starred

    @api.model
    def _act_flags(self, mailbox, action, lying):
        flag, is_set, inverse = _FLAGS[action]
        changing = set(acted.without_flag(self.env, [item.copy_id for item in lying], flag, is_set))
        lying = [item for item in lying if item.copy_id in changing]
        if not lying:
            return None

        def ask(actor, folder, some):
            marks = {"add": (flag,)} if is_set else {"remove": (flag,)}
            actor.set_flags(folder, [item.remote_id for item in some], **marks)

        def store(some, _answer):
            acted.set_flag(self.env, [item.copy_id for item in some], flag, is_set)

        self._do(mailbox, lying, ask, store)
        return {
            "action": inverse,
            "item_ids": [item.item_id for item in lying],
            "folder_id": None,
            "from_folder_id": None,
        }

    # Where they lie

    @api.model
    def _act_moves(self, mailbox, action, lying, folder_id):
        targets = self._targets(mailbox, action, lying, folder_id)
        lying = [item for item in lying if action in ("archive", "delete") or targets[item.item_id] != item.folder]
        by_id = {item.copy_id: item for item in lying}

        def ask(actor, folder, some):
            ids = [item.remote_id for item in some]
            if action in ("archive", "delete"):
                return [(some, getattr(actor, action)(folder, ids))]
            placed = []
            for target in dict.fromkeys(targets[item.item_id] for item in some):
                moved = [item for item in some if targets[item.item_id] == target]
                placed.append((moved, actor.move(folder, [item.remote_id for item in moved], target)))
            return placed

        ended = []

        def store(_some, answer):
            for moved, placed in answer:
                ended.extend(acted.move(self.env, mailbox, moved, placed))

        self._do(mailbox, lying, ask, store)
        back = {by_id[copy_id].item_id: by_id[copy_id].folder_id for copy_id, _folder_id in ended}
        now = {folder_id for _copy_id, folder_id in ended}
        if not back or len(now) != 1:
            return None
        before = set(back.values())
        return {
            "action": "move",
            "item_ids": list(back),
            "folder_id": before.pop() if len(before) == 1 else {str(item): place for item, place in back.items()},
            "from_folder_id": now.pop(),
        }

    @api.model
    def _targets(self, mailbox, action, lying, folder_id):
        """Item → the remote id of the folder that it is moved to, where the server does not choose that itself."""
        if action in ("archive", "delete"):
            return {}
        role = {"spam": "junk", "not_spam": "inbox"}.get(action)
        folders = mailbox.folder_ids.filtered(lambda f: f.selectable and not f.is_gone)
        by_id = {folder.id: folder.remote_id for folder in folders}
        if role:
            folder_id = folders.filtered(lambda f: f.role == role)[:1].id
            if not folder_id:
                raise UserError(self.env._("Your mailbox has no directory for this."))
        wanted = folder_id if isinstance(folder_id, dict) else {str(item.item_id): folder_id for item in lying}
        targets = {item.item_id: by_id.get(wanted.get(str(item.item_id))) for item in lying}
        if not all(targets.values()):
            raise UserError(self.env._("Choose a directory of your own mailbox."))
        return targets

    # The mailbox, then the index

    @api.model
    def _do(self, mailbox, lying, ask, store):
        """Have the server do it folder by folder, with no transaction open, and store what it has done.

        What a folder's messages were done before the server refused those of another is stored, for it is so.
        """
        by_folder = {}
        for item in lying:
            by_folder.setdefault((item.folder_id, item.folder), []).append(item)
        done, failure = [], None
        try:
            with acting_session(mailbox) as actor:
                for (_folder_id, folder), some in by_folder.items():
                    done.append((some, ask(actor, folder, some)))
        except MailSyncError as error:
            failure = error
        if done:
            Unit(self.env).run(self._store, mailbox, done, store)
        if failure:
            # Nobody knows how much of what was asked for last was done.
            Unit(self.env).run(self.watch)
            raise UserError(error_texts.explain(self.env, failure, mailbox)) from failure

    @api.model
    def _store(self, mailbox, done, store):
        changed = Changed()
        for some, answer in done:
            store(some, answer)
            changed.items.update(item.item_id for item in some)
            changed.folders.update(item.folder_id for item in some)
        self.env.invalidate_all(flush=False)
        send(self.env.user, mailbox.id, changed)
