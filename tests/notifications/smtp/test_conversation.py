"""Does each answer reach the letter that it is about, whatever is answered to what?

Told as the dialogue is: what the relay says in one breath, what we say to it, who has ended.
"""

from __future__ import annotations

import pytest

from notifications.channel import Accepted, Outcome, Refused, Unreachable
from notifications.smtp.conversation import Conversation
from notifications.smtp.reading import Broken
from notifications.smtp.transaction import Transaction


def letter(name: str, body: str = "") -> Transaction:
    raw = f"Subject: {name}\r\n\r\n{body}\r\n".encode()
    return Transaction("us@acme.example", f"{name}@example.org", raw)


def asks(name: str) -> str:
    return f"MAIL FROM:<us@acme.example>|RCPT TO:<{name}@example.org>|DATA|"


def says(name: str) -> str:
    return f"Subject: {name}|||.|"


class Told:
    """A conversation with three letters at hand."""

    def __init__(self, *names: str) -> None:
        self.conversation = Conversation()
        self.ended: list[tuple[str, Outcome]] = []
        for name in names:
            self.conversation.hand(letter(name))

    def sent(self) -> str:
        return b"".join(self.conversation.to_send()).decode().replace("\r\n", "|")

    def hear(self, *replies: str) -> str:
        """What is said to that, and to nothing else."""
        data = "".join(f"{reply}\r\n" for reply in replies).encode()
        for ended, outcome in self.conversation.hear(data):
            self.ended.append((ended.recipient.partition("@")[0], outcome))
        return self.sent()

    @property
    def under_way(self) -> list[str]:
        return [one.recipient.partition("@")[0] for one in self.conversation.under_way()]


def test_the_commands_go_in_one_group_and_the_next_letters_behind_the_body() -> None:
    told = Told("ada", "bob", "eve")
    assert told.sent() == asks("ada"), "the body waits for its 354"
    assert told.hear("250 ok", "250 ok") == ""
    assert told.hear("354 go on") == says("ada") + asks("bob")
    assert told.under_way == ["ada", "bob"]
    assert told.hear("250 2.0.0 first", "250 ok", "250 ok", "354 go on") == says("bob") + asks(
        "eve"
    )
    assert told.hear("250 second", "250 ok", "250 ok", "354 go on") == says("eve")
    assert told.hear("250 third") == ""
    assert told.ended == [
        ("ada", Accepted("2.0.0 first")),
        ("bob", Accepted("second")),
        ("eve", Accepted("third")),
    ]
    assert told.under_way == []


def test_a_letter_that_comes_later_need_not_wait_for_the_answer_to_the_body() -> None:
    told = Told("ada")
    told.sent()
    told.hear("250", "250", "354")
    told.conversation.hand(letter("bob"))
    assert told.sent() == asks("bob")
    told.conversation.hand(letter("eve"))
    assert told.sent() == "", "what follows bob's DATA is bob's body"


def test_a_refused_recipient_is_reset_and_the_next_letter_goes() -> None:
    told = Told("ada", "bob")
    told.sent()
    assert told.hear("250 ok", "550 5.1.1 unknown") == ""
    assert told.hear("554 5.5.1 no valid recipients") == "RSET|" + asks("bob")
    assert told.ended == [("ada", Refused("5.1.1 unknown", 550))]
    assert told.hear("250 reset", "250 ok", "250 ok", "354 go on") == says("bob")
    told.hear("250 ok")
    assert told.ended[1:] == [("bob", Accepted("ok"))]


def test_who_says_354_though_nobody_was_let_in_gets_a_lone_dot() -> None:
    told = Told("ada", "bob")
    told.sent()
    assert told.hear("250 ok", "450 4.2.1 later", "354 go on") == ".|" + asks("bob")
    told.hear("554 5.5.1 no valid recipients", "250 ok", "250 ok", "354 go on")
    assert told.ended == [("ada", Unreachable("4.2.1 later", 450))]
    told.hear("250 ok")
    assert told.ended[1:] == [("bob", Accepted("ok"))]


@pytest.mark.parametrize("answer", ["250 queued as nothing", "554 no", "451 later"])
def test_whatever_is_made_of_the_lone_dot_the_letter_was_not_taken(answer: str) -> None:
    told = Told("ada")
    told.sent()
    told.hear("250 ok", "550 5.1.1 unknown", "354 go on")
    told.hear(answer)
    assert told.ended == [("ada", Refused("5.1.1 unknown", 550))]


def test_a_refused_sender_is_our_fault_whatever_follows() -> None:
    told = Told("ada")
    told.sent()
    told.hear("550 5.1.8 bad sender", "503 5.5.1 need MAIL", "503 5.5.1 need RCPT")
    assert told.ended == [("ada", Unreachable("5.1.8 bad sender", 550, ours=True))]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 4.3.0 later", Unreachable("4.3.0 later", 451)),
        ("554 5.6.0 no", Refused("5.6.0 no", 554)),
        ("550 5.7.26 no DKIM", Unreachable("5.7.26 no DKIM", 550, ours=True)),
    ],
)
@pytest.mark.parametrize("at", ["DATA", "the last dot"])
def test_what_refusals_mean(at: str, answer: str, outcome: Outcome) -> None:
    told = Told("ada", "bob")
    told.sent()
    told.hear("250 ok", "250 ok", *(["354 go on"] if at == "the last dot" else []))
    told.hear(answer)
    assert told.ended == [("ada", outcome)]
    assert told.under_way == ["bob"], "it goes on"


OUT_OF_STEP = [
    ["354 go on"],
    ["250 ok", "354 go on"],
    ["250 ok", "250 ok", "250 ok"],
    ["250 ok", "250 ok", "354 go on", "250 queued"],
    ["250 ok", "250 ok", "250 one too many", "354 go on"],
    ["250 ok", "250 ok", "354 go on", "354 go on"],
    ["250 ok", "250 ok", "334 VXNlcm5hbWU6"],
    ["421 4.3.2 closing"],
    ["250 ok", "421 4.3.2 closing"],
    ["250 ok", "250 ok", "421 4.3.2 closing"],
]


@pytest.mark.parametrize("replies", OUT_OF_STEP, ids=" ".join)
def test_an_answer_out_of_step_is_never_taken_for_another(replies: list[str]) -> None:
    told = Told("ada", "bob")
    told.sent()
    with pytest.raises(Broken):
        told.hear(*replies)
    assert told.ended == []
    assert told.under_way[0] == "ada"


@pytest.mark.parametrize("replies", OUT_OF_STEP, ids=" ".join)
def test_what_was_accepted_before_it_stays_accepted(replies: list[str]) -> None:
    told = Told("ada", "bob", "eve")
    told.sent()
    told.hear("250 ok", "250 ok", "354 go on")
    with pytest.raises(Broken):
        told.hear("250 2.0.0 taken", *replies)
    assert told.ended == [("ada", Accepted("2.0.0 taken"))]
    assert told.under_way[0] == "bob"


def test_one_answer_too_many_is_found_out_at_the_next_354() -> None:
    """What would put every answer to the letter after: a 250 that nobody asked for."""
    told = Told("ada", "bob")
    told.sent()
    told.hear("250 ok", "250 ok", "354 go on")
    told.hear("250 taken", "250 too many")
    with pytest.raises(Broken):
        told.hear("250 ok", "250 ok", "354 go on")
    assert told.ended == [("ada", Accepted("taken"))]


def test_an_answer_to_nothing_ends_it() -> None:
    with pytest.raises(Broken):
        Told().hear("250 hello")


def test_421_is_told_with_its_code() -> None:
    told = Told("ada")
    told.sent()
    with pytest.raises(Broken) as error:
        told.hear("421 4.3.2 relay.example closing, ask postmaster@relay.example")
    assert error.value.code == 421
    assert "postmaster@" not in error.value.reason


def test_what_was_not_begun_can_be_taken_back() -> None:
    conversation = Conversation()
    ada, bob = letter("ada"), letter("bob")
    conversation.hand(ada)
    conversation.hand(bob)
    assert not conversation.take_back(ada)
    assert conversation.take_back(bob)
