# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import pytest

from mailsync.compose import ancestors_of, forward_subject, reply_recipients, reply_subject
from mailsync.compose.answering import MOST_REFERENCES
from mailsync.letter import Address, Head

ME, ALIAS = Address("Olga", "olga@ours.test", "to"), Address("Olga", "sales@ours.test", "to")
OWN = {"olga@ours.test", "sales@ours.test"}
ANNA = Address("Anna", "Anna@acme.test", "from")
BEN = Address("Ben", "ben@acme.test", "to")
COPY = Address("Cleo", "cleo@acme.test", "cc")


def addresses(*groups):
    return [[person.normalized for person in group] for group in groups]


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Offer", "Re: Offer"),
        ("Re: Offer", "Re: Offer"),
        ("RE: Re: AW: SV: Offer", "Re: Offer"),
        ("Re[4]: Offer", "Re: Offer"),
        ("回复：見積", "Re: 見積"),
        ("Antw: Re: Отв: Offer", "Re: Offer"),
        ("Fwd: Offer", "Re: Fwd: Offer"),
        ("Re: Fwd: Re: Offer", "Re: Fwd: Re: Offer"),
        ("Refund: 20 EUR", "Re: Refund: 20 EUR"),
        ("Rest of the order", "Re: Rest of the order"),
        ("", "Re:"),
    ],
)
def test_an_answer_is_marked_once(subject, answer):
    assert reply_subject(subject) == answer
    assert reply_subject(answer) == answer


@pytest.mark.parametrize(
    ("subject", "passed_on"),
    [
        ("Offer", "Fwd: Offer"),
        ("Re: Offer", "Fwd: Re: Offer"),
        ("FW: Offer", "FW: Offer"),
        ("WG: Offer", "WG: Offer"),
        ("转发: 見積", "转发: 見積"),
        ("Forward planning", "Fwd: Forward planning"),
    ],
)
def test_what_is_passed_on_is_marked_once(subject, passed_on):
    assert forward_subject(subject) == passed_on
    assert forward_subject(passed_on) == passed_on


def test_an_answer_goes_to_the_sender():
    head = Head(addresses=(ANNA, ME, BEN, COPY))
    assert addresses(*reply_recipients(head, OWN)) == [["anna@acme.test"], []]


def test_an_answer_to_all_leaves_out_oneself_under_all_ones_addresses_and_names_nobody_twice():
    again = Address("Benjamin", "BEN@acme.test", "cc")
    head = Head(addresses=(ANNA, ME, BEN, ALIAS, COPY, again, Address("Anna", "anna@acme.test", "cc")))
    assert addresses(*reply_recipients(head, OWN, to_all=True)) == [
        ["anna@acme.test", "ben@acme.test"],
        ["cleo@acme.test"],
    ]


def test_an_answer_goes_where_the_sender_wants_it():
    wanted = Address("Office", "office@acme.test", "reply_to")
    head = Head(addresses=(ANNA, wanted, ME, BEN))
    assert addresses(*reply_recipients(head, OWN)) == [["office@acme.test"], []]
    assert addresses(*reply_recipients(head, OWN, to_all=True)) == [["office@acme.test", "ben@acme.test"], []]


def test_who_answers_his_own_letter_writes_to_the_same_people():
    head = Head(addresses=(Address("Olga", "olga@ours.test", "from"), BEN, COPY))
    assert addresses(*reply_recipients(head, OWN)) == [["ben@acme.test"], []]
    assert addresses(*reply_recipients(head, OWN, to_all=True)) == [["ben@acme.test"], ["cleo@acme.test"]]


def test_a_letter_to_oneself_is_answered_to_oneself():
    head = Head(addresses=(Address("Olga", "olga@ours.test", "from"), ME))
    assert addresses(*reply_recipients(head, OWN, to_all=True)) == [["olga@ours.test"], []]


def test_what_is_no_address_is_nobody():
    head = Head(addresses=(ANNA, Address("", "undisclosed-recipients:;", "to"), Address("x", "two words@x.test", "cc")))
    assert addresses(*reply_recipients(head, OWN, to_all=True)) == [["anna@acme.test"], []]


def test_an_answer_follows_its_letter():
    head = Head(message_id="b@x", references=("root@x", "a@x"))
    place = ancestors_of(head)
    assert (place.in_reply_to, place.references) == ("b@x", ("root@x", "a@x", "b@x"))


def test_without_references_the_letter_before_is_taken_if_there_is_one():
    assert ancestors_of(Head(message_id="b@x", in_reply_to=("a@x",))).references == ("a@x", "b@x")
    assert ancestors_of(Head(message_id="b@x", in_reply_to=("a@x", "c@x"))).references == ("b@x",)
    assert ancestors_of(Head()).references == ()


def test_of_a_long_conversation_the_beginning_and_the_end_are_named():
    head = Head(message_id="last@x", references=tuple(f"{number}@x" for number in range(100)))
    references = ancestors_of(head).references
    assert len(references) == MOST_REFERENCES
    assert references[0] == "0@x"
    assert references[-2:] == ("99@x", "last@x")
