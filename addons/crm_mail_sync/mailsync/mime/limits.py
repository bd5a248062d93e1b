# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a message is read. What lies beyond stays in the message's raw bytes and is named in its defects.

The figures follow Dovecot (nesting 100, parts 10,000) and Postfix (100 kB a header), which came to them by attacks:
CVE-2020-12100 (nesting), CVE-2024-23184 (address headers), CVE-2026-27859 (RFC 2231 parameters).
"""

MAX_DEPTH = 100
MAX_PARTS = 10_000
# bytes of one header block
MAX_HEADER = 1 << 20
# characters of one field's value; what is longer is cut
MAX_FIELD = 1 << 18
# fields of one name that are joined (several To lines)
MAX_REPEATS = 100
# mailboxes kept of one role
MAX_ADDRESSES = 2_000
# Message-IDs kept of References
MAX_REFERENCES = 500
# characters of a Message-ID: an index entry of PostgreSQL has room for 2,704 bytes, four a character at most
MAX_ID = 500
MAX_NAME = 200
