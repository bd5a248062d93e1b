# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The expected figures: each rule by a letter whose links were told by hand, and sums that agree."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from sandbox.seed.expect import Links, is_selected, links_of
from sandbox.seed.mailboxes import build
from sandbox.seed.world import people

NOW = datetime(2026, 3, 2, 15, 20, tzinfo=timezone.utc)
OURS = "crm_mail_sync."


@pytest.fixture(scope="module")
def world():
    return build(NOW)


@pytest.fixture(scope="module")
def linked(world):
    return links_of(letter for letter in world.letters if any(is_selected(copy) for copy in letter.copies))


def from_person(linked, key: str) -> set[Links]:
    address = people()[key].address
    return {links for letter, links in linked if letter.sender.address == address and letter.kind in KINDS}


KINDS = {"conversation en", "conversation fr", "conversation de", "conversation es", "twice", "sender"}


@pytest.mark.parametrize(
    ("who", "partners", "leads"),
    [
        # a customer's main address; no lead
        ("lightsup", {"base.res_partner_6"}, set()),
        # a contact and his company; the newest open lead of the company
        ("floyd", {"base.res_partner_address_4", "base.res_partner_2"}, {"crm.crm_case_26"}),
        # a contact whose company has only a won lead
        ("edwin", {"base.res_partner_address_5", "base.res_partner_3"}, {"crm.crm_case_20"}),
        # a customer with nothing but lost leads: the newest
        ("bojing", {"base.res_partner_1"}, {"crm.crm_case_12"}),
        # a lead's own address; of two open leads the newer one
        ("dunagan", set(), {"crm.crm_case_29"}),
        ("osei", set(), {OURS + "lead_kumasi_booths_demo"}),
        # open before a newer won one, open before a newer lost one
        ("novak", set(), {OURS + "lead_moravia_rooms_demo"}),
        ("ashdown", set(), {OURS + "lead_greenfield_library_demo"}),
        # a lead without customer that is lost
        ("albert", set(), {"crm.crm_case_9"}),
        # written with capitals; a customer's and two leads' address at once
        ("french", {"base.res_partner_5"}, {"crm.crm_case_32"}),
        # the lead of a contact
        ("nunez", {OURS + "partner_sur_demo", OURS + "partner_sur_nunez_demo"}, {OURS + "lead_nunez_demo"}),
        # the same unknown person before and after the contact is copied in: first by domain, then by the contact
        ("marta", {"base.res_partner_3"}, set()),
        # private addresses: what the thread is linked to
        ("tonihome", {"base.res_partner_address_17", "base.res_partner_10"}, set()),
        ("henryhome", set(), {"crm.crm_case_25"}),
    ],
)
def test_each_rule(linked, who, partners, leads):
    assert Links(frozenset(partners), frozenset(leads)) in from_person(linked, who)
    if who != "marta":
        assert len(from_person(linked, who)) == 1


def test_all_hidden_recipients_count(linked):
    (links,) = [links for letter, links in linked if letter.kind == "bcc"]
    assert links == Links(frozenset(), frozenset({"crm.crm_case_3", "crm.crm_case_5", "crm.crm_case_8"}))


def test_sender_and_reply_to_count(linked):
    assert [links.partners for letter, links in linked if letter.kind == "sender"] == [
        {"base.res_partner_address_1", "base.res_partner_1"}
    ]
    assert {lead for letter, links in linked if letter.kind == "same message-id" for lead in links.leads} == {
        OURS + "lead_greenfield_library_demo",
        OURS + "lead_kumasi_booths_demo",
    }


def test_colleagues_strangers_and_newsletters_belong_to_nobody(linked):
    for letter, links in linked:
        assert bool(links) != (letter.kind in {"internal", "stranger", "newsletter", "notice", "garbage"}), letter.kind


def test_figures_add_up(world, linked):
    expected = world.expected
    assert expected.letters == sum(bool(links) for _letter, links in linked)
    assert sum(expected.links.values()) == sum(expected.of_record.values())
    assert 0 < expected.links["project.project"] < expected.links["res.partner"]
    assert all(expected.links[model] > 200 for model in ("res.partner", "crm.lead"))
    for figures, mailbox in zip(expected.mailboxes, world.mailboxes, strict=True):
        # Of a Main mailbox the app Email lists drafts, spam and trash too; nothing of them is archived.
        only_listed = {"drafts", "junk", "trash"} if mailbox.login in {"admin", "demo"} else set()
        read = [f for f in mailbox.folders if f.selected or f.role in only_listed]
        assert figures.seen == sum(len(folder.messages) for folder in read)
        assert figures.seen == figures.kept + figures.skipped + figures.failed
        assert figures.skipped >= 3
        assert figures.address == mailbox.address
    copies = sum(figures.kept for figures in expected.mailboxes)
    assert copies > expected.letters + 30
