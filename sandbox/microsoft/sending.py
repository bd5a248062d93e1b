# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending and drafts (learn.microsoft.com/graph/api/user-sendmail, message-send, message-createreply)."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import Any

from sandbox.cloud.call import Answer
from sandbox.cloud.content import Content
from sandbox.cloud.mime import header_removed

from . import items
from .errors import GraphError
from .routes import Asked, Route


def _send_mail(asked: Asked) -> Answer:
    """JSON or base64 MIME; accepted without an id, a copy lies in the sent items."""
    if asked.call.headers.get("Content-Type", "").startswith("text/plain"):
        content, keep = _mime(asked), True
    else:
        # Names of an action's parameters are not case-sensitive; Microsoft's SDK writes them in capitals.
        body = {name.lower(): value for name, value in _body(asked).items()}
        if "message" not in body:
            raise GraphError(400)
        content, keep = _composed(asked, body["message"]), body.get("savetosentitems", True)
    _post(asked, content)
    if keep:
        asked.account.mailbox.add(content, "sentitems", None).is_read = True
    return Answer(202)


def _create(asked: Asked) -> Answer:
    """A draft."""
    is_mime = asked.call.headers.get("Content-Type", "").startswith("text/plain")
    content = _mime(asked) if is_mime else _composed(asked, _body(asked))
    draft = asked.account.mailbox.add(content, "drafts", None)
    draft.is_draft = draft.is_read = True
    return Answer.json(items.message(draft, "", "", immutable=asked.is_immutable), 201)


def _send(asked: Asked) -> Answer:
    """A draft goes out; its immutable id stays with the copy in the sent items."""
    mailbox = asked.account.mailbox
    draft = mailbox.find(asked.values["message"])
    if not draft.is_draft:
        raise GraphError(400)
    _post(asked, draft.content.raw)
    draft.is_draft = False
    mailbox.move(draft, "sentitems")
    return Answer(202)


def _create_reply(asked: Asked) -> Answer:
    mailbox = asked.account.mailbox
    answered = mailbox.find(asked.values["message"])
    header = answered.content.header
    reply = EmailMessage()
    reply["From"] = formataddr((asked.account.name, asked.account.address))
    reply["To"] = header("Reply-To") or header("From")
    reply["Subject"] = f"RE: {header('Subject')}"
    reply["Message-ID"] = make_msgid(domain="sandbox.example")
    reply["In-Reply-To"] = header("Message-ID")
    reply["References"] = " ".join(filter(None, (header("References"), header("Message-ID"))))
    reply.set_content("")
    answered.last_verb = 102
    draft = mailbox.add(reply.as_bytes(), "drafts", None)
    draft.is_draft = draft.is_read = True
    return Answer.json(items.message(draft, "", "", immutable=asked.is_immutable), 201)


def _mime(asked: Asked) -> bytes:
    try:
        content = b64decode(asked.call.body, validate=True)
    except binascii.Error as error:
        raise GraphError(400, "ErrorMimeContentInvalidBase64String") from error
    if b":" not in content.split(b"\n", 1)[0]:
        raise GraphError(400, "ErrorMimeContentInvalid")
    return content


def _composed(asked: Asked, message: dict[str, Any]) -> bytes:
    """A message of the JSON resource as MIME."""
    mail = EmailMessage()
    mail["From"] = formataddr((asked.account.name, asked.account.address))
    for name, header in (("toRecipients", "To"), ("ccRecipients", "Cc"), ("bccRecipients", "Bcc")):
        people = [p["emailAddress"] for p in message.get(name, ())]
        if people:
            mail[header] = ", ".join(formataddr((p.get("name", ""), p["address"])) for p in people)
    mail["Subject"] = message.get("subject", "")
    mail["Message-ID"] = make_msgid(domain="sandbox.example")
    body = message.get("body", {})
    mail.set_content(
        body.get("content", ""), subtype="html" if body.get("contentType", "").lower() == "html" else "plain"
    )
    return mail.as_bytes()


def _post(asked: Asked, content: bytes) -> None:
    """Deliver to whoever of the recipients has an account here, and to the others by other servers."""
    people = Content(content).people("To", "Cc", "Bcc")
    if not people:
        raise GraphError(400, "ErrorInvalidRecipients")
    shown = header_removed(content, "Bcc")
    for _name, address in people:
        account = asked.world.directory.find(address)
        if account is None:
            asked.world.elsewhere(address, shown)
        elif account is not asked.account:
            account.mailbox.add(shown, "inbox", None)


def _body(asked: Asked) -> dict[str, Any]:
    try:
        return dict(json.loads(asked.call.body))
    except (ValueError, TypeError) as error:
        raise GraphError(400) from error


ROUTES = (
    Route("sendMail", "POST", ("sendmail|microsoft.graph.sendmail",), "send", _send_mail),
    Route("messages.create", "POST", ("messages",), "write", _create),
    Route("messages.send", "POST", ("messages", "{message}", "send|microsoft.graph.send"), "send", _send),
    Route("messages.createReply", "POST", ("messages", "{message}", "createreply|microsoft.graph.createreply"), "write",
          _create_reply),
)  # fmt: skip
