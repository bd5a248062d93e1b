# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a list shows of conversations, and the messages of one; read from the index, told to its owner."""

from ..models.reason_texts import reason_text

_SHOWN_PEOPLE = 6
# Roles of folders in which a message is told by whom it goes to.
OUTGOING = frozenset({"sent", "drafts"})


class Teller:
    """Puts items of one mailbox into the app's words.

    :param env: its owner's, with his rights
    :param own: addresses that are his
    """

    def __init__(self, env, own):
        self.env = env
        self.own = own
        self._letters = {}
        self._chips = {}

    def look_up(self, email_ids):
        """Ask about these letters at once; as their reader, so that nothing shows that he may not see."""
        ids = [email_id for email_id in dict.fromkeys(email_ids) if email_id]
        letters = self.env["crm.mail.email"].search_fetch([("id", "in", ids)], ["visibility"])
        self._letters = {letter.id: letter.visibility == "private" for letter in letters}
        links = self.env["crm.mail.link"].search([("email_id", "in", letters.ids), ("is_undone", "!=", True)])
        targets = {link: link._target_record() for link in links}
        readable = _readable(targets.values())
        for link in links.sorted("id"):
            target = targets[link]
            if target in readable:
                chip = {"model": target._name, "id": target.id, "name": readable[target]}
                self._chips.setdefault(link.email_id.id, []).append(chip)

    def row(self, items, head_id, folder_role):
        """A conversation in a list.

        :param items: its items in this place, newest first
        :param head_id: the one that the list is sorted by
        """
        head = next((item for item in items if item["id"] == head_id), items[0])
        email_id = head["email_id"] if head["email_id"] in self._letters else False
        letters = {item["email_id"] for item in items} & self._letters.keys()
        chips = {(c["model"], c["id"]): c for item in items for c in self._chips.get(item["email_id"], ())}
        once = {item["same_key"] for item in items}
        return {
            "id": head["id"],
            "item_ids": [item["id"] for item in items],
            "count": items[0]["count"] if items[0]["count"] > len(items) else len(once),
            "unread": any(not item["is_seen"] for item in items),
            "flagged": any(item["is_flagged"] for item in items),
            "answered": any(item["is_answered"] for item in items),
            "has_files": any(item["has_files"] for item in items),
            "is_draft": any(item["is_draft"] for item in items),
            "people": self._people(items, head, folder_role),
            "subject": head["subject"] or "",
            "snippet": head["snippet"] or "",
            "date": str(head["received"]),
            "chips": list(chips.values()),
            "email_id": email_id,
            "is_archived": bool(letters),
            "is_private": bool(letters) and all(self._letters[letter] for letter in letters),
            "folder_id": head["folder_id"],
        }

    def message(self, item, folders):
        """A message of a conversation."""
        people = item["people"] or {}
        email_id = item["email_id"] if item["email_id"] in self._letters else False
        return {
            "id": item["id"],
            "copy_id": item["copy_id"],
            "email_id": email_id,
            "folder_id": item["folder_id"],
            "folders": folders,
            "date": str(item["received"]),
            "from": self.person(item["sender_name"], item["sender_address"]),
            **{role: [self.person(*who) for who in people.get(role, ())] for role in ("to", "cc", "bcc")},
            **{name: item[name] for name in ("is_seen", "is_flagged", "is_answered", "is_draft", "has_files")},
            "snippet": item["snippet"] or "",
            "chips": self._chips.get(item["email_id"], []),
            "is_private": self._letters.get(email_id, False),
            "state": item["state"],
            "why": self._why(item),
            "size": item["size"] or 0,
        }

    def person(self, name, address):
        return {"name": name or "", "address": address or "", "is_me": (address or "") in self.own}

    def _people(self, items, head, folder_role):
        """Who wrote, oldest first; where a list holds what one wrote himself, whom it goes to."""
        if folder_role in OUTGOING or (head["is_draft"] and len(items) == 1):
            people = head["people"] or {}
            return [self.person(*who) for role in ("to", "cc", "bcc") for who in people.get(role, ())][:_SHOWN_PEOPLE]
        writers = {item["sender_address"]: item["sender_name"] for item in reversed(items) if item["sender_address"]}
        found = [self.person(name, address) for address, name in writers.items()]
        # The first and the last ones say most.
        return found if len(found) <= _SHOWN_PEOPLE else [found[0], *found[1 - _SHOWN_PEOPLE :]]

    def _why(self, item):
        sentence = reason_text(self.env, item["reason"])
        if item["reason"] == "excluded":
            rule = self.env["crm.mail.copy"].browse(item["copy_id"]).rule_id
            return f"{sentence} ({rule.display_name})" if rule else sentence
        if item["state"] == "pending":
            return self.env._("It is about to be archived.")
        words = item["reason_text"]
        if words and item["state"] == "failed":
            return self.env._("%(sentence)s The server says: “%(words)s”", sentence=sentence, words=words)
        return sentence


def _readable(records):
    """Those of these records that the user may read, with their names."""
    by_model = {}
    for record in records:
        by_model[record._name] = by_model.get(record._name, record.browse()) | record
    return {
        record: record.display_name
        for some in by_model.values()
        for record in some.sudo(False)._filtered_access("read")
    }
