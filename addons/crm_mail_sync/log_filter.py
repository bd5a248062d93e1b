# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo logs the arguments of every call at DEBUG, and the address of every page at INFO. Secrets are among them: what
is typed into a mailbox or the settings, and the codes by which Google and Microsoft send a browser back."""

import copy
import logging
import re

HIDDEN = "***"
_NAMES = frozenset(
    {
        "password",
        "mail_sync_google_client_secret",
        "mail_sync_google_service_account",
        "mail_sync_microsoft_client_secret",
        "mail_sync_microsoft_certificate",
    }
)
# Also within another address, quoted once or twice: Odoo's own log-in is told where to go on.
_QUERY = re.compile(r"(crm_mail_sync(?:/|%2F|%252F)oauth(?:/|%2F|%252F)\w+(?:\?|%3F|%253F))[^\s\"']*", re.IGNORECASE)


class HidePasswords(logging.Filter):
    """Takes the passwords out of logged calls; at other levels nothing is logged, and this costs nothing."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(self._hidden_call(arg) if hasattr(arg, "kwargs") else arg for arg in record.args)
        return True

    def _hidden_call(self, call):
        shown = copy.copy(call)
        shown.args, shown.kwargs = hidden(call.args), hidden(call.kwargs)
        return shown


def hidden(value):
    """The same value, a list or dictionary of whatever depth, without passwords."""
    if isinstance(value, dict):
        return {key: HIDDEN if key in _NAMES and item else hidden(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        if any(isinstance(item, str) and item.rpartition("/")[2] in _NAMES for item in value):
            # Names of columns of an import: the rows that follow hold the values.
            return HIDDEN
        return type(value)(_hidden_items(value))
    return value


def _hidden_items(items):
    hides_rest = False
    for item in items:
        shown = HIDDEN if hides_rest else hidden(item)
        hides_rest = hides_rest or (shown == HIDDEN and isinstance(item, (list, tuple)))
        yield shown


class HideCodes(logging.Filter):
    """Takes the query out of the logged addresses of sign-ins."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub(rf"\1{HIDDEN}", arg) if isinstance(arg, str) else arg for arg in record.args)
        if isinstance(record.msg, str):
            record.msg = _QUERY.sub(rf"\1{HIDDEN}", record.msg)
        return True


logging.getLogger("odoo.service.model").addFilter(HidePasswords())
logging.getLogger("werkzeug").addFilter(HideCodes())
