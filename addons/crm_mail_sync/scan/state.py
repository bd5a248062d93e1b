# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a scan knows of itself and of its folders."""

from dataclasses import dataclass


@dataclass
class Tally:
    """A scan in figures, for the run log and the progress bar."""

    seen: int = 0
    kept: int = 0
    skipped: int = 0
    failed: int = 0
    gone: int = 0
    requests: int = 0
    bytes_received: int = 0


@dataclass
class FolderState:
    """A folder as the scan knows it, apart from the database's transactions."""

    id: int
    remote_id: str
    cursor: str
    remaining: int = 0
    # How often in a row it was found numbered anew; whether this session has looked at it already.
    resets: int = 0
    is_met: bool = False
    role: str = ""
    is_picked: bool = True
