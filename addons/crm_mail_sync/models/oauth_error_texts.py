# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What goes wrong with a mailbox at Google or Microsoft, in sentences that tell a person what to do."""

_UNREACHABLE = (
    "host_not_found",
    "host_not_allowed",
    "connection_refused",
    "connection_failed",
    "connection_lost",
    "tls_unavailable",
    "encryption_required",
)
# Where the provider's own words help.
WITH_SERVER_TEXT = frozenset({"app_invalid", "mailbox_disabled", "sign_in_failed", "server_unavailable"})
_FOR_ALL = ("admin_consent_needed", "token_revoked", "consent_missing", "sign_in_failed")


def texts(env, error, mailbox):
    """Sentences by the error's code."""
    words = {
        "service": mailbox._service(),
        "provider": dict(mailbox._fields["provider"]._description_selection(env))[mailbox.provider],
        "address": mailbox._account_meant(),
        "mailbox": mailbox.address,
    }
    found = {
        **_connection_texts(env, error, words),
        **_consent_texts(env, error, words),
        **_account_texts(env, words),
        **_other_texts(env, words),
    }
    if mailbox.grant_by == "admin":
        return found | _texts_for_all(env, mailbox, words)
    if mailbox.is_shared:
        return found | _texts_for_shared(env, words)
    return found


def not_set_up(env, provider):
    """Nobody can sign in at this provider yet."""
    if provider == "gmail":
        return env._("An administrator has to set up Google in Settings → Email settings first.")
    return env._("An administrator has to set up Microsoft in Settings → Email settings first.")


def not_set_up_for_all(env, provider):
    """There is no grant of an administrator for this provider."""
    if provider == "gmail":
        return env._("Upload the key of a service account under Settings → Email settings first.")
    return env._("Set up Microsoft with its application permission under Settings → Email settings first.")


def acting_refused(env, mailbox):
    """The provider does not let this mailbox be changed, whatever was granted."""
    if mailbox.grant_by == "user":
        return env._(
            "%(service)s does not let %(account)s change the mailbox %(mailbox)s. Ask the administrator there for more "
            "than reading, then press “Test connection” in the mailbox's settings.",
            service=mailbox._service(),
            account=mailbox._account_meant(),
            mailbox=mailbox.address,
        )
    permission = "gmail.modify" if mailbox.provider == "gmail" else "Mail.ReadWrite"
    return env._(
        "The administrator's grant lets Odoo only read this mailbox. To change emails here, it needs the permission "
        "%(permission)s at %(service)s too; then press “Test connection” in the mailbox's settings.",
        permission=permission,
        service=mailbox._service(),
    )


def sending_refused(env, mailbox):
    """The provider sends nothing from this mailbox, whatever was granted."""
    if mailbox.grant_by == "user":
        return env._(
            "%(service)s does not let %(account)s send from the mailbox %(mailbox)s. Ask the administrator there for "
            "the right to send as this mailbox, then press “Test connection” in the mailbox's settings.",
            service=mailbox._service(),
            account=mailbox._account_meant(),
            mailbox=mailbox.address,
        )
    permission = "gmail.send" if mailbox.provider == "gmail" else "Mail.Send"
    return env._(
        "The administrator's grant does not let Odoo send from this mailbox. It needs the permission %(permission)s at "
        "%(service)s too; then press “Test connection” in the mailbox's settings.",
        permission=permission,
        service=mailbox._service(),
    )


def _connection_texts(env, error, words):
    unreachable = env._(
        "This Odoo server cannot reach %(service)s. If it lasts, an administrator has to look at its network.",
        **words,
    )
    return dict.fromkeys(_UNREACHABLE, unreachable) | {
        "timed_out": env._("%(service)s does not answer. Try again in a few minutes.", **words),
        "too_slow": env._(
            "The line to %(service)s is so slow that nothing came through in the time of a scan. It is tried again.",
            **words,
        ),
        "certificate_invalid": env._(
            "The certificate of %(service)s cannot be trusted: %(detail)s. Something stands between this Odoo server "
            "and %(service)s; an administrator has to look at the server's network.",
            detail=str(error).rstrip("."),
            **words,
        ),
    }


def _consent_texts(env, error, words):
    return {
        "consent_refused": env._(
            "The permission was refused on the page of %(service)s, so nothing was connected. "
            "Press Connect %(provider)s again and allow it.",
            **words,
        ),
        "consent_missing": env._(
            "%(service)s did not give the permission to read the mail of %(address)s. "
            "Press Connect %(provider)s again and leave all boxes on its page ticked.",
            **words,
        ),
        "admin_consent_needed": env._(
            "Your organisation lets only its administrator at %(service)s allow this app. "
            "Ask for it there, then press Connect %(provider)s again.",
            **words,
        ),
        "wrong_account": env._(
            "You signed in as %(other)s; this mailbox is %(mailbox)s. Sign in again with the right account.",
            other=error.server_text or "?",
            **words,
        ),
        "app_invalid": env._(
            "%(service)s refuses the app that is registered for this Odoo. "
            "An administrator has to check it under Settings → Email settings.",
            **words,
        ),
    }


def _account_texts(env, words):
    return {
        "token_revoked": env._(
            "%(service)s no longer takes the sign-in of %(address)s: it was withdrawn, has expired, or the password "
            "was changed.",
            **words,
        ),
        "mailbox_disabled": env._(
            "The account %(address)s has no mailbox at %(service)s, or its organisation has switched the access off. "
            "Ask its administrator.",
            **words,
        ),
        "sign_in_failed": env._("%(service)s refuses the sign-in of %(address)s.", **words),
        "secret_unreadable": env._(
            "The stored sign-in can no longer be read, because the key of this Odoo has changed."
        ),
    }


def _texts_for_all(env, mailbox, words):
    """The administrator's grant is not enough: the user can do nothing about it."""
    if mailbox.provider == "gmail":
        sentence = env._(
            "The service account may not read %(mailbox)s. In Google's Admin console, under Domain-wide delegation, "
            "its client id needs the permissions shown in Settings → Email settings, and the address must be of "
            "that organisation.",
            **words,
        )
    else:
        sentence = env._(
            "The app may not read %(mailbox)s. In Microsoft's admin centre it needs the application permission "
            "Mail.Read with the administrator's consent, for this mailbox too.",
            **words,
        )
    return dict.fromkeys(_FOR_ALL, sentence)


def _texts_for_shared(env, words):
    """The account is good; what it may open is its organisation's to say."""
    return {
        "consent_missing": env._(
            "%(address)s may not open %(mailbox)s. Ask the administrator at %(service)s to share this mailbox with the "
            "account, then sign in again and allow all that is asked for.",
            **words,
        )
    }


def _other_texts(env, words):
    return {
        "server_unavailable": env._("%(service)s cannot serve just now. Try again in a few minutes.", **words),
        "rate_limited": env._("%(service)s asks for fewer requests for a while.", **words),
        "paced": env._(
            "So many requests as %(service)s allows were made. It goes on by itself in a few minutes.", **words
        ),
        "protocol_error": env._("%(service)s gave an answer that makes no sense. Try again later.", **words),
        "folder_gone": env._("The directory no longer exists at %(service)s.", **words),
        "folder_unreadable": env._("%(service)s does not let this directory be opened.", **words),
        "folder_unsteady": env._(
            "%(service)s forgets from one scan to the next how far this directory was read, so it is left out. "
            "What was archived stays. Press Scan now, or pick the directory again, to have it tried once more.",
            **words,
        ),
    }


def explain_app(env, error, service):
    """What is wrong with an app that an administrator has registered."""
    if error.code == "app_invalid":
        sentence = env._(
            "%(service)s refuses this app. Check its id, its secret (which may have expired), and that the redirect "
            "address is registered with it.",
            service=service,
        )
    elif error.code in _UNREACHABLE or error.code == "timed_out":
        sentence = env._("This Odoo server cannot reach %(service)s.", service=service)
    else:
        sentence = env._("%(service)s could not be asked (%(code)s).", service=service, code=error.code)
    if words := " ".join(error.server_text.split())[:300]:
        return env._("%(sentence)s %(service)s says: “%(words)s”", sentence=sentence, service=service, words=words)
    return sentence
