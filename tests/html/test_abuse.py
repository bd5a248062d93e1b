# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Hostile HTML in a real browser: nothing runs, nothing is fetched, whichever way a letter is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mailsync.html import for_chatter, frame_document, has_remote_images, sanitise

from .bodies import letters, vectors
from .browser import HOME, Oracle, View, oracle

pytestmark = pytest.mark.slow

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Oracle]:
    with oracle() as running:
        yield running


@pytest.fixture(scope="module")
def archived() -> dict[str, str]:
    """Vectors and real letters as they are archived."""
    return {name: sanitise(html) for name, html in (vectors() | letters()).items()}


@pytest.mark.parametrize("view", ["document", "innerHTML"])
def test_what_is_archived_runs_and_fetches_nothing(chromium: Oracle, archived: dict[str, str], view: View) -> None:
    assert chromium.culprits(archived, view) == {}


def test_nothing_runs_or_is_fetched_in_a_chatter(chromium: Oracle, archived: dict[str, str]) -> None:
    shown = {name: for_chatter(html, limit=2_000, file_url=lambda cid: _PIXEL) for name, html in archived.items()}
    assert chromium.culprits(shown, "shadow") == {}


def test_nothing_runs_or_is_fetched_in_a_frame(chromium: Oracle, archived: dict[str, str]) -> None:
    shown = {name: frame_document(html, False, lambda cid: _PIXEL) for name, html in archived.items()}
    assert chromium.culprits(shown, "sandbox") == {}


def test_a_frame_holds_even_what_was_never_cleaned(chromium: Oracle) -> None:
    # Sandbox and content security policy are the second wall: they must stand alone. A refresh of the
    # frame itself is not theirs to stop, nor a picture of our own server.
    shown = [frame_document(html, False, lambda cid: None) for html in vectors().values()]
    effects = [chromium.show(shown[start : start + 40], "sandbox") for start in range(0, len(shown), 40)]
    assert [call for found in effects for call in found.ran] == []
    requests = {request for found in effects for request in found.fetched}
    assert {kind for kind, address in requests if not address.startswith(HOME)} <= {"document"}
    assert any(kind == "image" for kind, _address in requests)


def test_with_consent_only_images_are_fetched(chromium: Oracle, archived: dict[str, str]) -> None:
    remote = {name: html for name, html in archived.items() if has_remote_images(html)}
    shown = [frame_document(html, True, lambda cid: _PIXEL) for html in remote.values()]
    effects = [chromium.show([html], "sandbox") for html in shown]
    assert len(effects) > 20
    assert all(effects)
    assert {kind for found in effects for kind, _address in found.fetched} == {"image"}
    assert not any(found.ran for found in effects)


@pytest.mark.parametrize("view", ["document", "innerHTML"])
def test_the_same_vectors_untreated_do_run_and_fetch(chromium: Oracle, view: View) -> None:
    # Without this the tests above could pass because the browser shows nothing at all.
    some = dict(list(vectors().items())[::9])
    effects = [chromium.show([html], view) for html in some.values()]
    assert sum("alert" in call for found in effects for call in found.ran) >= 3
    assert sum(bool(found.fetched) for found in effects) >= 3
