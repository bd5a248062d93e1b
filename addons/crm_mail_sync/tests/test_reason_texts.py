# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each reason is told in words, at length and in short, wherever it comes from."""

import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ..mailsync.errors import MessageError
from ..models import reason_texts

_ADDON = Path(__file__).parent.parent
# How the code writes reasons down: as a decision, a value, in SQL, as a constant.
_WRITTEN = re.compile(
    r"""Decision\((?:KEEP|SKIP), "(\w+)"|reason"?(?: =|=|:) ["'](\w+)["']|COALESCE\(reason, '(\w+)'\)"""
    r"""|(?:THEN|ELSE) '(\w+_\w+)'|^[A-Z]+ = "(erased|odoo_notification)"$|_fail, copy, error, "(\w+)\"""",
    re.MULTILINE,
)


@tagged("post_install", "-at_install")
class TestReasonTexts(TransactionCase):
    def codes(self):
        found = {MessageError.code, *(error.code for error in MessageError.__subclasses__())}
        for path in (*(_ADDON / "scan").glob("*.py"), *(_ADDON / "models").glob("*.py")):
            for words in _WRITTEN.findall(path.read_text("utf-8")):
                found.update(filter(None, words))
        return found - {"manual"}

    def test_every_reason_has_both_texts(self):
        codes = self.codes()
        self.assertLess({"nobody_known", "folder_unpicked", "interrupted", "erased", "before_start"}, codes)
        for code in sorted(codes):
            with self.subTest(code):
                self.assertNotIn(f"({code})", reason_texts.reason_text(self.env, code))
                self.assertNotEqual(reason_texts.short_reason(self.env, code), "for another reason")

    def test_what_nobody_knows_is_told_without_its_code(self):
        self.assertIn("new_one", reason_texts.reason_text(self.env, "new_one"))
        self.assertEqual(reason_texts.short_reason(self.env, "new_one"), "for another reason")
        self.assertEqual(reason_texts.short_reason(self.env, None), "for another reason")
