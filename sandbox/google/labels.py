# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox's labels: the system's own and the user's (developers.google.com, ``users.labels``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import errors

MOST_LABELS = 10_000

SYSTEM = (
    "CHAT",
    "SENT",
    "INBOX",
    "IMPORTANT",
    "TRASH",
    "DRAFT",
    "SPAM",
    "CATEGORY_FORUMS",
    "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_SOCIAL",
    "STARRED",
    "UNREAD",
)

# Only Gmail itself gives and takes these.
FIXED = frozenset(("SENT", "DRAFT", "CHAT"))


@dataclass
class Label:
    """One label; the visibilities are those of the API."""

    id: str
    name: str
    messages: str | None = None
    list: str | None = None

    @property
    def is_system(self) -> bool:
        return self.id in SYSTEM

    def shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": self.id, "name": self.name}
        if self.messages:
            shown["messageListVisibility"] = self.messages
        if self.list:
            shown["labelListVisibility"] = self.list
        return {**shown, "type": "system" if self.is_system else "user"}


class Labels:
    """The labels of one mailbox, by id."""

    def __init__(self) -> None:
        self._labels = {name: Label(name, name) for name in SYSTEM}
        self._made = 0

    def all(self) -> list[Label]:
        return list(self._labels.values())

    def get(self, label_id: str) -> Label:
        """:raises ApiError: 404"""
        if label_id not in self._labels:
            raise errors.not_found()
        return self._labels[label_id]

    def by_name(self, name: str) -> Label | None:
        """The label of that name; case does not matter, and hyphens stand for what a search cannot hold."""
        return next((label for label in self.all() if _key(label.name) == _key(name)), None)

    def create(self, name: str, messages: str | None = None, labels: str | None = None) -> Label:
        """:raises ApiError: 400 for a name that cannot be, 409 for one that is taken"""
        self._check_name(name)
        if len(self._labels) - len(SYSTEM) >= MOST_LABELS:
            raise errors.invalid("Too many labels")
        self._made += 1
        label = Label(f"Label_{self._made}", name, messages or "show", labels or "labelShow")
        self._labels[label.id] = label
        return label

    def change(self, label_id: str, values: dict[str, Any]) -> Label:
        """Rename a label, or show it otherwise. Its id stays.

        :raises ApiError: 404, 400, 409
        """
        label = self._own(label_id)
        if "name" in values and values["name"] != label.name:
            self._check_name(values["name"], label_id)
            label.name = values["name"]
        label.messages = values.get("messageListVisibility", label.messages)
        label.list = values.get("labelListVisibility", label.list)
        return label

    def remove(self, label_id: str) -> None:
        """:raises ApiError: 404, or 400 for a system label"""
        del self._labels[self._own(label_id).id]

    def check(self, label_ids: Iterable[str], changeable: bool = False) -> None:
        """:raises ApiError: 400 when one of them is unknown, or cannot be changed"""
        for label_id in label_ids:
            if label_id not in self._labels or (changeable and label_id in FIXED):
                raise errors.invalid(f"Invalid label: {label_id}")

    def _own(self, label_id: str) -> Label:
        label = self.get(label_id)
        if label.is_system:
            raise errors.invalid("Invalid update or delete request for a system label")
        return label

    def _check_name(self, name: str, label_id: str = "") -> None:
        if not name or not name.strip("/ ") or name.upper() in SYSTEM:
            raise errors.invalid("Invalid label name")
        if any(label.name.lower() == name.lower() and label.id != label_id for label in self.all()):
            raise errors.ApiError(409, "aborted", "Label name exists or conflicts", "ABORTED")


def _key(name: str) -> str:
    return name.lower().replace(" ", "-").replace("/", "-")
