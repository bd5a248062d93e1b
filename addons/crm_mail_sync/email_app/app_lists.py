# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lists of conversations: each page is a walk along an index from where the last one ended."""

from odoo import api, models
from odoo.exceptions import MissingError
from odoo.tools import SQL

from ..scan import put_away
from ..scan.bulk import execute
from ..scan.scope import own_addresses_of
from .places import Place
from .searching import Search
from .telling import Teller

MOST_ROWS = 100
# Messages of a conversation that a row acts on, and that the pane shows.
_MOST_ITEMS = 100
_MOST_LETTERS = 20
_MOST_MESSAGES = 200

_ITEM = SQL(
    """
    i.id, i.received, i.sender_name, i.sender_address, i.subject, i.snippet, i.has_files, i.is_seen, i.is_flagged,
    i.is_answered, i.is_draft, i.same_key, i.conversation, i.copy_id, c.email_id, c.folder_id, c.state, c.reason,
    c.reason_text, c.size
    """
)


class CrmMailAppEmail(models.AbstractModel):
    _inherit = "crm.mail.app.email"

    @api.model
    @api.readonly
    def conversations(self, folder_id, query="", only="", after=None, limit=50):
        """A page of a list, newest conversation first.

        :param folder_id: of a directory, or "all", "unread", "flagged"
        :param only: "unread", "flagged" or "files"
        :param after: what the page before said
        """
        mailbox = self._own()
        limit = max(1, min(int(limit), MOST_ROWS))
        place = Place.of(mailbox, folder_id, only)
        behind = _read_place(after)
        if (query or "").strip():
            search = Search(self.env, mailbox, place, query)
            place, heads = search.shown, search.page(behind, limit + 1)
        else:
            heads = self._walk(place, behind, limit + 1)
        rows = self._rows(mailbox, place, heads[:limit])
        following = f"{heads[limit - 1][1]}/{heads[limit - 1][0]}" if len(heads) > limit else None
        return {"rows": rows, "after": following}

    @api.model
    @api.readonly
    def conversation(self, item_id):
        """All messages of the conversation that this one belongs to, wherever they lie, oldest first, each once."""
        mailbox = self._own()
        items = self._fetch(
            SQL(
                """
                SELECT %(columns)s, i.people, 1 AS count,
                       ARRAY(SELECT f.folder_id FROM crm_mail_item_folder f WHERE f.item_id = i.id) AS folders
                  FROM (%(conversation)s ORDER BY received DESC, id DESC LIMIT %(most)s) AS x
                  JOIN crm_mail_item i ON i.id = x.id
                  JOIN crm_mail_copy c ON c.id = i.copy_id
                 ORDER BY i.received DESC, i.id DESC
                """,
                columns=_ITEM,
                conversation=self._conversation_of(mailbox, item_id),
                most=_MOST_MESSAGES,
            )
        )
        if not items:
            raise MissingError(self.env._("This email is not in your mailbox any more."))
        teller = self._teller(mailbox, items)
        once = _once(items, item_id)
        row = teller.row(items[:_MOST_ITEMS], item_id, "")
        messages = [teller.message(item, sorted(folders)) for item, folders in once]
        return {"id": item_id, "subject": row["subject"], "row": row, "messages": messages}

    @api.model
    def _conversation_of(self, mailbox, item_id):
        """The query for the items of its conversation: what lies in spam or trash is shown there only."""
        away = mailbox.folder_ids.filtered(put_away.is_away).ids
        question = SQL(
            """
            SELECT i.conversation, NOT i.is_here AND EXISTS (
                   SELECT FROM crm_mail_item_folder f WHERE f.item_id = i.id AND f.folder_id = ANY(%s))
              FROM crm_mail_item i WHERE i.id = %s AND i.mailbox_id = %s
            """,
            away,
            int(item_id),
            mailbox.id,
        )
        conversation, is_away = execute(self.env, question).fetchone() or (None, False)
        # One that lies nowhere any more was moved by another program: the others of its conversation are there.
        if not is_away:
            return SQL(
                "SELECT id FROM crm_mail_item WHERE mailbox_id = %s AND conversation = %s AND is_here",
                mailbox.id,
                conversation,
            )
        return SQL(
            "SELECT item_id AS id FROM crm_mail_item_folder WHERE folder_id = ANY(%s) AND conversation = %s",
            away,
            conversation,
        )

    @api.model
    def _walk(self, place, behind, limit):
        """[(item, received, conversation)] of a list that nothing is looked for in."""
        question = SQL(
            """
            SELECT x.%(id)s, x.received, x.conversation FROM %(table)s x
             WHERE %(where)s AND %(behind)s
               AND NOT EXISTS (SELECT FROM %(table)s n
                                WHERE %(newer)s AND n.conversation = x.conversation
                                  AND (n.received, n.%(id)s) > (x.received, x.%(id)s))
             ORDER BY x.received DESC, x.%(id)s DESC LIMIT %(limit)s
            """,
            id=place.number,
            table=place.table,
            where=place.where("x"),
            newer=place.where("n"),
            behind=place.behind("x", behind),
            limit=limit,
        )
        return execute(self.env, question).fetchall()

    @api.model
    def _rows(self, mailbox, place, heads):
        """What the list shows of these conversations."""
        if not heads:
            return []
        items = self._fetch(
            SQL(
                """
                SELECT h.head, m.count, %(columns)s, CASE WHEN m.nth = 1 OR i.id = h.head THEN i.people END AS people
                  FROM unnest(%(heads)s::int[], %(conversations)s::bigint[]) AS h (head, conversation)
                 CROSS JOIN LATERAL (
                       SELECT x.%(id)s AS id, count(*) OVER () AS count,
                              row_number() OVER (ORDER BY x.received DESC, x.%(id)s DESC) AS nth
                         FROM %(table)s x WHERE %(where)s AND x.conversation = h.conversation
                        ORDER BY x.received DESC, x.%(id)s DESC LIMIT %(most)s) AS m
                  JOIN crm_mail_item i ON i.id = m.id
                  JOIN crm_mail_copy c ON c.id = i.copy_id
                 ORDER BY i.received DESC, i.id DESC
                """,
                columns=_ITEM,
                heads=[item_id for item_id, _received, _conversation in heads],
                conversations=[conversation for _id, _received, conversation in heads],
                id=place.number,
                table=place.table,
                where=place.whole("x"),
                most=_MOST_ITEMS,
            )
        )
        by_head = {}
        for item in items:
            by_head.setdefault(item["head"], []).append(item)
        # Of a long conversation the newest letters tell what it is linked to.
        teller = self._teller(mailbox, [item for some in by_head.values() for item in some[:_MOST_LETTERS]])
        return [teller.row(by_head[head], head, place.role) for head, *_place in heads if head in by_head]

    @api.model
    def _teller(self, mailbox, items):
        teller = Teller(self.env, own_addresses_of(mailbox))
        teller.look_up([item["email_id"] for item in items])
        return teller

    @api.model
    def _fetch(self, question):
        cursor = execute(self.env, question)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _once(items, item_id):
    """(item, the folders of all its copies), oldest first; of several copies the one asked for, else the newest."""
    chosen, folders = {}, {}
    for item in items:
        key = item["same_key"]
        if key not in chosen or item["id"] == item_id:
            chosen[key] = item
        folders.setdefault(key, set()).update(item["folders"])
    return [(item, folders[key]) for key, item in reversed(chosen.items())]


def _read_place(after):
    """(received, item) behind which a page begins."""
    if not after:
        return None
    received, _, number = str(after).partition("/")
    return (received, int(number)) if number.isdecimal() else None
