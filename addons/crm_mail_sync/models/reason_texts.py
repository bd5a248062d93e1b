# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one place where the reason of a copy, a code, becomes words that tell why it is archived or is not."""


def reason_text(env, code):
    """The sentence for this reason in the user's language; "" for none, and an honest one for an unknown code."""
    if not code:
        return ""
    return _texts(env).get(code) or env._("It could not be archived (%(code)s).", code=code)


def short_reason(env, code):
    """In a few words, for lists of counts."""
    return _short_texts(env).get(code) or env._("for another reason")


def _texts(env):
    return {**_kept_texts(env), **_skipped_texts(env), **_left_out_texts(env), **_failed_texts(env)}


def _kept_texts(env):
    return {
        "matched": env._("It belongs to a customer or a lead."),
        "asked": env._("Its owner asked for it to be filed."),
        "scan_all": env._("Scan all email letters is on: it is archived although it belongs to nobody known."),
    }


def _skipped_texts(env):
    return {
        "nobody_known": env._("None of its addresses belongs to a customer or a lead."),
        "excluded": env._("An exclude rule keeps it out."),
        "internal": env._("Everybody in it is one of ourselves: internal mail is not archived."),
        "draft": env._("It is a draft, which nobody has sent yet."),
        "put_away": env._("It lies in spam or trash, of which nothing is archived."),
        "odoo_notification": env._("Odoo itself has told its users something by it: that is in Odoo already."),
        "expired": env._("It belonged to nobody and was deleted after the time that the settings say."),
        "erased": env._("It was erased by an administrator, for good."),
        "before_start": env._("It is older than the day from which this mailbox is archived."),
    }


def _left_out_texts(env):
    return {
        "folder_gone": env._("Its directory no longer exists on the server."),
        "folder_unpicked": env._("Its directory is not picked for scanning."),
        "folder_unsteady": env._("The server numbers its directory anew at every scan, so the directory is left out."),
    }


def _failed_texts(env):
    return {
        "interrupted": env._("Whenever it was read, the work broke off, so it was set aside."),
        "cannot_store": env._("The database does not take it."),
        "folder_unreadable": env._("Its directory cannot be opened."),
        "message_error": env._("The server did not show it."),
        "message_gone": env._("It was deleted or moved before it could be archived."),
        "message_unreadable": env._("The server does not hand it out."),
        "message_too_large": env._("It is larger than what is archived."),
        "too_slow": env._("The line to the server is too slow for it."),
    }


def _short_texts(env):
    return {
        "matched": env._("of a customer or lead"),
        "asked": env._("asked for"),
        "scan_all": env._("of nobody known, archived"),
        "nobody_known": env._("of nobody known"),
        "excluded": env._("excluded by a rule"),
        "internal": env._("internal mail"),
        "draft": env._("drafts"),
        "put_away": env._("in spam or trash"),
        "odoo_notification": env._("notifications of Odoo"),
        "expired": env._("expired"),
        "erased": env._("erased"),
        "before_start": env._("before the start date"),
        "folder_gone": env._("directory gone"),
        "folder_unpicked": env._("directory not scanned"),
        "folder_unsteady": env._("directory left out"),
        "interrupted": env._("work broke off"),
        "cannot_store": env._("not taken by the database"),
        "folder_unreadable": env._("directory not readable"),
        "message_error": env._("not shown by the server"),
        "message_gone": env._("deleted or moved"),
        "message_unreadable": env._("not handed out by the server"),
        "message_too_large": env._("too large"),
        "too_slow": env._("line too slow"),
    }
