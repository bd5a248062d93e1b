# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subscriptions to changes of mail, and what becomes of them as time goes by.

Nothing is sent by itself: :meth:`Subscriptions.deliver` sends what is due by the clock.
Sources: learn.microsoft.com/graph/api/resources/changenotification, learn.microsoft.com/graph/webhooks-lifecycle.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.cloud.clock import Clock

from . import ids, items
from .account import OutlookAccount
from .grants import Access
from .mailbox import Change
from .notices import Notices

_TYPES = {"added": "created", "updated": "updated", "moved": "deleted", "deleted": "deleted"}


@dataclass
class Subscription:
    """``folder`` is "" for all mail of the account, ``ends`` in seconds since 1970, ``seen`` the last change told."""

    id: str
    owner: Access
    account: OutlookAccount
    folder: str
    resource: str
    change_types: Sequence[str]
    notification_url: str
    lifecycle_url: str
    client_state: str | None
    ends: float
    is_immutable: bool
    seen: int

    def changes(self) -> list[tuple[Change, str]]:
        """What has happened since the last call, in its order, each with the folder that it happened in."""
        mailbox = self.account.mailbox
        with mailbox.lock:
            folders = [folder for folder in mailbox.folders.values() if self.folder in ("", folder.id)]
            found = [(c, folder.id) for folder in folders for c in folder.changes if c.number > self.seen]
            self.seen = mailbox.number
        return sorted(found, key=lambda pair: pair[0].number)


class Subscriptions:
    """All subscriptions of all tenants.

    ``notices`` says how notifications are sent; ``forged_state`` is sent in the place of every ``clientState``, as by
    somebody who does not know it.
    """

    def __init__(self, clock: Clock) -> None:
        self.notices = Notices(clock)
        self.forged_state: str | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[str, Subscription] = {}

    def active(self) -> list[Subscription]:
        """Those that have not expired, oldest first."""
        now = self._clock.now()
        with self._lock:
            return [subscription for subscription in self._all.values() if subscription.ends > now]

    def add(self, subscription: Subscription) -> None:
        with self._lock:
            self._all[subscription.id] = subscription

    def remove(self, subscription_id: str) -> None:
        """End a subscription; what was not sent yet is never sent."""
        with self._lock:
            self._all.pop(subscription_id, None)
        self.notices.forget({subscription_id})

    def order(
        self,
        event: Literal["reauthorizationRequired", "subscriptionRemoved", "missed"],
        subscription_id: str | None = None,
    ) -> None:
        """Let a lifecycle event happen to a subscription, or to all; it is told by the next :meth:`deliver`.

        With ``subscriptionRemoved`` the subscription is gone, with ``missed`` what has changed so far is never told.
        One without ``lifecycleNotificationUrl`` learns nothing of it.
        """
        met = [one for one in self.active() if subscription_id in (None, one.id)]
        for subscription in met:
            if event == "subscriptionRemoved":
                self.remove(subscription.id)
            elif event == "missed":
                self.notices.forget({subscription.id})
                subscription.changes()
        told = [subscription for subscription in met if subscription.lifecycle_url]
        self.notices.add((one.lifecycle_url, {**self._item(one), "organizationId": one.owner.tenant,
                                              "lifecycleEvent": event}) for one in told)  # fmt: skip

    def deliver(self) -> int:
        """Send what has changed and what waits to be tried again; answers how many POSTs were accepted."""
        active = self.active()
        self.notices.add(
            (subscription.notification_url, self._change(subscription, change, folder))
            for subscription in active
            for change, folder in subscription.changes()
            if _TYPES[change.kind] in subscription.change_types
        )
        return self.notices.send(self._is_wanted)

    def _is_wanted(self, item: dict[str, Any]) -> bool:
        """Whether the subscription of a notification lives; that it was removed is told all the same."""
        is_farewell = item.get("lifecycleEvent") == "subscriptionRemoved"
        return is_farewell or any(one.id == item["subscriptionId"] for one in self.active())

    def _item(self, subscription: Subscription) -> dict[str, Any]:
        return {
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": items.iso(subscription.ends),
            "clientState": subscription.client_state if self.forged_state is None else self.forged_state,
        }

    def _change(self, subscription: Subscription, change: Change, folder: str) -> dict[str, Any]:
        message_id = change.message_id if subscription.is_immutable else ids.mutable(change.message_id, folder)
        resource = f"Users/{subscription.account.oid}/Messages/{message_id}"
        data = {"@odata.type": "#Microsoft.Graph.Message", "@odata.id": resource, "id": message_id}
        return {
            **self._item(subscription),
            "changeType": _TYPES[change.kind],
            "resource": resource,
            "resourceData": data,
            "tenantId": subscription.owner.tenant,
        }
