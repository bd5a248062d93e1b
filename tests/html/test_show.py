# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folding of quoted history as the mail programs write it, and the two ways a letter is shown."""

from __future__ import annotations

import re

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsync.html import fold_quotes, for_chatter, frame_document, sanitise, text_to_html, to_text

from .bodies import letters, vectors

_OUTLOOK = """<html><head><style>p.MsoNormal {margin:0cm}</style></head><body lang=EN-GB><div class=WordSection1>
<p class=MsoNormal>New answer<o:p></o:p></p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>
<p class=MsoNormal><b>From:</b> Ada &lt;ada@a.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Bob</p></div></div>
<p class=MsoNormal>Old history</p></div></body></html>"""
REPLIES = {
    "Gmail": '<div dir="ltr">New answer</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    'class="gmail_attr">On Mon, Ada wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">'
    "<div>Old history</div></blockquote></div>",
    "Outlook for Windows": _OUTLOOK,
    "Outlook for Windows, German": _OUTLOOK.replace("From:", "Von:").replace("Sent:", "Gesendet:"),
    "Outlook on the web": '<div>New answer</div><div id="appendonsend"></div><hr style="width:98%">'
    '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Ada<br><b>Sent:</b> Monday</font></div>'
    "<div>Old history</div>",
    "Outlook, quoted again": '<div>New answer</div><div id="x_divRplyFwdMsg">From: Ada</div><p>Old history</p>',
    "Outlook for iOS": '<div dir="ltr">New answer</div><div id="mail-editor-reference-message-container"><hr>'
    '<div id="divRplyFwdMsg"><b>From:</b> Ada</div>Old history</div>',
    "Apple Mail": '<html><body>New answer<br><div><br><blockquote type="cite"><div>On 1 Jan, Ada wrote:</div>'
    "<div>Old history</div></blockquote></div></body></html>",
    "Thunderbird": '<p>New answer</p><div class="moz-cite-prefix">On 1/1/26, Ada wrote:<br></div>\n'
    '<blockquote type="cite" cite="mid:x@y"><p>Old history</p></blockquote>',
    "Yahoo": '<div>New answer</div><div id="yahoo_quoted_1" class="yahoo_quoted">'
    "<div>On Monday, Ada wrote:</div>Old history</div>",
    "Proton": '<div>New answer</div><div class="protonmail_quote">On Monday Ada wrote:'
    "<blockquote>Old history</blockquote></div>",
    "Zimbra": '<div>New answer</div><hr id="zwchr" data-marker="__DIVIDER__">'
    "<div><b>From: </b>Ada</div><div>Old history</div>",
    "an older program": "<p>New answer</p><p>-----Original Message-----<br>From: Ada<br>Old history</p>",
    "a header without marks": "<p>New answer</p><p><b>De :</b> Ada<br><b>Envoyé :</b> lundi</p><p>Old history</p>",
    "inside a table": '<table><tr><td>New answer<div id="divRplyFwdMsg">From: Ada</div>Old history</td></tr></table>',
}


def _folded(html: str, mark: str) -> tuple[str, str]:
    """Text outside and inside of the folds."""
    body = lxml.html.fragment_fromstring(html, create_parent="div")
    folds = body.xpath(f"//{mark}")
    inside = " ".join(fold.text_content() for fold in folds)
    for fold in folds:
        fold.drop_tree()
    return body.text_content(), inside


@pytest.mark.parametrize("program", REPLIES)
def test_history_is_folded_in_both_views(program: str) -> None:
    archived = sanitise(REPLIES[program])
    for html, mark in (
        (for_chatter(archived), "div[@data-o-mail-quote='1']"),
        (fold_quotes(archived, "frame"), "details"),
    ):
        outside, inside = _folded(html, mark)
        assert "New answer" in outside
        assert "Old history" in inside
        assert "Old history" not in outside
        assert "Ada" not in outside


@pytest.mark.parametrize(
    "html",
    [
        "<p>No history</p>",
        '<blockquote type="cite">Nothing but a quote</blockquote>',
        "<blockquote>A saying</blockquote><p>Text</p>",
        '<div>FYI</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        "From: Ada<br></div><p>What was forwarded</p></div>",
        "<p>Departure From: Berlin</p>",
    ],
)
def test_what_is_no_history_is_not_folded(html: str) -> None:
    archived = sanitise(html)
    assert fold_quotes(archived) == archived


def test_an_answer_below_the_quote_stays_visible() -> None:
    html = text_to_html("On Monday Ada wrote:\n> Old history\n\nNew answer")
    outside, inside = _folded(fold_quotes(html), "details")
    assert "New answer" in outside
    assert inside.endswith("Old history")


def test_fold_has_a_name() -> None:
    folded = fold_quotes(sanitise(REPLIES["Gmail"]), "frame", 'Zitat "alt"')
    assert 'aria-label="Zitat &quot;alt&quot;"' in folded


def _is_balanced(html: str) -> bool:
    stack = []
    for end, name in re.findall(r"<(/?)([a-z][a-z0-9]*)[^<>]*>", html):
        if end and (not stack or stack.pop() != name):
            return False
        if not end and name not in ("br", "col", "hr", "img", "wbr"):
            stack.append(name)
    return not stack


@settings(deadline=None)
@given(st.sampled_from([*letters().values(), *vectors().values(), *REPLIES.values()]), st.integers(0, 3_000))
def test_a_chatters_letter_is_short_and_well_formed(html: str, limit: int) -> None:
    archived = sanitise(html)
    shown = for_chatter(archived, limit=limit)
    assert _is_balanced(shown)
    assert _is_balanced(fold_quotes(archived))
    shown_text = to_text(shown).replace("…", "")
    assert len(shown_text) <= limit
    assert not re.search(r"&[a-z]*…", shown)


def test_folding_loses_no_text() -> None:
    for html in (*letters().values(), *REPLIES.values()):
        archived = sanitise(html)
        assert re.sub(r"\s", "", to_text(for_chatter(archived, limit=10**9))) == re.sub(r"\s", "", to_text(archived))


def test_images_of_the_letter_get_addresses_and_remote_ones_do_not() -> None:
    archived = sanitise('<img src="cid:a%20b@c"><img src=cid:gone alt=Gone><img src="http://x.example/p.png" alt=Logo>')
    urls = {"a b@c": '/file/1?x="'}
    shown = '<img src="/file/1?x=&quot;"><img alt="Gone"><img alt="Logo">'
    assert for_chatter(archived, file_url=urls.get) == shown
    assert shown in frame_document(archived, False, urls.get)
    assert '<img src="http://x.example/p.png" alt="Logo">' in frame_document(archived, True, urls.get)
    assert '<img src="http://x.example/p.png" alt="Logo">' in for_chatter(archived, True, file_url=urls.get)


def test_images_written_into_the_letter_do_not_fill_the_chatter() -> None:
    archived = sanitise("<p>Hello<img alt=Photo src='data:image/png;base64," + "A" * 100_000 + "'>there</p>")
    assert for_chatter(archived) == '<p>Hello<img alt="Photo">there</p>'
    assert "A" * 100_000 in frame_document(archived, False, lambda cid: None)


def test_outlooks_lines_have_no_margin_in_the_chatter() -> None:
    assert for_chatter(sanitise("<p class=MsoNormal style='color:red'>a")) == '<p style="margin:0;color:red">a</p>'


def test_the_frame_lets_images_in_only_with_consent() -> None:
    closed, opened = (frame_document("<p>a</p>", show, lambda cid: None) for show in (False, True))
    assert "img-src 'self' data:; " in closed
    assert "img-src 'self' data: https: http:; " in opened
    for document in (closed, opened):
        assert "default-src 'none'" in document
        assert "form-action 'none'" in document
        assert "base-uri 'none'" in document
        assert '<base target="_blank">' in document
        assert "<script" not in document
