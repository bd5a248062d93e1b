# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tells the browsers of a mailbox's owner, who has the app Email open, what has changed; arrives with the commit."""

TYPE = "crm_mail_sync.email_app"
# Beyond that the app looks at what it shows anew.
_MOST = 200


def notify(env, scope, changed, is_much=False):
    """Tell the owner of the scanned mailbox.

    :param changed: ``indexing.Changed``
    """
    send(env["res.users"].browse(scope.user_id), scope.mailbox_id, changed, is_much)


def send(user, mailbox_id, changed, is_much=False):
    """Nothing is said of what an item is about: the app asks for that as its reader."""
    if not (changed.items or is_much):
        return
    is_much = is_much or len(changed.items) > _MOST
    user._bus_send(
        TYPE,
        {
            "mailbox_id": mailbox_id,
            "items": [] if is_much else sorted(changed.items),
            "folders": sorted(changed.folders),
            "more": is_much,
        },
    )
