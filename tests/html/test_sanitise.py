# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Cleaning: what stays, what goes, and that it ends in time whatever comes in."""

from __future__ import annotations

import re
import time
from collections import Counter

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsync.html import has_remote_images, policy, sanitise, to_text
from mailsync.html.tame import tame

from .bodies import letters, vectors

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [a-z-]+=\"[^\"<>]*\")*)>")
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_LOADED = re.compile(r"cid:|data:image/(?!svg)", re.I)
_INVISIBLE = {"script", "style", "title", "noscript", "xml", "svg", "iframe", "object", "template"}


def _check_canonical(html: str) -> None:
    """Balanced, nothing but what the lists allow, no markup that the pattern does not know."""
    assert "<" not in _TAG.sub("", html)
    stack = []
    for end, name, attributes in _TAG.findall(html):
        assert name in policy.TAGS
        if end:
            assert stack.pop() == name
        elif name not in policy.VOID:
            stack.append(name)
        _check_attributes(name, _ATTRIBUTE.findall(attributes))
    assert stack == []


def _check_attributes(name: str, attributes: list[tuple[str, str]]) -> None:
    allowed = policy.ATTRIBUTES["*"] | policy.ATTRIBUTES.get(name, frozenset())
    for attribute, value in attributes:
        assert attribute in allowed or (name == "a" and attribute in ("target", "rel"))
        if attribute == "href":
            assert re.match(r"https?://|mailto:|tel:", value, re.I)
        elif attribute == "src":
            assert _LOADED.match(value)
        elif attribute == "background":
            raise AssertionError("a background would be fetched")
        elif attribute == "style":
            assert not re.search(r"url\(|position|expression|\\|@", value, re.I)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.translate(dict.fromkeys((0xAD, 0x200B, 0x34F, 0xFEFF)))))


def _visible(html: str) -> str:
    """What lxml, another parser than ours, reads as text."""
    parser = lxml.html.HTMLParser(huge_tree=True, encoding="utf-8")
    document = lxml.html.document_fromstring(html.replace("\x00", "").encode("utf-8", "replace"), parser=parser)
    for element in document.iter():
        if not isinstance(element.tag, str) or element.tag in _INVISIBLE:
            tail = element.tail
            element.clear()
            element.tail = tail
    return " ".join(document.itertext())


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p onclick=x()>a<script>b</script></p>", "<p>a</p>"),
        ("<style>p{color:red}</style><p class=big id=top>a", "<p>a</p>"),
        ("<form action=http://x><button>Send</button></form>", "Send"),
        ('<p style="position:fixed;color:red;background:url(http://x/y)">a', '<p style="color:red">a</p>'),
        ('<p style="margin-left:-900px;margin-top:2px">a', '<p style="margin-top:2px">a</p>'),
        ('<p style="min-height:100VH;width:50%">a', '<p style="width:50%">a</p>'),
        ('<p style="text-indent:-18.0pt">a', '<p style="text-indent:-18.0pt">a</p>'),
        ('<p style="width:expression(alert(1));color:rgb(1,2,3)">a', '<p style="color:rgb(1, 2, 3)">a</p>'),
        (r'<p style="background:\75rl(http://x)">a', "<p>a</p>"),
        ("<img src=http://x/a.png alt=A>", '<img data-cms-src="http://x/a.png" alt="A">'),
        ("<img src=//x/a.png srcset='//x/b.png 2x'>", '<img data-cms-src="https://x/a.png">'),
        ("<img src=cid:a@b>", '<img src="cid:a@b">'),
        ("<img src='data:image/svg+xml;base64,PHN2Zz4='>", "<img>"),
        ("<img src='data:image/png;base64,AAAA'>", '<img src="data:image/png;base64,AAAA">'),
        ("<img src=relative.png>", "<img>"),
        (
            "<table background=http://x/><tr><td>a",
            '<table data-cms-background="http://x/"><tbody><tr><td>a</td></tr></tbody></table>',
        ),
        ("<body bgcolor=black><font color=white>a", '<div bgcolor="black"><font color="white">a</font></div>'),
        ("<body class=x><p>a", "<p>a</p>"),
        ("<p class='x_MsoNormal big'>a", '<p class="MsoNormal">a</p>'),
        ("a\x00b", "ab"),
    ],
)
def test_what_stays_and_what_goes(dirty: str, clean: str) -> None:
    assert sanitise(dirty) == clean


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "/odoo", "#a"]
)
def test_links_lead_to_the_web_and_to_mail_only(scheme: str) -> None:
    assert sanitise(f'<a href="{scheme}">a</a>') == "<a>a</a>"
    assert sanitise('<a href=" HTTPS://a.example/?b&c">a</a>') == (
        '<a target="_blank" rel="noopener noreferrer nofollow" href="HTTPS://a.example/?b&amp;c">a</a>'
    )


def test_remote_images_are_told() -> None:
    assert has_remote_images(sanitise("<img src=http://x/a.png>"))
    assert not has_remote_images(sanitise('<p>data-cms-src="x"</p><img src=cid:a>'))


@pytest.mark.parametrize("name", sorted(vectors()))
def test_hostile_vectors_come_out_canonical(name: str) -> None:
    _check_canonical(sanitise(vectors()[name]))


def test_letters_come_out_canonical_the_same_each_time_with_their_text() -> None:
    total = lost = 0
    for html in letters().values():
        clean = sanitise(html)
        _check_canonical(clean)
        assert sanitise(clean) == clean
        words = _words(_visible(html))
        total += words.total()
        lost += (words - _words(re.sub("<[^<>]*>", " ", clean.replace("&nbsp;", " ").replace("&amp;", "&")))).total()
    assert total > 20_000
    assert lost / total < 0.005


def test_taming_keeps_letters_as_they_are() -> None:
    changed = []
    for name, html in letters().items():
        words, tamed = _words(to_text(sanitise(html))), _words(to_text(sanitise(tame(html))))
        if (words - tamed).total() > words.total() * 0.01:
            changed.append(name)
    assert len(changed) <= 1


_SOUP = r"""
<p> </p> <div> </div> <b> </b> <a> <table> <tr> <td> </table> <svg> <math> <style> </style> <form> <li> <pre> <wbr>
<select> <option> <template> <noscript> <textarea> <title> <mtext> <mglyph> <plaintext> <xmp> <!-- --> <![CDATA[ ]]>
<a <img <td <p href=" src=http://x src=cid:a data-cms-src=http://y background=//x class=gmail_quote id=divRplyFwdMsg
style=" color:red; url( /* */ \ ' " < > = & &nbsp; &#x3c; &lt /> encoding=text/html
"""
_FRAGMENTS = [*_SOUP.split(), "\x00", "\ud800", "\n\n", " ", "\x0c"]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=5), st.sampled_from(sorted(vectors().values()))))
)
def test_anything_comes_out_canonical_and_storable(pieces: list[str]) -> None:
    clean = sanitise("".join(pieces))
    _check_canonical(clean)
    clean.encode()
    assert "\x00" not in clean
    _check_canonical(sanitise(tame(clean)))


_HOSTILE = {
    "attributes of one element": lambda n: "<div " + " ".join(f"a{i}=1" for i in range(n)) + ">x",
    "attributes without values": lambda n: "<div " + " ".join(f"a{i}" for i in range(n)) + ">x",
    "nested div": lambda n: "<div>" * n + "x",
    "end tags that match nothing": lambda n: "<span>" * n + "</p>" * n,
    "formatting that is never closed": lambda n: "".join(f"<p><font color={i}>x" for i in range(n)),
    "formatting in list items": lambda n: "".join(f"<li><font color={i}>x" for i in range(n)),
    "nested tables": lambda n: "<table><tr><td>" * n + "x",
    "cells beside deep nesting": lambda n: "<p><table><tr><td>" + "<span>" * 300 + "<div></div>" * n,
    "unclosed comments": lambda n: "<!--" * n,
    "unclosed style sheets": lambda n: "<style>" * n,
    "unclosed values": lambda n: "<a x='" * n,
    "bodies": lambda n: "<body " * n,
    "references": lambda n: "&nbsp;" * n,
    "brackets": lambda n: "<" * n,
    "declarations": lambda n: "<p style='" + "color:red;" * n + "'>x",
    "functions": lambda n: "<p style='width:" + "calc(" * n + "'>x",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_size_takes_linear_time(name: str) -> None:
    small, large = (_seconds(_HOSTILE[name](n)) for n in (25_000, 100_000))
    # Quadratic would be 16 times; 4 is linear. Below a tenth of a second the clock is noise.
    assert large < 10 * max(small, 0.1)
    assert large < 20


@pytest.mark.slow
def test_twenty_megabytes_are_archived_as_text() -> None:
    html = "<p style='color:red'>hello <b>world</b> &amp; all</p>\n" * 400_000
    started = time.process_time()
    clean = sanitise(html)
    assert time.process_time() - started < 30
    assert to_text(clean[:300]).startswith("hello world & all\n")
    assert clean.count("hello world") == 400_000


def test_what_was_deep_keeps_its_text() -> None:
    assert to_text(sanitise("<div>" * 100_000 + "the end")) == "the end"


def _seconds(html: str) -> float:
    started = time.process_time()
    sanitise(html)
    return time.process_time() - started
