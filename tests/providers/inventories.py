# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An inventory in several parts, by several sessions, while the folder changes."""

from __future__ import annotations

from .far_end import Server, letter


def parts_while_it_changes(server: Server, count: int = 11) -> tuple[set[str], set[str]]:
    """The ids that stayed, and all that were told: a session for each part, a message less and one more after each."""
    ids = [server.deliver(letter(number)) for number in range(count)]
    told: set[str] = set()
    gone: set[str] = set()
    place = ""
    for turn in range(100):
        with server.session() as provider:
            part = provider.inventory("INBOX", place)
        told.update(part.remote_ids)
        place = part.following
        if not place:
            assert turn > 1, "one part only"
            return set(ids) - gone, told
        # The newest and the oldest of them go, and new ones come.
        for victim in (ids[len(ids) - 1 - turn], ids[turn]):
            if victim not in gone:
                server.delete(victim)
                gone.add(victim)
        server.deliver(letter(100 + turn))
    raise AssertionError("an inventory that never ends")
