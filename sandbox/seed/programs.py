# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How Outlook, Gmail, Apple Mail and plain-text programs lay out a letter: text, HTML, signature, quoted history."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .files import File
from .letters import Draft, Written
from .vocabulary import Language
from .world import User

_OUTLOOK_PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office">
<head><meta name="Generator" content="Microsoft Word 15">
<style><!-- p.MsoNormal{{margin:0cm;font-size:11.0pt;font-family:Calibri,sans-serif}} --></style></head>
<body lang="{lang}"{direction} link="#0563C1">
{inner}
</body></html>
"""
_OUTLOOK_LETTER = """<div class="WordSection1">
{body}
<p class="MsoNormal">&nbsp;</p>
<p class="MsoNormal">{signature}</p>
{image}</div>"""
_OUTLOOK_LINE = '<span style="font-size:9.0pt;color:#595959">{line}</span>'
_OUTLOOK_IMAGE = '<p class="MsoNormal"><img width="96" height="32" src="cid:{cid}" alt="YourCompany"></p>'
_OUTLOOK_QUOTE = """<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">
<p class="MsoNormal">{block}</p></div>
<p class="MsoNormal">&nbsp;</p>
{quoted}"""
_GMAIL_SIGNATURE = """<div><br></div><span class="gmail_signature_prefix">-- </span><br>
<div dir="ltr" class="gmail_signature">{signature}</div>"""
_GMAIL_QUOTE = """<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{introduction}<br></div>
<blockquote class="gmail_quote"\
 style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">
{quoted}</blockquote></div>"""
_APPLE_PAGE = """<html><head><meta http-equiv="content-type" content="text/html"></head>
<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;"{direction}>
{inner}</body></html>
"""
_APPLE_QUOTE = """<div><br><blockquote type="cite"><div>{introduction}</div>
<br class="Apple-interchange-newline"><div>{quoted}</div></blockquote></div>"""


def paragraphs(text: str, attributes: str = "") -> str:
    """Plain text as HTML paragraphs."""
    blocks = (escape(block, quote=False).replace("\n", "<br>\n") for block in text.strip().split("\n\n"))
    return "\n".join(f"<p{attributes}>{block}</p>" for block in blocks)


@dataclass(frozen=True, slots=True)
class Program:
    """The sender's mail program at work on one draft."""

    draft: Draft
    language: Language

    @property
    def client(self) -> str:
        return self.draft.sender.client

    def _signature_lines(self) -> list[str]:
        sender = self.draft.sender
        if self.client == "iphone":
            return [self.language.phone]
        if not sender.company or self.draft.is_automatic:
            return []
        signed = self.draft.text.rstrip().endswith(sender.name)
        lines = ["" if signed else sender.name, sender.function, sender.company]
        if isinstance(sender, User):
            lines += ["8000 Marina Blvd, Suite 300, Brisbane CA 94005", "+1 555-555-5556"]
        return [line for line in lines if line]

    def signature_text(self) -> str:
        lines = self._signature_lines()
        if not lines:
            return ""
        return "\n".join(["", "-- " if self.client in ("thunderbird", "web", "gmail") else "", *lines])

    def own_html(self, inline: File | None) -> str:
        """The letter without its history; ``inline`` is a picture below the signature."""
        lines = [escape(line, quote=False) for line in self._signature_lines()]
        if self.client == "outlook":
            return _OUTLOOK_LETTER.format(
                body=paragraphs(self.draft.text, ' class="MsoNormal"'),
                signature="<br>\n".join(_OUTLOOK_LINE.format(line=line) for line in lines),
                image=_OUTLOOK_IMAGE.format(cid=inline.content_id) if inline else "",
            )
        typed = self.draft.text.strip().split("\n")
        body = "\n".join(f"<div>{escape(line, quote=False) or '<br>'}</div>" for line in typed)
        signature = "<br>".join(lines)
        if self.client == "gmail":
            sign = _GMAIL_SIGNATURE.format(signature=signature) if lines else ""
            return f'<div dir="ltr">{body}{sign}</div>'
        return f"<div>{body}<br><div>{signature}</div></div>" if lines else f"<div>{body}</div>"

    def page(self, inner: str) -> str:
        """The whole document around the letter and its history."""
        language = self.draft.sender.language
        direction = ' dir="rtl"' if language == "ar" else ""
        if self.client == "outlook":
            return _OUTLOOK_PAGE.format(lang=language.upper(), direction=direction, inner=inner)
        if self.client == "gmail":
            return f"<div{direction}>{inner}</div>\n"
        return _APPLE_PAGE.format(direction=direction, inner=inner)

    def _date(self, previous: Draft) -> str:
        return previous.date.astimezone(self.draft.date.tzinfo).strftime(self.language.when)

    def _introduction(self, previous: Draft) -> str:
        who = f"{previous.sender.name} <{previous.sender.address}>"
        return self.language.wrote.format(date=self._date(previous), who=who)

    def _header_block(self, previous: Draft) -> list[tuple[str, str]]:
        sender = f"{previous.sender.name} <{previous.sender.address}>"
        to = "; ".join(person.name for person in (*previous.to, *previous.cc))
        values = (sender, self._date(previous), to, previous.subject)
        return list(zip(self.language.header, values, strict=True))

    def quoted_text(self, previous: Written | None) -> str:
        """The history as plain text; an automatic reply quotes nothing."""
        if previous is None or self.draft.is_automatic:
            return ""
        if self.client == "outlook":
            block = "\n".join(f"{label}: {value}" for label, value in self._header_block(previous.draft))
            return f"\n________________________________\n{block}\n\n{previous.text}"
        quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}" for line in previous.text.split("\n"))
        return f"\n{self._introduction(previous.draft)}\n\n{quoted}"

    def quoted_html(self, previous: Written | None) -> str:
        """The history as HTML."""
        if previous is None or self.draft.is_automatic:
            return ""
        if self.client == "outlook":
            block = "<br>\n".join(
                f"<b>{label}:</b> {escape(value, quote=False)}" for label, value in self._header_block(previous.draft)
            )
            return _OUTLOOK_QUOTE.format(block=block, quoted=previous.html)
        introduction = escape(self._introduction(previous.draft), quote=False)
        form = _GMAIL_QUOTE if self.client == "gmail" else _APPLE_QUOTE
        return form.format(introduction=introduction, quoted=previous.html)
