# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters that are archived, decided anew."""

from collections import defaultdict

from odoo import fields
from odoo.tools import SQL

from ..mailsync.domains import ascii_domain, is_within
from ..mailsync.letter import Address, Head
from .bulk import execute
from .decider import KEEP, decide
from .following import wake_followers
from .writer import Item, Writer


class OlderLetters:
    """Finds the letters in which one of the wanted addresses takes part, and links them as a scan would today."""

    def __init__(self, env, wanted, scopes):
        self.env = env
        self.wanted = wanted
        self.scopes = scopes

    def _domains(self):
        """The wanted domains, and those below them that there are letters of.

        One step into the index for each domain that there is: it is not sorted by what lies below what.
        """
        if not self.wanted.domains:
            return []
        rows = execute(
            self.env,
            SQL(
                """
                WITH RECURSIVE met AS (
                    SELECT (SELECT min(domain) FROM crm_mail_participant) AS domain
                     UNION ALL
                    SELECT (SELECT min(domain) FROM crm_mail_participant WHERE domain > met.domain)
                      FROM met WHERE met.domain IS NOT NULL
                )
                SELECT domain FROM met WHERE domain IS NOT NULL
                """
            ),
        )
        return [domain for (domain,) in rows.fetchall() if is_within(ascii_domain(domain), self.wanted.domains)]

    def list(self, position, limit):
        """Ids of such letters behind ``position``."""
        rows = execute(
            self.env,
            SQL(
                """
                SELECT email_id FROM crm_mail_participant WHERE address = ANY(%(addresses)s) AND email_id > %(position)s
                UNION
                SELECT email_id FROM crm_mail_participant WHERE domain = ANY(%(domains)s) AND email_id > %(position)s
                UNION
                SELECT email_id FROM crm_mail_copy WHERE mailbox_id = ANY(%(mailboxes)s) AND email_id > %(position)s
                 ORDER BY 1 LIMIT %(limit)s
                """,
                addresses=list(self.wanted.addresses),
                domains=self._domains(),
                mailboxes=self.wanted.mailbox_ids,
                position=position,
                limit=limit,
            ),
        )
        return [email_id for (email_id,) in rows.fetchall()]

    def handle(self, email_ids):
        """Decide anew on these, for each mailbox that holds them, and link them; within the caller's transaction."""
        heads = self._heads(email_ids)
        found = defaultdict(lambda: defaultdict(int))
        for mailbox_id, held in self._holders(email_ids).items():
            scope = self.scopes.of(mailbox_id)
            linked = Writer(self.env, scope).link(self._items(held, heads, scope), fields.Datetime.now())
            for _email_id, kind, record_id in linked:
                if row_id := self.wanted.targets.get((kind, record_id)):
                    found[row_id][mailbox_id] += 1
            self._follow({email_id: heads[email_id].message_id for email_id, _kind, _id in linked}, scope)
        self.env["crm.mail.rematch"]._add_found(found)

    def _items(self, email_ids, heads, scope):
        decisions = decide(
            self.env, [heads[i] for i in email_ids], [frozenset()] * len(email_ids), [""] * len(email_ids), scope
        )
        return [
            Item(None, None, tuple(m for m in decision.matches if m.reason != "thread"), email_id)
            for email_id, decision in zip(email_ids, decisions, strict=True)
            if decision.state == KEEP
        ]

    def _heads(self, email_ids):
        """What is kept of the letters' headers.

        Each letter stands for its own thread: of several leads of one address it stays with the one it has.
        """
        addresses = defaultdict(list)
        rows = execute(
            self.env,
            SQL(
                "SELECT email_id, role, address FROM crm_mail_participant WHERE email_id = ANY(%s) ORDER BY id",
                email_ids,
            ),
        ).fetchall()
        for email_id, role, address in rows:
            addresses[email_id].append(Address("", address, role))
        rows = execute(
            self.env,
            SQL(
                """
                SELECT e.id, h.message_id, e.kind
                  FROM crm_mail_email e LEFT JOIN crm_mail_head h ON h.email_id = e.id WHERE e.id = ANY(%s)
                """,
                email_ids,
            ),
        ).fetchall()
        return {
            email_id: Head(
                message_id=message_id or "",
                in_reply_to=(message_id,) if message_id else (),
                addresses=tuple(addresses[email_id]),
                bulk=kind == "bulk",
                auto_submitted="auto-replied" if kind == "automatic" else "",
            )
            for email_id, message_id, kind in rows
        }

    def _holders(self, email_ids):
        """Mailbox → the letters among these that lie in it. A letter of no mailbox is nobody's to decide on."""
        holders = defaultdict(list)
        rows = execute(
            self.env,
            SQL(
                """
                SELECT DISTINCT mailbox_id, email_id FROM crm_mail_copy WHERE email_id = ANY(%s)
                 ORDER BY mailbox_id, email_id
                """,
                email_ids,
            ),
        ).fetchall()
        for mailbox_id, email_id in rows:
            holders[mailbox_id].append(email_id)
        return holders

    def _follow(self, letters, scope):
        """These belong to somebody now, and with them replies from unknown addresses."""
        execute(
            self.env,
            SQL(
                "UPDATE crm_mail_copy SET reason = 'matched'"
                " WHERE mailbox_id = %s AND email_id = ANY(%s) AND state = 'kept' AND reason = 'scan_all'",
                scope.mailbox_id,
                list(letters),
            ),
        )
        woken = wake_followers(self.env, scope, letters)
        self.env["crm.mail.mailbox"].browse({mailbox_id for mailbox_id, _state in woken})._hurry()
