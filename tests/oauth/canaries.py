# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Looks for secrets where they must not be: in the log at DEBUG, and in errors however they are shown."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator

from mailsync.errors import MailSyncError
from mailsync.oauth import Tokens


class Canaries:
    """Secrets that were in use; ``leaks`` names those that a text holds."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.errors: list[BaseException] = []
        self.shown: list[str] = []

    def add(self, *secrets: object) -> None:
        self.secrets |= {text for text in map(str, secrets) if len(text) > 7}

    def add_tokens(self, tokens: Tokens) -> None:
        self.add(tokens.access_token, tokens.refresh_token)
        self.shown.append(repr(tokens))

    def leaks(self, records: Iterable[logging.LogRecord]) -> list[tuple[str, str]]:
        assert self.secrets
        texts = [*self.shown, *map(_of_record, records), *(text for error in self.errors for text in _of_error(error))]
        return [(secret, text) for text in texts for secret in self.secrets if secret in text]


def _of_record(record: logging.LogRecord) -> str:
    # With all that a handler might write: arguments, extra attributes, the traceback.
    shown = logging.Formatter().format(record)
    return f"{shown} {record.__dict__!r}"


def _of_error(error: BaseException) -> Iterator[str]:
    yield "".join(traceback.format_exception(error))
    waiting: list[BaseException | None] = [error]
    while waiting:
        this = waiting.pop()
        if this is not None:
            yield repr(this)
            if isinstance(this, MailSyncError):
                yield this.server_text
            # A context that is not shown is not written down either.
            waiting += [this.__cause__, None if this.__suppress_context__ else this.__context__]
