# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a letter was not sent, or a draft not kept, for who wrote it."""

from ..models import error_texts

# Where the server's own words say more than we know.
_WITH_SERVER_TEXT = ("message_refused", "recipients_refused")


def explain_sending(env, error, mailbox):
    """The sentence for this error; what has nothing to do with a letter is the mailbox's trouble, told as such."""
    sentence = _texts(env, error, mailbox).get(error.code)
    if not sentence:
        return error_texts.explain(env, error, mailbox)
    if error.server_text and error.code in _WITH_SERVER_TEXT:
        words = " ".join(error.server_text.split())[:300]
        return env._("%(sentence)s The server says: “%(words)s”", sentence=sentence, words=words)
    return sentence


def _texts(env, error, mailbox):
    refused = ", ".join(getattr(error, "addresses", ()))
    return {
        "recipients_refused": env._(
            "The mail server does not take mail for %(addresses)s. Nobody got this email: correct or remove the "
            "address and send it again.",
            addresses=refused,
        ),
        "message_refused": env._("The mail server refuses this email, and nobody got it. Change it and send it again."),
        "message_too_large": env._(
            "The email is larger than your mail server takes. Remove files, or send a link instead."
        ),
        "not_permitted": env._(
            "The mailbox %(address)s may only be read from here. Allow writing and sending in your email settings.",
            address=mailbox.address,
        ),
        "sending_not_set_up": env._(
            "No server is known that sends mail of %(address)s. Enter it in your email settings.",
            address=mailbox.address,
        ),
    }
