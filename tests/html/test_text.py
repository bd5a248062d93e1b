# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text of letters: read from HTML, cut to a snippet, written as HTML."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsync.html import sanitise, snippet, text_to_html, to_text

from .bodies import letters


def test_blocks_are_lines_and_spaces_are_single() -> None:
    html = "<h1>Offer</h1><p>Dear  \n Ada,<br>thank&nbsp;you &lt;so&gt; much.<table><tr><td>a<td>b<tr><td>c</table>"
    assert to_text(sanitise(html)) == "Offer\n\nDear Ada,\nthank you <so> much.\n\na b\n\nc"


def test_invisible_fillers_are_not_text() -> None:
    assert to_text(sanitise("<p>in&shy;voice&#847;&zwnj;&#8203;</p>")).startswith("invoice")


def test_text_of_real_letters_holds_no_markup() -> None:
    for html in letters().values():
        assert not re.search(r"</?(?:div|td|span|font)\b[^\n]*style=", to_text(sanitise(html)))


@settings(deadline=None)
@given(st.text(), st.integers(2, 300))
def test_a_snippet_is_one_line_of_at_most_its_length(text: str, n: int) -> None:
    line = snippet(text, n)
    assert len(line) <= n
    assert "\n" not in line
    assert (
        line.removesuffix("…").strip() in " ".join(text.split())
        or "\u200c" in text
        or "\u200d" in text
        or "\u2007" in text
    )


def test_a_snippet_ends_between_words() -> None:
    assert snippet("The quick brown fox jumps over the lazy dog", 20) == "The quick brown fox…"
    assert snippet("Hello\u200c \u200c \u200c \u200c there") == "Hello there"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c<br>"),
        ("a\r\n  b\n\n", "a<br>  b<br>"),
        (
            "> one\n>> two\n> three\nfour",
            '<blockquote type="cite">one<br><blockquote type="cite">two<br></blockquote>three<br></blockquote>four<br>',
        ),
    ],
)
def test_plain_text_keeps_its_lines_and_quotes(text: str, html: str) -> None:
    assert text_to_html(text) == f'<div style="white-space:pre-wrap">{html}</div>'


@pytest.mark.parametrize(
    ("text", "href", "label"),
    [
        ("see https://a.example/b?c=1&d=2.", "https://a.example/b?c=1&amp;d=2", "https://a.example/b?c=1&amp;d=2"),
        ("(http://a.example/x)", "http://a.example/x", "http://a.example/x"),
        ("write to ada@b.example, please", "mailto:ada@b.example", "ada@b.example"),
    ],
)
def test_addresses_become_links(text: str, href: str, label: str) -> None:
    anchor = f'<a target="_blank" rel="noopener noreferrer nofollow" href="{href}">{label}</a>'
    assert anchor in text_to_html(text)


@pytest.mark.parametrize("text", ["javascript://x/", "a@b", "@", "://", "https://", "file://a/b", 'https://"onclick=x'])
def test_other_words_stay_words(text: str) -> None:
    assert "<a " not in text_to_html(text)


@settings(deadline=None)
@given(st.text())
def test_plain_text_becomes_what_cleaning_leaves_alone(text: str) -> None:
    html = text_to_html(text)
    assert sanitise(html) == html


@pytest.mark.slow
@pytest.mark.parametrize("piece", [">", "> ", "\n>", "a@", "http://", "https://a/", "a" * 100, "é@é.", "\t"])
def test_large_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    html = text_to_html(piece * (2_000_000 // len(piece)))
    to_text(html)
    assert time.process_time() - started < 10
