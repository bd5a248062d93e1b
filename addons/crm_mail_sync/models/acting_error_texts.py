# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong when a mailbox is changed or sends, in sentences that tell a person what to do."""


def texts(env, error, mailbox):
    """Sentences by the error's code, the same for all providers."""
    why = mailbox._why_not_send() if error.is_about_sending else mailbox._why_not_act()
    return {
        "not_permitted": why or env._("The mailbox does not let this be done."),
        "mailbox_full": env._("The mailbox is full. Remove something there and empty its trash, then try again."),
        "sending_not_set_up": env._(
            "Nothing can be sent from this mailbox yet. Open its settings and press “Test connection”: the server for "
            "sending is looked for and tested too."
        ),
        "message_too_large": env._("This email is larger than the server takes. Leave files out or make them smaller."),
        "message_refused": env._("The server refuses to send this email, and nobody got it."),
        "recipients_refused": env._(
            "The server does not take emails for %(addresses)s, so nobody got this one. Check the addresses.",
            addresses=", ".join(getattr(error, "addresses", ())),
        ),
        "message_gone": env._("This email is no longer where it was."),
    }


WITH_SERVER_TEXT = frozenset({"not_permitted", "message_refused", "recipients_refused"})


def sending_texts(env, error, mailbox):
    """Sentences about the server that an IMAP mailbox sends through."""
    place = {"host": mailbox.smtp_host or "", "port": mailbox.smtp_port}
    usual = env._("Usual are port 465 with SSL/TLS and port 587 with STARTTLS.")
    unreachable = env._(
        "The server for sending, “%(host)s” on port %(port)s, cannot be reached. %(usual)s", usual=usual, **place
    )
    unreachable_codes = (
        "host_not_found",
        "connection_refused",
        "connection_failed",
        "timed_out",
        "too_slow",
        "connection_lost",
    )
    refused = env._("The server for sending, “%(host)s”, does not accept the user name and the password.", **place)
    refused_codes = ("wrong_credentials", "sign_in_failed", "imap_disabled", "token_revoked", "consent_missing")
    return {
        **dict.fromkeys(unreachable_codes, unreachable),
        **dict.fromkeys(refused_codes, refused),
        "host_not_allowed": env._(
            "“%(host)s” on port %(port)s is not a public server for sending: it is inside an internal network, or the "
            "port is another one. An administrator can allow it under Settings → Email settings → Internal mail "
            "servers. %(usual)s",
            usual=usual,
            **place,
        ),
        "tls_unavailable": env._(
            "“%(host)s” does not offer this encryption for sending on port %(port)s. %(usual)s", usual=usual, **place
        ),
        "encryption_required": env._(
            "Without encryption the password could be read on its way to “%(host)s”. Choose SSL/TLS or STARTTLS.",
            **place,
        ),
        "certificate_invalid": env._(
            "The certificate of the server for sending, “%(host)s”, cannot be trusted: %(detail)s.",
            detail=str(error).replace(".;", ";").rstrip("."),
            **place,
        ),
        "app_password_needed": env._(
            "“%(host)s” wants an app password for sending. Make one in the security settings of the account and enter "
            "it under Sending.",
            **place,
        ),
        "basic_auth_disabled": env._("“%(host)s” takes no passwords for sending.", **place),
        "server_unavailable": env._(
            "The server for sending, “%(host)s”, cannot serve just now. Try again in a few minutes.", **place
        ),
        "rate_limited": env._("The server for sending, “%(host)s”, takes no more emails for a while.", **place),
        "protocol_error": env._(
            "“%(host)s” on port %(port)s does not answer as a server for sending does. %(usual)s", usual=usual, **place
        ),
    }
