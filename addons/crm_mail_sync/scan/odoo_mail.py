# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that this Odoo has sent itself, met again in a mailbox.

What it says is in Odoo already, as a message of a record. So it is told which one, to be shown there once; it belongs
to that record, whoever it was sent to; and what Odoo tells colleagues of its own accord is nobody's letter.
"""

from dataclasses import dataclass, replace

from odoo.tools import SQL
from odoo.tools.mail import email_normalize

from ..mailsync.matching import Match
from .bulk import execute

NOTIFICATION = "odoo_notification"

# In every Message-ID that Odoo makes (odoo.tools.mail.generate_tracking_message_id).
_OURS = "-openerp-"
# Decisions that say nothing against a message: only these are changed.
_OPEN = frozenset({"matched", "scan_all", "nobody_known"})


@dataclass(frozen=True)
class OdooMessage:
    """A ``mail.message`` of this database, as far as it tells what its mail is."""

    id: int
    model: str
    res_id: int
    message_type: str
    is_internal: bool
    email_from: str

    @property
    def is_received(self):
        """Whether it came by the gateway: its Message-ID is its sender's then, and known to whoever got the mail."""
        return self.message_type == "email"


def settle(env, heads, decisions, scope):
    """The decisions, after what Odoo itself knows of these messages; two or three queries, and none for other mail."""
    found = _find(env, heads)
    if not found:
        return decisions
    senders = _senders(env)
    sent = [_sent_as(head, found, scope, senders) for head in heads]
    targets = _targets(env, [message for message in sent if message], scope)
    return [
        _settle_one(head, decision, message, targets, scope) if message else decision
        for head, decision, message in zip(heads, decisions, sent, strict=True)
    ]


def note(env, items):
    """Tell letters which message of Odoo's they are, those too that were archived before it was known."""
    known = {item.email_id: item.odoo_message for item in items if item.odoo_message}
    if known:
        execute(
            env,
            SQL(
                """
                UPDATE crm_mail_email e SET odoo_message_id = n.message_id
                  FROM unnest(%s::int[], %s::int[]) AS n (email_id, message_id)
                 WHERE e.id = n.email_id AND e.odoo_message_id IS DISTINCT FROM n.message_id
                """,
                list(known),
                list(known.values()),
            ),
        )


def _settle_one(head, decision, message, targets, scope):
    if decision.reason not in (*_OPEN, "internal"):
        return decision
    if _is_notification(head, message, scope):
        return replace(decision, state="skipped", reason=NOTIFICATION, matches=())
    if decision.reason not in _OPEN:
        return decision
    decision = replace(decision, odoo_message=message.id)
    kind = targets.get((message.model, message.res_id))
    if not kind or any((m.kind, m.id) == (kind, message.res_id) for m in decision.matches):
        return decision
    matches = (*decision.matches, Match(kind, message.res_id, "odoo"))
    return replace(decision, state="pending", reason="matched", matches=matches)


def _is_notification(head, message, scope):
    """What Odoo shows to users only, or has told to users only."""
    if message.is_internal or message.message_type == "user_notification":
        return True
    people = head.by_role("to", "cc", "bcc")
    return bool(people) and all(person.normalized in scope.colleagues for person in people)


def _asked(head):
    """The Message-IDs by which a mail of Odoo's is found.

    A relay may have given it another one (Amazon SES does): Odoo has put its own last into References as well.
    """
    asked = [head.message_id] if head.odoo_objects or _OURS in head.message_id else []
    return [*asked, *head.references[-1:]] if head.odoo_objects else asked


def _find(env, heads):
    """Messages by their Message-IDs, without brackets."""
    asked = {message_id for head in heads for message_id in _asked(head) if message_id}
    if not asked:
        return {}
    env["mail.message"].flush_model(["message_id", "model", "res_id", "message_type", "is_internal", "subtype_id"])
    rows = execute(
        env,
        SQL(
            """
            SELECT m.message_id, m.id, m.model, m.res_id, m.message_type,
                   COALESCE(m.is_internal, FALSE) OR COALESCE(s.internal, FALSE), m.email_from
              FROM mail_message m LEFT JOIN mail_message_subtype s ON s.id = m.subtype_id
             WHERE m.message_id = ANY(%s)
             ORDER BY m.id DESC
            """,
            [f"<{message_id}>" for message_id in asked],
        ),
    ).fetchall()
    return {message_id.strip("<>"): OdooMessage(*rest) for message_id, *rest in rows}


def _sent_as(head, found, scope, senders):
    """The message of which this is Odoo's mail.

    Whoever got such a mail knows its Message-IDs and can write what he likes into the header of another. So it has to
    come from where Odoo sends from too, or from whom the message is.
    """
    message = next((found[message_id] for message_id in _asked(head) if message_id in found), None)
    if not message or (message.is_received and not head.odoo_objects):
        return None
    sender = next((person.normalized for person in head.by_role("from")), "")
    is_ours = sender in scope.colleagues or sender in senders or sender.rpartition("@")[2] in senders
    return message if is_ours or (sender and sender == email_normalize(message.email_from or "")) else None


def _senders(env):
    """Addresses and domains that Odoo sends from when it does not use its user's."""
    filters = env["ir.mail_server"].search([("from_filter", "!=", False)]).mapped("from_filter")
    aliases = env["mail.alias.domain"].search([]).mapped("name")
    default = env["ir.config_parameter"].get_param("mail.default.from") or ""
    parts = [part for text in filters for part in text.split(",")]
    return frozenset(part.strip().lower() for part in (*parts, *aliases, default) if part.strip())


def _targets(env, messages, scope):
    """(model, id) → kind, of the records among these that the mailbox's letters may be linked to."""
    kinds = {}
    for model, column in env["crm.mail.link"]._target_columns().items():
        kind = column.removesuffix("_id")
        ids = {message.res_id for message in messages if message.model == model and not message.is_received}
        if ids and kind in scope.matching.targets:
            records = env[model].with_context(active_test=False)
            domain = [("id", "in", list(ids)), ("company_id", "in", [False, scope.company_id])]
            # Colleagues are no customers.
            domain += [("partner_share", "=", True)] if model == "res.partner" else []
            kinds |= {(model, record_id): kind for record_id in records.search(domain).ids}
    return kinds
