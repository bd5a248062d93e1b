# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Learned assignments in a scan: which of them speak for a batch of letters, and what they did to its links."""

from collections import defaultdict

from odoo.tools import SQL

from ..mailsync.domains import ascii_domain
from ..mailsync.learned import Rule
from ..mailsync.matching import Target, asked_addresses
from .bulk import execute

_ABSENT, _LINKED, _UNDONE = "absent", "linked", "undone"


class Rules:
    """The rules for a batch: ``by_key`` (scope, address | domain | Message-ID) → rules."""

    def __init__(self, matching, by_key):
        self.matching = matching
        self.by_key = by_key

    def of(self, head):
        """The rules that speak for this letter, each once."""
        if not self.by_key:
            return ()
        addresses = asked_addresses(head, self.matching)
        keys = [("address", address) for address in addresses]
        keys += [("domain", domain) for domain in _domains(addresses, self.matching)]
        keys += [("thread", message_id) for message_id in head.thread_ids]
        return tuple({rule.id: rule for key in keys for rule in self.by_key.get(key, ())}.values())


def find_rules(env, heads, scope):
    """The learned assignments that speak for any of these heads; one query.

    A rule holds for the mailboxes of its company, or for its maker's own only. As with replies, a conversation is
    followed from letters that the mailbox's owner holds.
    """
    addresses = {address for head in heads for address in asked_addresses(head, scope.matching)}
    domains = _domains(addresses, scope.matching)
    ancestors = {message_id for head in heads for message_id in head.thread_ids}
    rows = execute(
        env,
        SQL(
            """
            WITH spoken (scope, key, id) AS (
                SELECT a.scope, a.learned, a.id FROM crm_mail_assignment a
                 WHERE a.is_undone IS NOT TRUE
                   AND (a.scope = 'address' AND a.learned = ANY(%(addresses)s)
                        OR a.scope = 'domain' AND a.learned = ANY(%(domains)s))
                UNION
                SELECT 'thread', h.message_id, a.id
                  FROM crm_mail_head h
                  JOIN crm_mail_email_owner_rel o ON o.email_id = h.email_id AND o.user_id = %(user)s
                  JOIN crm_mail_link k ON k.email_id = h.email_id
                  JOIN crm_mail_assignment_change c ON c.link_id = k.id
                  JOIN crm_mail_assignment a ON a.id = c.assignment_id
                 WHERE h.message_id = ANY(%(ancestors)s) AND a.scope = 'thread' AND a.is_undone IS NOT TRUE
            )
            SELECT s.scope, s.key, s.id, COALESCE(t.is_source, FALSE), %(columns)s
              FROM spoken s
              JOIN crm_mail_assignment a ON a.id = s.id
              JOIN crm_mail_assignment_target t ON t.assignment_id = s.id
             WHERE a.company_id = %(company)s AND (a.is_for_company OR a.user_id = %(user)s) AND %(of_company)s
            """,
            addresses=list(addresses),
            domains=list(domains),
            ancestors=list(ancestors),
            user=scope.user_id,
            company=scope.company_id,
            columns=_columns(env, "t"),
            of_company=_of_company(env, scope.company_id),
        ),
    ).fetchall()
    return Rules(scope.matching, _gather(rows, env["crm.mail.link"]._target_kinds()))


def _domains(addresses, matching):
    """The domains of these addresses and none above them, but those that are ours or everybody's."""
    found = {address.rpartition("@")[2] for address in addresses if "@" in address}
    return {domain for domain in found if ascii_domain(domain) not in matching.ignored_domains}


def _columns(env, alias):
    return SQL(", ").join(SQL.identifier(alias, column) for column in env["crm.mail.link"]._target_kinds().values())


def _of_company(env, company_id):
    """Records that have moved to another company since are out of reach."""
    return SQL(" AND ").join(
        SQL(
            "(t.%(column)s IS NULL OR EXISTS (SELECT FROM %(table)s x WHERE x.id = t.%(column)s"
            " AND (x.company_id IS NULL OR x.company_id = %(company)s)))",
            column=SQL.identifier(column),
            table=SQL.identifier(env[model]._table),
            company=company_id,
        )
        for model, column in env["crm.mail.link"]._target_columns().items()
    )


def _gather(rows, kinds):
    keys, adds, removes = defaultdict(set), defaultdict(set), defaultdict(set)
    for scope, key, rule_id, is_source, *targets in rows:
        keys[scope, key].add(rule_id)
        named = {Target(kind, target) for kind, target in zip(kinds, targets, strict=True) if target}
        (removes if is_source else adds)[rule_id] |= named
    rules = {rule_id: Rule(rule_id, tuple(adds[rule_id]), tuple(removes[rule_id])) for rule_id in adds}
    return {key: [rules[i] for i in ids if i in rules] for key, ids in keys.items()}


def record_learned(env, made):
    """Note what rules did to these new links, (id, match), so that it goes when the rule is undone.

    The lock makes a rule that was undone meanwhile a conflict, and the batch is decided again.
    """
    if not made:
        return
    rules = sorted({rule_id for _link, match in made for rule_id, _on in match.changes})
    execute(env, SQL("SELECT id FROM crm_mail_assignment WHERE id = ANY(%s) ORDER BY id FOR SHARE", rules))
    rows = [row for link_id, match in made for row in _changes(link_id, match)]
    execute(
        env,
        SQL(
            """
            INSERT INTO crm_mail_assignment_change (assignment_id, link_id, is_on, before)
            SELECT * FROM unnest(%s::int[], %s::int[], %s::bool[], %s::text[])
            """,
            *map(list, zip(*rows, strict=True)),
        ),
    )
    execute(
        env,
        SQL(
            """
            UPDATE crm_mail_link l
               SET assignment_id = n.made_by, undone_by_id = n.undone_by, maker_id = a.user_id
              FROM unnest(%s::int[], %s::int[], %s::int[]) AS n (id, made_by, undone_by)
              LEFT JOIN crm_mail_assignment a ON a.id = n.made_by
             WHERE l.id = n.id
            """,
            [link_id for link_id, _match in made],
            [next((rule for rule, on in reversed(match.changes) if on), None) for _link, match in made],
            [None if match.is_active else match.changes[-1][0] for _link, match in made],
        ),
    )


def _changes(link_id, match):
    """(rule, link, whether it set the link, what it found)."""
    before = _ABSENT if match.reason == "learned" else _LINKED
    for rule_id, is_on in match.changes:
        yield rule_id, link_id, is_on, before
        before = _LINKED if is_on else _UNDONE
