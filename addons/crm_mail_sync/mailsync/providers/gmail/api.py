# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Google's own client for Gmail, on the discovery document that comes with it, within the quota.

The document is taken from the package so that its addresses can be set: the client's options for that move neither
batches nor uploads.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import Any, final

import google_auth_httplib2
import httplib2
from google.oauth2.credentials import Credentials
from googleapiclient import discovery_cache
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import BatchError, HttpError

from ...errors import MailSyncError, RateLimited, TooSlow
from ...oauth import Tokens, fresh_tokens
from ...pace import Budget
from ...provider import Traffic
from . import translate
from .settings import GmailSettings

# Quota units of what is called here (https://developers.google.com/workspace/gmail/api/reference/quota).
UNITS = {
    "get": 20, "list": 5, "history": 2, "labels": 1, "label": 1, "profile": 1, "send": 100, "modify": 5,
    "modify_many": 50, "drafts": 5, "draft": 15, "discard": 10,
}  # fmt: skip
# Units that a user has in a minute, and a second more, for Google's minute is not ours.
_UNITS, _SECONDS = 6_000, 61.0
# Held back for new mail, so that a long import does not stand in its way.
_RESERVE = 300

# Above DEBUG the client logs answers that it cannot read, and they may be anything.
logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)


def _document(api_root: str) -> dict[str, Any]:
    """Gmail's discovery document with our addresses."""
    document: dict[str, Any] = json.loads(discovery_cache.get_static_doc("gmail", "v1"))
    document.update(rootUrl=api_root, baseUrl=api_root, servicePath="", batchPath="batch")
    document.pop("mtlsRootUrl", None)
    return document


class _Remembering:
    """A connection that knows its socket even when it has handed it to the answer that ends with it."""

    opened: socket.socket | None = None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.opened = self.sock  # type: ignore[attr-defined]


class _Plain(_Remembering, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    """Without encryption, where the server's operator has named such a place."""


class _Secure(_Remembering, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    """Over TLS."""


class _Unrepeated(_Secure):
    """Connects once: httplib2 connects anew and repeats its request, whatever that was, when it meets a closed one."""

    _is_connected = False

    def connect(self) -> None:
        if self._is_connected:
            raise ConnectionAbortedError("the connection was closed")
        self._is_connected = True
        super().connect()


@final
class _Http(httplib2.Http):  # type: ignore[misc]
    """HTTP that counts, that has an end, and whose failures are ours. One thread at a time."""

    def __init__(self, traffic: Traffic, settings: GmailSettings) -> None:
        ca_file = settings.endpoints.ca_file or None
        super().__init__(timeout=settings.timeout, ca_certs=ca_file, tls_minimum_version="TLSv1_2")
        self.follow_redirects = False
        self.connection_type: type[_Unrepeated] | None = None
        self._traffic = traffic
        self._ends = time.monotonic() + settings.session_limit

    def request(self, uri: str, method: str = "GET", *args: Any, **kwargs: Any) -> tuple[httplib2.Response, bytes]:
        if time.monotonic() >= self._ends:
            raise TooSlow()
        self._traffic.requests += 1
        kwargs["connection_type"] = self.connection_type or (_Secure if uri.startswith("https:") else _Plain)
        try:
            with self._end():
                response, content = super().request(uri, method, *args, **kwargs)
        except translate.NO_ANSWER as error:
            # What is left of a broken conversation must not be taken for the answer to the next question.
            self.close()
            raise translate.no_answer(error) from error
        self._traffic.bytes_received += len(content)
        return response, content

    @contextmanager
    def _end(self) -> Iterator[None]:
        """The session's end ends what is being answered, in TooSlow: the time-out is for each silence only."""
        is_over = threading.Event()

        def end() -> None:
            is_over.set()
            for connection in list(self.connections.values()):
                if connection.opened:
                    with suppress(OSError):
                        # Past TLS, whose own shutdown must not come from another thread.
                        socket.socket.shutdown(connection.opened, socket.SHUT_RDWR)

        timer = threading.Timer(max(self._ends - time.monotonic(), 0.0), end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except translate.NO_ANSWER as error:
            if is_over.is_set():
                self.close()
                raise TooSlow() from error
            raise
        finally:
            timer.cancel()
        if is_over.is_set():
            # What ends with its connection looks whole.
            self.close()
            raise TooSlow()


class Api:
    """One signed-in client. Every call is paid for before it is made, and asks once.

    After the server asked for patience nothing more is asked in this session: each call raises the same again.
    """

    def __init__(self, settings: GmailSettings, clock: Callable[[], float] = time.time) -> None:
        """Signs in; raises what ``TokenSource.renewed`` does."""
        self.traffic = Traffic(pace=settings.pace)
        self.user_id = settings.user_id
        self._settings = settings
        self._budget = Budget(_UNITS, _SECONDS, _RESERVE, settings.pace, clock)
        self._barred: MailSyncError | None = None
        self._tokens = fresh_tokens(settings.source, settings.tokens, settings.keep_tokens)
        credentials = Credentials(  # type: ignore[no-untyped-call]
            self._tokens.access_token, expiry=_expiry(self._tokens), refresh_handler=self._renewed
        )
        self._http = _Http(self.traffic, settings)
        self._authorized = google_auth_httplib2.AuthorizedHttp(credentials, self._http, max_refresh_attempts=1)
        self._service = build_from_document(_document(settings.endpoints.api_root), http=self._authorized)
        self.users = self._service.users()
        # The client builds a resource anew at each call, which takes longer than the call.
        self.messages = self.users.messages()

    def _renewed(self, _request: object, scopes: Sequence[str]) -> tuple[str, datetime]:
        """The client's way to a new access token, when Gmail says that the old one is not good any more."""
        tokens = self._settings.source.renewed(self._tokens)
        self._settings.keep_tokens(tokens)
        self._tokens = tokens
        return tokens.access_token, _expiry(tokens)

    def affordable(self, units: int, *, urgent: bool) -> int:
        """How many calls of so many units there is room for now."""
        return self._budget.left(urgent=urgent) // units

    def call(self, request: Any, units: int, *, urgent: bool = True) -> Any:
        """The answer to a request, read; raises a MailSyncError, or HttpError for what the caller knows better."""
        self._spend(units, urgent=urgent)
        try:
            answer = request.execute()
        except HttpError as error:
            self._note(error)
            raise
        except translate.MISREAD as error:
            raise translate.misread(error) from error
        if not isinstance(answer, dict):
            # The client hands on as text what is no JSON.
            raise translate.half_an_answer()
        return answer

    def call_for_nothing(self, request: Any, units: int) -> None:
        """The same for a method whose answer is empty."""
        request.postproc = _nothing
        self.call(request, units)

    def batch(self, requests: Mapping[str, Any], units: int, *, urgent: bool) -> dict[str, Any]:
        """Requests by their names in one, each answered on its own: what it gave, or the HttpError it met.

        :param units: of each.
        """
        self._spend(units * len(requests), urgent=urgent)
        answers: dict[str, Any] = {}

        def keep(name: str, response: Any, error: HttpError | None) -> None:
            answers[name] = error or response

        batch = self._service.new_batch_http_request(callback=keep)
        for name, request in requests.items():
            batch.add(request, request_id=name)
        try:
            batch.execute(http=self._authorized)
        except BatchError as error:
            # It is an HttpError too, and no refusal.
            raise translate.half_an_answer() from error
        except HttpError as error:
            self._note(error)
            raise translate.refusal(error) from error
        except translate.MISREAD as error:
            raise translate.misread(error) from error
        for answer in answers.values():
            if isinstance(answer, HttpError):
                self._note(answer)
        return answers

    def close(self) -> None:
        self._http.close()

    @contextmanager
    def unrepeated(self) -> Iterator[None]:
        """Around what must not be asked twice; on a fresh connection, for an old one may have gone stale."""
        self._http.close()
        self._http.connection_type = _Unrepeated
        try:
            yield
        finally:
            self._http.connection_type = None
            self._http.close()

    def _spend(self, units: int, *, urgent: bool) -> None:
        if self._barred:
            raise self._barred
        try:
            self._budget.spend(units, urgent=urgent)
        finally:
            # Also when there is no room: the clock may have been set back, and what was spent moves with it.
            self.traffic.pace = self._budget.text()
        self.traffic.units += units

    def _note(self, error: HttpError) -> None:
        if translate.is_quota(error):
            self._budget.use_up()
            self.traffic.pace = self._budget.text()
        told = translate.refusal(error)
        if told.retry_after is not None or (translate.is_quota(error) and isinstance(told, RateLimited)):
            self._barred = self._barred or told


def _nothing(response: Any, body: bytes) -> dict[str, Any]:
    """An answer that says nothing but that it was done; raises HttpError."""
    if response.status >= 300:
        raise HttpError(response, body)
    return {}


def _expiry(tokens: Tokens) -> datetime:
    """As Google's client wants it: UTC without saying so."""
    return datetime.fromtimestamp(tokens.expires_at, tz=timezone.utc).replace(tzinfo=None)
