# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where an error of the engine becomes a sentence that tells a person what to do."""

from . import acting_error_texts, oauth_error_texts


def explain(env, error, mailbox):
    """The sentence for this error in the user's language; an unknown code still gets an honest one."""
    sentence = _texts(env, error, mailbox).get(error.code) or env._(
        "Something unexpected went wrong (%(code)s). An administrator finds more in the server's log.",
        code=error.code,
    )
    helpful = _WITH_SERVER_TEXT if mailbox.provider == "imap" else oauth_error_texts.WITH_SERVER_TEXT
    helpful |= acting_error_texts.WITH_SERVER_TEXT
    if error.server_text and error.code in helpful:
        words = " ".join(error.server_text.split())[:300]
        return env._("%(sentence)s The server says: “%(words)s”", sentence=sentence, words=words)
    return sentence


# Where the server's own words help; elsewhere they only repeat the sentence.
_WITH_SERVER_TEXT = frozenset(
    {
        "wrong_credentials",
        "sign_in_failed",
        "app_password_needed",
        "basic_auth_disabled",
        "imap_disabled",
        "wrong_account",
        "server_unavailable",
        "rate_limited",
        "protocol_error",
        "folder_unreadable",
    }
)


def _texts(env, error, mailbox):
    if mailbox.provider != "imap":
        return {
            **oauth_error_texts.texts(env, error, mailbox),
            **_storage_texts(env),
            **acting_error_texts.texts(env, error, mailbox),
        }
    place = {"host": mailbox._server_host(), "port": mailbox.port}
    return {
        **_connection_texts(env, error, place),
        **_sign_in_texts(env, mailbox),
        **_other_texts(env, place),
        **_storage_texts(env),
        **acting_error_texts.texts(env, error, mailbox),
        **(acting_error_texts.sending_texts(env, error, mailbox) if error.is_about_sending else {}),
    }


def _connection_texts(env, error, place):
    return {
        "host_not_found": env._("There is no server named “%(host)s”. Check the server's name.", **place),
        "host_not_allowed": env._(
            "“%(host)s” on port %(port)s is not a public IMAP server: it is inside an internal network, or the port is "
            "none of IMAP's. An administrator can allow it under Settings → Email settings → Internal mail servers.",
            **place,
        ),
        "connection_refused": env._(
            "“%(host)s” is there, but refuses connections on port %(port)s. "
            "Usual are port 993 with SSL/TLS and port 143 with STARTTLS.",
            **place,
        ),
        "connection_failed": env._("“%(host)s” cannot be reached. Check the server's name and your network.", **place),
        "timed_out": env._(
            "“%(host)s” does not answer on port %(port)s. Check server, port and encryption.",
            **place,
        ),
        "too_slow": env._(
            "The line to “%(host)s” is so slow that nothing came through in the time of a scan. It is tried again.",
            **place,
        ),
        "connection_lost": env._(
            "“%(host)s” ended the connection. Check port and encryption; if they are right, it is a passing fault.",
            **place,
        ),
        "tls_unavailable": env._(
            "“%(host)s” does not offer this encryption on port %(port)s. "
            "Choose SSL/TLS with port 993, or STARTTLS with port 143.",
            **place,
        ),
        "encryption_required": env._(
            "Without encryption the password could be read on its way to “%(host)s”. Choose SSL/TLS or STARTTLS.",
            **place,
        ),
        # The reason, and for whom and for when the certificate is: "has expired; issued for …, valid from … to …".
        "certificate_invalid": env._(
            "The certificate of “%(host)s” cannot be trusted: %(detail)s. "
            "Check the server's name, or tell the server's administrator.",
            detail=str(error).replace(".;", ";").rstrip("."),
            **place,
        ),
    }


def _sign_in_texts(env, mailbox):
    address = mailbox.address
    return {
        "wrong_credentials": env._(
            "The server does not accept this user name and password. Check both; "
            "if the name to log in with is not %(address)s, enter it as Email (username).",
            address=address,
        ),
        "sign_in_failed": env._("The server refuses the log-in for %(address)s.", address=address),
        "app_password_needed": env._(
            "This provider wants an app password instead of the account's own. "
            "Make one in the security settings of the account and enter it here."
        ),
        "basic_auth_disabled": env._(
            "This provider no longer takes passwords over IMAP. Connect the mailbox as Outlook instead."
        ),
        "imap_disabled": env._(
            "IMAP is switched off for this account. Switch it on in the settings of the mailbox at the provider."
        ),
        "wrong_account": env._(
            "The log-in works, but not for the mailbox %(address)s. Check Email and Email (username).",
            address=address,
        ),
        "secret_unreadable": env._(
            "The stored password can no longer be read, because the key of this Odoo has changed. Enter it again."
        ),
    }


def _other_texts(env, place):
    return {
        "server_unavailable": env._("“%(host)s” cannot serve just now. Try again in a few minutes.", **place),
        "rate_limited": env._("“%(host)s” asks for fewer requests for a while.", **place),
        "protocol_error": env._(
            "“%(host)s” on port %(port)s does not answer as an IMAP server does. Check server and port.",
            **place,
        ),
        "folder_unsteady": env._(
            "The server numbers the messages of this directory anew at every scan, so it is left out. What was "
            "archived stays. Press Scan now, or pick the directory again, to have it tried once more."
        ),
        "folder_gone": env._("The directory no longer exists on the server."),
        "folder_unreadable": env._("The server does not let this directory be opened."),
    }


def _storage_texts(env):
    return {
        "storage_full": env._(
            "The disk on which Odoo keeps the archive is full. Nothing is lost, and the scan goes on by itself "
            "as soon as there is room. Tell an administrator."
        ),
        "storage_unavailable": env._(
            "Odoo cannot write to the place where it keeps files. Nothing is lost, and the scan goes on by itself "
            "as soon as it can. Tell an administrator."
        ),
    }
