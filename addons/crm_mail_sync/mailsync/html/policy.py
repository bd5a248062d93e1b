# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What of a sender's HTML may stay: tags, attributes, style properties. Allow lists only, read by ``sanitise``."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TAGS = words(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del"
    " dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main"
    " mark nav ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th"
    " thead time tr tt u ul var wbr"
)

# Raw text in the parser's sense: no tags inside.
RAW_TEXT = words("iframe noembed noframes script style title")
# Dropped with everything inside; of other unknown tags only the tag goes and its text stays. Style
# sheets go whole: their selectors would reach beyond the letter, and they can fetch.
DROPPED_WITH_CONTENT = RAW_TEXT | words("applet math noscript object svg template xml")

ATTRIBUTES = {
    "*": words("align bgcolor class color dir height id lang style title valign width data-cms-background background"),
    "a": frozenset({"href"}),
    "blockquote": frozenset({"type"}),
    "br": frozenset({"clear"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "font": frozenset({"face", "size"}),
    "hr": frozenset({"noshade", "size"}),
    "img": words("alt border data-cms-src hspace src vspace"),
    "li": frozenset({"type", "value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "table": words("border cellpadding cellspacing frame rules summary"),
    "td": words("abbr colspan headers nowrap rowspan scope"),
    "th": words("abbr colspan headers nowrap rowspan scope"),
    "time": frozenset({"datetime"}),
    "ul": frozenset({"type"}),
}

VOID = words("br col hr img wbr")

# What every link gets: a tab of its own that knows nothing of where it was opened.
LINK_ATTRIBUTES = 'target="_blank" rel="noopener noreferrer nofollow"'

URL_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid", "data"})

# No position, z-index, transform, content, cursor, filter, animation: nothing that leaves the letter's
# box, covers what is beside it, or names a file.
STYLE_PROPERTIES = words(
    "background background-color border-collapse border-color border-radius border-spacing border-style"
    " border-width border border-bottom border-bottom-color border-bottom-left-radius"
    " border-bottom-right-radius border-bottom-style border-bottom-width border-left border-left-color"
    " border-left-style border-left-width border-right border-right-color border-right-style"
    " border-right-width border-top border-top-color border-top-left-radius border-top-right-radius"
    " border-top-style border-top-width box-sizing caption-side clear color direction display empty-cells"
    " float font font-family font-size font-style font-variant font-weight height letter-spacing line-height"
    " list-style list-style-position list-style-type margin margin-bottom margin-left margin-right margin-top"
    " max-height max-width min-height min-width opacity overflow overflow-wrap padding padding-bottom"
    " padding-left padding-right padding-top table-layout text-align text-decoration text-decoration-color"
    " text-decoration-line text-decoration-style text-indent text-transform unicode-bidi vertical-align"
    " visibility white-space width word-break word-spacing word-wrap"
)

# Functions that take numbers and colours only; any other (url, image-set, attr, var, expression) is refused.
STYLE_FUNCTIONS = words("calc clamp hsl hsla linear-gradient max min radial-gradient rgb rgba")

# Names that mail programs give to the history below a reply, and nothing else: kept, so that it can be
# folded when the letter is shown. Every other class and id is dropped.
QUOTE_CLASSES = words("gmail_attr gmail_quote moz-cite-prefix protonmail_quote tutanota_quote yahoo_quoted zmail_extra")
QUOTE_IDS = words("appendonsend divRplyFwdMsg mail-editor-reference-message-container stopSpelling zwchr")
# The one class of a style sheet worth keeping: Outlook's paragraphs are lines, without a margin.
PARAGRAPH_CLASS = "MsoNormal"
PARAGRAPH_CLASSES = words("msonormal xmsonormal x_msonormal msoplaintext msonospacing msolistparagraph")
