# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a sanitised letter is shown: in a chatter, shortened, and whole in a frame of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import unquote

from .quotes import closing, fold_quotes, open_tags
from .text import unescape

FileUrl = Callable[[str], "str | None"]

_REMOTE = re.compile(r'<[a-z][^<>]* data-cms-(?:src|background)="')
_REMOTE_NAME = re.compile(r' data-cms-(src|background)="')
_REMOTE_ATTRIBUTE = re.compile(r' data-cms-(?:src|background)="[^"]*"')
_MARKED_TAG = re.compile(r'<[a-z][^<>]* (?:data-cms-(?:src|background)|src)="[^<>]*>')
_CID = re.compile(r' src="cid:([^"]*)"', re.I)
_LARGE_DATA = re.compile(r' src="data:[^"]{4000,}"')
_PARAGRAPH = re.compile(r'(<[a-z0-9]+)((?: [^<>]*)?) class="MsoNormal"([^<>]*)>')
_BROKEN_END = re.compile(r"(?:<[^<>]*|&[a-z]{0,6})\Z")

_CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:{remote}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
)
_STYLE_SHEET = """
:root { color-scheme: light; }
body { margin: 0; padding: 12px; background: #fff; color: #222; overflow-wrap: anywhere;
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, sans-serif; }
img { max-width: 100%; }
img:not([height]) { height: auto; }
img:not([src])[width="1"], img:not([src])[height="1"], img:not([src])[width="0"] { display: none; }
img:not([src]) { outline: 1px dashed #bbb; outline-offset: -1px; color: #666; }
pre { white-space: pre-wrap; }
blockquote { margin: 0 0 0 4px; padding-left: 10px; border-left: 2px solid #ccc; color: #555; }
.MsoNormal { margin: 0; }
details.cms-quote { margin: 8px 0; }
details.cms-quote > summary { display: inline-block; padding: 0 8px; border-radius: 8px; background: #e4e4e4;
  font-size: 9px; line-height: 14px; color: #555; cursor: pointer; list-style: none; }
details.cms-quote > summary::-webkit-details-marker { display: none; }
"""


def has_remote_images(html: str) -> bool:
    """Whether a sanitised letter holds images that would have to be fetched from elsewhere."""
    return bool(_REMOTE.search(html))


def for_chatter(
    html: str,
    show_images: bool = False,
    limit: int = 20_000,
    file_url: FileUrl = lambda cid: None,
) -> str:
    """A sanitised letter for Odoo's message body: at most about ``limit`` characters, well-formed, quotes
    folded, remote images off unless ``show_images``.

    :param file_url: address of the letter's own file with this Content-ID, None if there is none.
    """
    html = _LARGE_DATA.sub("", html)
    html = _with_images(_shortened(html, limit), show_images, file_url)
    if 'class="MsoNormal"' in html:
        # No style sheet of ours reaches into Odoo's message body.
        html = _PARAGRAPH.sub(_paragraph_without_margin, html)
    return fold_quotes(html, "chatter")


def frame_document(html: str, show_images: bool, file_url: FileUrl, quote_label: str = "Quoted text") -> str:
    """A sanitised letter as a whole document for ``srcdoc`` of a sandboxed frame.

    Its content security policy lets nothing run and nothing load but the letter's own images, and remote
    ones if ``show_images``. Quotes fold with ``<details>``, which needs no script.
    """
    policy = _CONTENT_POLICY.format(remote=" https: http:" if show_images else "")
    body = fold_quotes(_with_images(html, show_images, file_url), "frame", quote_label)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off">'
        '<meta name="viewport" content="width=device-width">'
        f'<base target="_blank"><style>{_STYLE_SHEET}</style></head><body>{body}</body></html>'
    )


def _shortened(html: str, limit: int) -> str:
    if len(html) <= limit:
        return html
    cut = html[:limit]
    # Neither within a tag nor within a character reference.
    cut = _BROKEN_END.sub("", cut)
    return cut + "…" + closing(open_tags(cut, len(cut)))


def _with_images(html: str, show_remote: bool, file_url: FileUrl) -> str:
    def own_file(match: re.Match[str]) -> str:
        url = file_url(unquote(unescape(match[1])))
        return f' src="{escape(url)}"' if url else ""

    def shown(match: re.Match[str]) -> str:
        tag = _CID.sub(own_file, match[0])
        return _REMOTE_NAME.sub(r' \1="', tag) if show_remote else _REMOTE_ATTRIBUTE.sub("", tag)

    return _MARKED_TAG.sub(shown, html)


def _paragraph_without_margin(match: re.Match[str]) -> str:
    attributes = match[2] + match[3]
    if ' style="' in attributes:
        attributes = attributes.replace(' style="', ' style="margin:0;', 1)
    else:
        attributes += ' style="margin:0"'
    return f"{match[1]}{attributes}>"
