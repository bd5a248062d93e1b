# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Requests to Graph over one connection: who asks, what it costs, and what the answer means.

Every request says that it wants immutable ids (https://learn.microsoft.com/graph/outlook-immutable-id): a message
keeps its id when it is moved, but for those who ask for it each time.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from ...errors import MailSyncError, MessageTooLarge, ProtocolError, TooSlow
from ...http_session import connection_error
from ...oauth import Tokens, fresh_tokens
from ...pace import Budget
from ...provider import Traffic
from .settings import GraphSettings
from .translate import Answer, error_of

_IMMUTABLE_IDS = 'IdType="ImmutableId"'

# 10,000 requests in ten minutes for an app and a mailbox, each part of a batch counted
# (https://learn.microsoft.com/graph/throttling-limits, Outlook service limits). A second more for unlike clocks.
_QUOTA = 10_000
_SPAN = 601.0
_RESERVE = 300

_VERSION = "/v1.0"
# Bytes of an answer other than a message; 20 parts of messages below a megabyte in Base64 are 28 MB.
_LARGEST_ANSWER = 64 * 2**20
LARGEST_MESSAGE = 300 * 2**20
_CHUNK = 2**16


class Client:
    """The session's connection; not for several threads at once."""

    def __init__(self, settings: GraphSettings, sleep: Callable[[float], None] = time.sleep) -> None:
        self.traffic = Traffic(pace=settings.pace)
        # Whether anything was read: a refusal after that concerns what was asked for, not the whole grant.
        self.has_read = False
        self.sleep = sleep
        self._settings = settings
        self._ends = time.monotonic() + settings.session_limit
        self._tokens: Tokens | None = settings.tokens
        self._budget = Budget(_QUOTA, _SPAN, _RESERVE, settings.pace)
        self._root = settings.endpoints.graph.rstrip("/")
        self._http = _session(settings)
        # Where the mailbox is, below the version.
        self.mailbox = f"/users/{quote(settings.mailbox, safe='@')}" if settings.mailbox else "/me"

    def sign_in(self) -> None:
        """Make sure that there are valid tokens."""
        self._tokens = fresh_tokens(self._settings.source, self._tokens, self._settings.keep_tokens)

    def relative(self, link: str) -> str:
        """The path and query of a link that Graph gave, to be followed only to where it came from."""
        ours, theirs = urlsplit(self._root), urlsplit(link)
        path = link.partition(theirs.netloc)[2] if theirs.netloc else ""
        is_own = (theirs.scheme, theirs.netloc.lower()) == (ours.scheme, ours.netloc.lower())
        if not is_own or not path.startswith(f"{_VERSION}/"):
            raise ProtocolError("a link that leads elsewhere")
        return path.removeprefix(_VERSION)

    def get(self, path: str, prefer: str = "", *, urgent: bool = False) -> Answer:
        """:param path: below the version, as ``relative`` and ``mailbox`` give it."""
        return self._ask("GET", path, _headers(prefer), None, units=1, urgent=urgent)

    def post(self, path: str, content: bytes, content_type: str, *, units: int = 1, urgent: bool = False) -> Answer:
        headers = {**_headers(), "Content-Type": content_type}
        return self._ask("POST", path, headers, content, units, urgent=urgent)

    def download(self, path: str, *, urgent: bool = False) -> bytes | Answer:
        """A message's bytes, held once while they come; an Answer if they do not."""
        # Compressed, its end would not show that it is one.
        headers = {**_headers(), "Accept-Encoding": "identity"}
        with closing(self._send("GET", path, headers, None, 1, urgent=urgent)) as response:
            if not 200 <= response.status_code < 300:
                return self._answer(response)
            self.has_read = True
            if response.raw.length_remaining is None and not response.raw.chunked:
                # It ends with the connection: nobody could tell half a message from a whole one.
                raise ProtocolError("a message of unknown length")
            return self._read(response, LARGEST_MESSAGE, MessageTooLarge)

    def make_sure(self, *, urgent: bool) -> None:
        """Ask something cheap of the mailbox; raises what is wrong with it as a whole.

        A refusal of one folder or message reads the same as one of the whole mailbox, and an outage as well.
        """
        answer = self.get(f"{self.mailbox}/mailFolders{query(select='id', top=1)}", urgent=urgent)
        if not answer.is_ok:
            raise error_of(answer)

    def close(self) -> None:
        self._http.close()

    def _ask(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, units: int, *, urgent: bool
    ) -> Answer:
        with closing(self._send(method, path, headers, content, units, urgent=urgent)) as response:
            answer = self._answer(response)
        # A batch says by its parts whether anything was read.
        self.has_read = self.has_read or (method == "GET" and answer.is_ok)
        return answer

    def _send(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, units: int, *, urgent: bool
    ) -> requests.Response:
        """The beginning of an answer. A token that is refused before its time is renewed once."""
        response = self._send_once(method, path, headers, content, units, urgent=urgent)
        if response.status_code == 401:
            # Continuous access evaluation, an administrator, or a clock. If the service wants claims that a renewed
            # token lacks, it refuses that as well, and only a new sign-in gives them.
            with closing(response):
                self._read(response, _LARGEST_ANSWER, ProtocolError)
            self.renew()
            response = self._send_once(method, path, headers, content, units, urgent=urgent)
            if response.status_code == 401:
                with closing(response):
                    raise error_of(self._answer(response))
        return response

    def renew(self) -> None:
        """Get new tokens although the old ones should be valid still."""
        renewed = self._settings.source.renewed(self._tokens)
        self._settings.keep_tokens(renewed)
        self._tokens = renewed

    def _send_once(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, units: int, *, urgent: bool
    ) -> requests.Response:
        self.sign_in()
        assert self._tokens
        left = self._left()
        try:
            self._budget.spend(units, urgent=urgent)
        finally:
            # A session that is refused has looked at the clock, and may have set right what was spent by another one.
            self.traffic.pace = self._budget.text()
        self.traffic.requests += 1
        self.traffic.units += units
        try:
            return self._http.request(
                method,
                f"{self._root}{_VERSION}{path}",
                data=content,
                headers={**headers, "Authorization": f"Bearer {self._tokens.access_token}"},
                timeout=min(self._settings.timeout, left),
                allow_redirects=False,
                stream=True,
            )
        except OSError as error:
            self._left()
            raise connection_error(error) from error

    def _answer(self, response: requests.Response) -> Answer:
        content = self._read(response, _LARGEST_ANSWER, ProtocolError)
        try:
            body = json.loads(content) if content else None
        except (ValueError, RecursionError) as error:
            if response.ok:
                raise ProtocolError("an answer that is no JSON") from error
            body = None
        return Answer(response.status_code, dict(response.headers), body)

    def _read(self, response: requests.Response, most: int, too_large: type[MailSyncError]) -> bytes:
        # Unlike joined pieces, what a BytesIO holds is not copied when it is taken out.
        buffer = io.BytesIO()
        try:
            while chunk := self._piece(response):
                self.traffic.bytes_received += len(chunk)
                if buffer.tell() + len(chunk) > most:
                    raise too_large()
                buffer.write(chunk)
        except urllib3.exceptions.DecodeError as error:
            raise ProtocolError("an answer that cannot be unpacked") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self._left()
            raise connection_error(requests.ConnectionError(error)) from error
        return buffer.getvalue()

    def _piece(self, response: requests.Response) -> bytes:
        """What has come of an answer; requests itself would wait for a whole portion, however slowly it drips."""
        left = self._left()
        connection = response.raw.connection
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(min(self._settings.timeout, left))
        piece: bytes = response.raw.read1(_CHUNK, decode_content=True)
        return piece

    def _left(self) -> float:
        """Seconds until the session has to be over; raises TooSlow if none are left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TooSlow()
        return left


def query(**options: Any) -> str:
    """An OData query from its options, their names without the dollar sign."""
    return "?" + "&".join(f"${name}={quote(str(value), safe='(),')}" for name, value in options.items())


def preferences(prefer: str = "") -> str:
    """The Prefer header of a request (RFC 7240)."""
    return f"{_IMMUTABLE_IDS}, {prefer}" if prefer else _IMMUTABLE_IDS


def _headers(prefer: str = "") -> dict[str, str]:
    return {"Accept": "application/json", "Prefer": preferences(prefer)}


def _session(settings: GraphSettings) -> requests.Session:
    session = requests.Session()
    # Neither proxies nor certificates nor passwords from the environment of a server that does other things too.
    session.trust_env = False
    session.verify = settings.endpoints.ca_file or True
    session.headers["User-Agent"] = "crm-mail-sync"
    # A connection that did not come about has asked for nothing.
    retries = urllib3.Retry(total=None, connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)
    session.mount("https://", HTTPAdapter(max_retries=retries))
    session.mount("http://", HTTPAdapter(max_retries=retries))
    return session
