# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A letter's HTML: cleaned once when it is archived, read for search, shown without risk.

```
sanitise(html) ─► archive ─► to_text ─► snippet          (search, lists)
                         ├─► for_chatter                 (Odoo's message body)
                         └─► frame_document              (sandboxed frame)
text_to_html(text) ─► archive                            (plain-text letters)
```
"""

from .quotes import fold_quotes
from .sanitise import sanitise
from .show import for_chatter, frame_document, has_remote_images
from .text import snippet, text_to_html, to_text

__all__ = [
    "fold_quotes",
    "for_chatter",
    "frame_document",
    "has_remote_images",
    "sanitise",
    "snippet",
    "text_to_html",
    "to_text",
]
