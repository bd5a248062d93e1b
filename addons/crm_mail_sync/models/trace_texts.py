# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a message was archived or not, in words."""


def short_reason(env, code):
    """In a word or two, for lists of counts."""
    texts = {
        "nobody_known": env._("of nobody known"),
        "draft": env._("drafts"),
        "folder_gone": env._("directory gone"),
        "folder_unpicked": env._("directory not scanned"),
        "folder_unsteady": env._("directory left out"),
    }
    return texts.get(code) or (code or env._("no reason noted")).replace("_", " ")
