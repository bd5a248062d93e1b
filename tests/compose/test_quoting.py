# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from mailsync import html
from mailsync.compose import forwarded, quoted


def test_a_quote_is_folded_when_the_answer_is_shown():
    answer = "<p>Yes</p>" + quoted("<p>Shall we?</p>", "On Monday, Anna <anna@acme.test> wrote:")
    shown = html.fold_quotes(html.sanitise(answer))
    before, _fold, folded = shown.partition("<details")
    assert "Yes" in before
    assert "Shall we?" in folded
    assert "Anna &lt;anna@acme.test&gt; wrote:" in folded


def test_what_is_passed_on_is_not_folded():
    letter = forwarded("<p>Read this</p>", "Forwarded message", [("From:", "Anna <a@b.test>"), ("Cc:", "")])
    shown = html.fold_quotes(html.sanitise(f"<p>Look</p>{letter}"))
    assert "<details" not in shown
    assert "<b>From:</b> Anna &lt;a@b.test&gt;" in shown
    assert "Cc:" not in shown


def test_both_survive_being_cleaned():
    for text in (quoted("<p>a</p>", "x wrote:"), forwarded("<p>a</p>", "Forwarded", [("From:", "x")])):
        clean = html.sanitise(text)
        assert html.sanitise(clean) == clean
        assert 'class="gmail_quote"' in clean
