# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which messages are one conversation, where the server does not say so: those that name each other (RFC 5256 §3).

Each Message-ID that was met or named belongs to one conversation. A message that names those of two makes them one, so
that it does not matter in which order messages come.
"""

from odoo.tools import SQL

from .bulk import execute


def join(env, mailbox_id, messages):
    """The conversation of each of these messages.

    :param messages: for each the keys of its own Message-ID and of its ancestors (``identity.thread_key``), at least
        one
    """
    keys = sorted({key for message in messages for key in message})
    rows = execute(
        env,
        SQL(
            "SELECT key, conversation FROM crm_mail_item_thread WHERE mailbox_id = %s AND key = ANY(%s)",
            mailbox_id,
            keys,
        ),
    ).fetchall()
    known = dict(rows)
    groups = _Groups()
    for message in messages:
        groups.unite([node for key in message for node in _nodes(key, known)])
    heads = groups.heads({("conversation", conversation) for conversation in known.values()})
    found = {key: heads[groups.root(("key", key))] for key in keys}
    _merge(env, mailbox_id, {old: found[key] for key, old in known.items() if found[key] != old})
    _add(env, mailbox_id, {key: found[key] for key in keys if key not in known})
    return [found[message[0]] for message in messages]


def _nodes(key, known):
    yield ("key", key)
    if key in known:
        yield ("conversation", known[key])


def _add(env, mailbox_id, conversations):
    execute(
        env,
        SQL(
            """
            INSERT INTO crm_mail_item_thread (mailbox_id, key, conversation)
            SELECT %s, key, conversation FROM unnest(%s::bigint[], %s::bigint[]) AS n (key, conversation)
                ON CONFLICT DO NOTHING
            """,
            mailbox_id,
            list(conversations),
            list(conversations.values()),
        ),
    )


def _merge(env, mailbox_id, moved):
    """Several conversations turned out to be one."""
    if not moved:
        return
    for table in ("crm_mail_item_thread", "crm_mail_item"):
        execute(
            env,
            SQL(
                """
                UPDATE %s t SET conversation = n.new
                  FROM unnest(%s::bigint[], %s::bigint[]) AS n (old, new)
                 WHERE t.mailbox_id = %s AND t.conversation = n.old
                """,
                SQL.identifier(table),
                list(moved),
                list(moved.values()),
                mailbox_id,
            ),
        )


class _Groups:
    """Sets that are united (union-find with path halving)."""

    def __init__(self):
        self._above = {}

    def root(self, node):
        above = self._above
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def unite(self, nodes):
        first = self.root(nodes[0])
        for node in nodes[1:]:
            self._above[self.root(node)] = first

    def heads(self, conversations):
        """Root → the conversation that all of its set are: one that is there already, else the first key met."""
        heads = {}
        for node in sorted(conversations):
            heads.setdefault(self.root(node), node[1])
        for node in list(self._above):
            heads.setdefault(self.root(node), self.root(node)[1])
        return heads
