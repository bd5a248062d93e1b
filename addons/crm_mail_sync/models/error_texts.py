# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where an error of the engine becomes a sentence that tells a person what to do."""


def explain(env, error, mailbox):
    """The sentence for this error in the user's language; an unknown code still gets an honest one."""
    texts = _texts(env, error, mailbox)
    sentence = texts.get(error.code) or env._(
        "Something unexpected went wrong (%(code)s). It is tried again by itself.", code=error.code
    )
    return sentence


def _texts(env, error, mailbox):
    host, port, address = mailbox.host or "", mailbox.port, mailbox.address
    detail = str(error)
    return {
        "host_not_found": env._(
            "There is no server named “%(host)s”. Check the server's name.", host=host
        ),
        "host_not_allowed": env._(
            "“%(host)s” is an address inside the company's own network, or its port %(port)s is not an IMAP port. "
            "An administrator can allow it in Settings → Email settings.",
            host=host,
            port=port,
        ),
        "connection_refused": env._(
            "“%(host)s” answers, but not on port %(port)s. Usual ports: 993 with SSL/TLS, 143 with STARTTLS.",
            host=host,
            port=port,
        ),
        "connection_failed": env._(
            "“%(host)s” cannot be reached. It is tried again by itself.", host=host
        ),
        "timed_out": env._(
            "“%(host)s” does not answer on port %(port)s. Check server, port and encryption.",
            host=host,
            port=port,
        ),
        "connection_lost": env._(
            "“%(host)s” ended the connection. Check port and encryption; a passing fault is tried again by itself.",
            host=host,
        ),
        "tls_unavailable": env._(
            "“%(host)s” does not offer this encryption on port %(port)s. "
            "Choose SSL/TLS with port 993, or STARTTLS with port 143.",
            host=host,
            port=port,
        ),
        "certificate_invalid": env._(
            "The certificate of “%(host)s” cannot be trusted: %(detail)s", host=host, detail=detail
        ),
        "wrong_credentials": env._(
            "The server refuses this user name or password. Check both; "
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
        "secret_unreadable": env._(
            "The stored password can no longer be read, because the server's key has changed. Enter it again."
        ),
        "server_unavailable": env._("The server cannot serve now. It is tried again by itself."),
        "rate_limited": env._("The server asks for fewer requests. The scan goes on a little later."),
        "protocol_error": env._(
            "“%(host)s” does not answer as an IMAP server does. Check server and port.", host=host
        ),
        "folder_gone": env._("The directory no longer exists on the server."),
        "folder_unreadable": env._("The server does not let this directory be opened."),
    }
