# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What "this conversation", "this address" and "this domain" cover: archived letters and messages that were skipped."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailsync import identity, search_keys
from ..mailsync.domains import is_within
from ..scan.ourselves import ourselves, public_domains

# Beyond that nobody needs a figure.
MOST_COUNTED = 1000
# A conversation that is longer is a machine's.
_MOST_OF_A_THREAD = 2000


class Covered:
    """The letters and messages that a scope covers for the user of these letters.

    :param letters: those that the user chose
    :param scope: letter, thread, address or domain
    :param learned: the address or domain
    """

    def __init__(self, letters, scope, learned=None):
        self.env = letters.env
        self.chosen = letters
        self.scope = scope
        self.learned = learned
        self._letters = letters.sudo(False)
        # What a letter refers to is part of its head: one that shows none leads to no others, and none lead to it.
        self._thread = _conversation(self._letters.filtered("is_head_shown")) if scope == "thread" else None

    def letters(self):
        """All archived letters that it covers and the user may read, those that he chose among them."""
        if self.scope == "letter":
            return self.chosen
        return self.chosen | self._letters.search(self._domain())

    def count_letters(self):
        """How many these are; one more than MOST_COUNTED stands for all that is more."""
        if self.scope == "letter":
            return len(self.chosen)
        others = self._domain() & Domain("id", "not in", self.chosen.ids)
        return min(self._letters.search_count(others, limit=MOST_COUNTED + 1) + len(self.chosen), MOST_COUNTED + 1)

    def _domain(self):
        if self.scope == "thread":
            return Domain("id", "in", self._thread.ids) & Domain("head_ids", "any", [])
        return Domain("participant_ids", "any", [(self.scope, "=", self.learned)])

    def count_waiting(self):
        """How many skipped messages of the user's own mailboxes it would have fetched; limited as above."""
        condition = self._waiting()
        if condition is None:
            return 0
        rows = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM (SELECT 1 FROM crm_mail_copy c WHERE %s LIMIT %s) AS counted",
                condition,
                MOST_COUNTED + 1,
            )
        )
        return rows[0][0]

    def fetch_waiting(self):
        """Have those messages fetched by the next scan; how many they are."""
        condition = self._waiting()
        if condition is None:
            return 0
        self.env["crm.mail.copy"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "UPDATE crm_mail_copy c SET state = 'pending', reason = NULL, reason_text = NULL, attempts = 0"
                " WHERE %s RETURNING c.mailbox_id",
                condition,
            )
        )
        self.env["crm.mail.copy"].invalidate_model()
        self.env["crm.mail.mailbox"].sudo().browse({mailbox_id for (mailbox_id,) in rows})._hurry()
        return len(rows)

    def _waiting(self):
        """The condition on copies: the user's own that were skipped for want of anybody known, and can be fetched."""
        found = self._found_by_keys()
        if found is None:
            return None
        return SQL(
            """
            c.state = 'skipped' AND c.reason IN ('nobody_known', 'expired') AND c.email_id IS NULL
            AND NOT COALESCE(c.is_removed, FALSE) AND NOT COALESCE(c.is_stale, FALSE)
            AND c.folder_id IN (SELECT f.id FROM crm_mail_folder f JOIN crm_mail_mailbox m ON m.id = f.mailbox_id
                                 WHERE m.user_id = %s AND m.company_id = %s
                                   AND (m.scan_since IS NULL OR c.received IS NULL OR c.received >= m.scan_since)
                                   AND f.selected AND NOT COALESCE(f.is_gone, FALSE))
            AND %s
            """,
            self.env.uid,
            self.env.company.id,
            found,
        )

    def _found_by_keys(self):
        if self.scope == "address":
            return SQL(
                "c.search_keys @> ARRAY[%s]::bigint[] AND %s = ANY(string_to_array(c.addresses, ' '))",
                search_keys.address_key(self.learned),
                self.learned,
            )
        if self.scope == "domain":
            # The key is one of the domains below it too.
            return SQL(
                "c.search_keys @> ARRAY[%s]::bigint[] AND EXISTS (SELECT FROM unnest(string_to_array(c.addresses, ' '))"
                " AS a (address) WHERE right(a.address, %s) = %s)",
                search_keys.domain_key(self.learned),
                len(self.learned) + 1,
                f"@{self.learned}",
            )
        if self.scope == "thread":
            # As in the scan, replies are followed from letters that the user holds himself.
            own = self._letters.search([*self._domain(), ("owner_ids", "in", [self.env.uid])])
            keys = [identity.thread_key(letter.message_id) for letter in own if letter.message_id]
            return SQL("c.thread_keys && %s::bigint[]", keys) if keys else None
        return None


def _conversation(letters):
    """All letters that refer to one another, however far, as far as the mailboxes' lists of messages tell.

    The caller narrows them down to those that the user may read.
    """
    env = letters.env
    env.flush_all()
    found, keys = set(letters.ids), set()
    while True:
        known = len(found), len(keys)
        rows = env.execute_query(
            SQL(
                """
                SELECT h.message_id, ARRAY(SELECT DISTINCT k FROM crm_mail_copy c, unnest(c.thread_keys) AS k
                                            WHERE c.email_id = h.email_id)
                  FROM crm_mail_head h WHERE h.email_id = ANY(%s)
                """,
                list(found),
            )
        )
        for message_id, ancestors in rows:
            keys.update(ancestors, [identity.thread_key(message_id)] if message_id else ())
        rows = env.execute_query(
            SQL(
                """
                SELECT email_id FROM crm_mail_head
                 WHERE message_id IS NOT NULL AND crm_mail_thread_key(message_id) = ANY(%(keys)s)
                 UNION
                SELECT email_id FROM crm_mail_copy
                 WHERE thread_keys IS NOT NULL AND email_id IS NOT NULL AND thread_keys && %(keys)s::bigint[]
                """,
                keys=list(keys),
            )
        )
        found.update(letter_id for (letter_id,) in rows)
        if (len(found), len(keys)) == known or len(found) > _MOST_OF_A_THREAD:
            return letters.browse(found)


def check_can_be_learned(env, scope, learned):
    """Refuse what would sweep in everybody's letters.

    :raises UserError: with a sentence that says why and what to do
    """
    if why := why_not_learned(env, scope, learned):
        raise UserError(why)


def why_not_learned(env, scope, learned):
    """The sentence that says why this cannot be learned; "" if it can."""
    if scope not in ("address", "domain"):
        return ""
    if not learned:
        return env._("These emails have no common address. Choose “These emails” or the conversation.")
    if scope == "address":
        if env["crm.mail.email"]._outsiders_among([learned]):
            return ""
        return env._("%(address)s is an address of our own: it is in nearly every email.", address=learned)
    if is_within(learned, ourselves(env).all_domains):
        return env._("%(domain)s is our own domain: it is in nearly every email.", domain=learned)
    if learned in public_domains(env):
        return env._(
            "%(domain)s is a public mail provider: its addresses belong to everybody. Choose the address instead.",
            domain=learned,
        )
    return ""
