# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one clean-up of a sender's HTML, when the letter is archived.

The parser is html5ever behind nh3 (docs/adr: HTML clean-up): what it writes is *canonical* HTML, that is
balanced, with lower-case names, double-quoted attributes and every ``<``, ``>``, ``&`` of text and values
escaped, without comments or raw text elements. All other modules here read canonical HTML only, which is
why they can walk it with regular expressions.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

import nh3

from . import policy
from .tame import is_beyond_reason, needs_taming, strip_tags, tame
from .text import storable, text_to_html

# A marker no sender's address starts with, so that it can only come from our own filter.
_REMOTE = "cms-remote:"
_HTTP = re.compile(r"(?:https?:)?//[^\s\\]", re.I)
_LINK = re.compile(r"https?://|mailto:|tel:", re.I)
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp|x-icon|avif|heic);base64,[A-Za-z0-9+/=\s]*\Z", re.I)
_CID = re.compile(r"cid:[^\s]", re.I)
_DECLARATION = re.compile(r"""(?:[^;"']|"[^"]*"|'[^']*')+""")
_CSS_FUNCTION = re.compile(r"([\w-]*)\(")
# A height that follows the height of the frame, which follows the height of the letter.
_VIEWPORT_UNIT = re.compile(r"\d[dls]?v(?:h|b|min|max)\b", re.I)
_NEGATIVE = re.compile(r"(?<![\w.])-\s*[.\d]")
_SUSPECT = re.compile(rf"[(\\]|{_VIEWPORT_UNIT.pattern}|{_NEGATIVE.pattern}", re.I)
_SMALL_INDENT = re.compile(r"\s*text-indent:-(?:\d{0,2}(?:\.\d+)?(?:px|pt)|[01]?(?:\.\d+)?(?:in|cm|em))\s*\Z", re.I)
_EMPTY_STYLE = re.compile(r'(<[a-z][^<>]*) style=""(?=[ >])')
# The parser swallows the first of them at each reading.
_PRE_START = re.compile(r"(<pre(?: [^<>]*)?>)\n+")
_ANCHOR = f"<a {policy.LINK_ATTRIBUTES} "
_BODY = re.compile(r"<body(?=\s)", re.I)
_BODY_CHARS = 4_000


def sanitise(html: str) -> str:
    """Make a sender's HTML safe to keep and to show: no script, form, style sheet, frame or overlay, and
    nothing that is fetched by showing it.

    Images of the letter itself (``cid:``, ``data:``) stay; addresses of remote ones move to
    ``data-cms-src`` and ``data-cms-background``. Links are http(s), mailto and tel and open elsewhere.
    Never raises; cleaning a letter again changes nothing; time grows with the length, whatever the input
    (see ``tame``).
    """
    html = storable(html)
    if is_beyond_reason(html):
        return text_to_html(unescape(strip_tags(html)))
    html = _with_page_colour(html)
    if needs_taming(html):
        html = tame(html)
    clean = _CLEANER.clean(html)
    again = " data-cms-" in clean or "\\" in clean
    clean = clean.replace(f' src="{_REMOTE}', ' data-cms-src="')
    clean = clean.replace(f' background="{_REMOTE}', ' data-cms-background="')
    if again:
        # An element that had ``src`` and ``data-cms-src`` now has one of them twice: the parser drops it.
        # And a string in a style may have been written anew with escapes, which are not let through.
        clean = _CLEANER.clean(clean)
    return _finished(clean)


def _finished(clean: str) -> str:
    if ' style=""' in clean:
        clean = _EMPTY_STYLE.sub(r"\1", clean)
    if "<pre" in clean:
        clean = _PRE_START.sub(r"\1", clean)
    return clean.replace("<a ", _ANCHOR)


def _with_page_colour(html: str) -> str:
    """``<body>`` made a ``<div>`` if it carries a colour, or light text on a dark page would be unreadable."""
    body = _BODY.search(html) if "<body" in html or "<BODY" in html else None
    if not body:
        return html
    attributes = html[body.end() : html.find(">", body.end(), body.end() + _BODY_CHARS)].lower()
    if "bgcolor" not in attributes and "background" not in attributes:
        return html
    return f"{html[: body.start()]}<div{html[body.end() :]}"


def _attribute(tag: str, name: str, value: str) -> str | None:
    judge = _JUDGES.get(name)
    return value if judge is None else judge(tag, value)


def _href(_tag: str, value: str) -> str | None:
    value = value.strip()
    return value if _LINK.match(value) else None


def _src(_tag: str, value: str) -> str | None:
    value = value.strip()
    if _HTTP.match(value):
        return _REMOTE + _absolute(value)
    return value if _CID.match(value) or _DATA_IMAGE.match(value) else None


def _background(_tag: str, value: str) -> str | None:
    value = value.strip()
    return _REMOTE + _absolute(value) if _HTTP.match(value) else None


def _remote(_tag: str, value: str) -> str | None:
    value = value.strip()
    return _absolute(value) if _HTTP.match(value) else None


def _absolute(url: str) -> str:
    return "https:" + url if url.startswith("//") else url


def _style(_tag: str, value: str) -> str | None:
    return _safe_style(value) if len(value) < 2000 else _judge_style(value)


def _judge_style(value: str) -> str | None:
    """Takes the sender's own declarations: nh3 filters and normalises what this lets through."""
    if not _SUSPECT.search(value):
        return value or None
    kept = ";".join(d for d in _DECLARATION.findall(value) if _is_safe_declaration(d))
    return kept or None


_safe_style = lru_cache(maxsize=4096)(_judge_style)


def _is_safe_declaration(declaration: str) -> bool:
    if "\\" in declaration or _VIEWPORT_UNIT.search(declaration):
        return False
    functions = _CSS_FUNCTION.findall(declaration)
    if functions and not policy.STYLE_FUNCTIONS.issuperset(f.lower() for f in functions):
        return False
    # Negative margins and indents pull text over what stands beside the letter.
    return not _NEGATIVE.search(declaration) or bool(_SMALL_INDENT.match(declaration.replace(" ", "")))


def _class(_tag: str, value: str) -> str | None:
    kept = []
    for name in value.split()[:50]:
        if name in policy.QUOTE_CLASSES:
            kept.append(name)
        elif name.lower() in policy.PARAGRAPH_CLASSES:
            kept.append(policy.PARAGRAPH_CLASS)
    return " ".join(dict.fromkeys(kept)) or None


def _id(_tag: str, value: str) -> str | None:
    # Outlook on the web prefixes what it quotes again: x_divRplyFwdMsg.
    name = value.strip().removeprefix("x_")
    return name if name in policy.QUOTE_IDS else None


def _type(tag: str, value: str) -> str | None:
    return value if tag != "blockquote" or value.lower() == "cite" else None


_JUDGES = {
    "href": _href,
    "src": _src,
    "background": _background,
    "data-cms-src": _remote,
    "data-cms-background": _remote,
    "style": _style,
    "class": _class,
    "id": _id,
    "type": _type,
}

_CLEANER = nh3.Cleaner(
    tags=set(policy.TAGS),
    clean_content_tags=set(policy.DROPPED_WITH_CONTENT),
    attributes={tag: set(names) for tag, names in policy.ATTRIBUTES.items()},
    attribute_filter=_attribute,
    url_schemes=set(policy.URL_SCHEMES),
    filter_style_properties=set(policy.STYLE_PROPERTIES),
    # nh3 adds these two in an order that changes from run to run.
    link_rel=None,
)
