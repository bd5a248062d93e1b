# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of a provider's quota a long import uses, with the real limits on, while nothing is refused."""

from __future__ import annotations

import time

from .figures import Figure
from .letters import known_address
from .standins import standin
from .world import World

COUNT = 2_000
CUSTOMERS = 200
# Gmail's quota for one user, and how long it is used at least.
UNITS_A_MINUTE = 6_000
STEADY_SECONDS = 181.0
LEAST_RATE_USE = 0.9


def run(world: World) -> list[Figure]:
    """What is used of the quota of three minutes, from the first message on."""
    world.env["res.partner"].create([{"name": f"Buyer {n}", "email": known_address(n)} for n in range(CUSTOMERS)])
    with standin("gmail", COUNT, small=True, limits=True) as far:
        mailbox = world.linked_mailbox("gmail", far.facts)
        started = time.monotonic()
        while time.monotonic() - started < STEADY_SECONDS:
            mailbox._cron_scan(patient=True)
        counts = far.counts()
        state = mailbox.state
        world.forget()
    if counts["refused"]:
        raise RuntimeError(f"{counts['refused']} requests were refused")
    if state != "importing":
        raise RuntimeError(f"The mailbox is {state}: it has too few messages for this measurement")
    used = counts["three_minutes"] / (3 * UNITS_A_MINUTE)
    return [Figure("rate_use", used, "of the allowed rate", "at least", LEAST_RATE_USE)]
