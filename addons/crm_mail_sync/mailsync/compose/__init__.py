# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters that are being written: answers and their quotes, and the bytes that go out.

```
Head of what is answered ─► answering: subject, recipients, ancestors ─┐
its HTML                 ─► quoting                                    ├─► Outgoing ─► build ─► bytes (RFC 5322)
what was typed, files                                                 ─┘
```
"""

from .answering import Ancestors, ancestors_of, forward_subject, reply_recipients, reply_subject
from .message import Outgoing, build, new_message_id
from .quoting import forwarded, quoted

__all__ = [
    "Ancestors",
    "Outgoing",
    "ancestors_of",
    "build",
    "forward_subject",
    "forwarded",
    "new_message_id",
    "quoted",
    "reply_recipients",
    "reply_subject",
]
