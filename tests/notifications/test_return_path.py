"""Is a letter known by the address that it comes back to, and by nothing that was made up?"""

from __future__ import annotations

import random
import string

import pytest

from notifications.return_path import number_in, return_path

KEY, OTHER = b"k" * 32, b"o" * 32
BOX = "bounces@acme.example"


@pytest.mark.parametrize("number", [0, 1, 2, 99_999, 2**40, 2**63 - 1])
def test_the_number_comes_back(number: int) -> None:
    address = return_path(BOX, number, KEY)
    local, _, domain = address.partition("@")
    assert domain == "acme.example"
    assert local.startswith("bounces+")
    assert len(local) <= 64
    assert number_in(address, BOX, KEY) == number


@pytest.mark.parametrize("text", ["<{}>", '"Acme" <{}>', "a@b.example, {}", "rfc822;{}", "{}, {}"])
def test_however_a_header_writes_it(text: str) -> None:
    address = return_path(BOX, 7, KEY)
    assert number_in(text.replace("{}", address), BOX, KEY) == 7
    assert number_in(text.replace("{}", address.upper()), BOX, KEY) == 7


def test_whoever_has_not_the_key_makes_none() -> None:
    assert number_in(return_path(BOX, 7, OTHER), BOX, KEY) is None
    assert number_in("bounces+7@acme.example", BOX, KEY) is None
    assert number_in("bounces+" + "a" * 29 + "@acme.example", BOX, KEY) is None
    assert number_in("", BOX, KEY) is None


def test_a_seal_with_one_character_changed_is_none() -> None:
    address = return_path(BOX, 7, KEY)
    start = len("bounces+")
    for at in range(start, start + 29):
        for letter in string.ascii_lowercase + "234567":
            if letter != address[at]:
                changed = address[:at] + letter + address[at + 1 :]
                assert number_in(changed, BOX, KEY) is None


def test_another_house_s_address_is_not_ours() -> None:
    address = return_path("bounces@other.example", 7, KEY)
    assert number_in(address, BOX, KEY) is None


def test_a_mailbox_with_a_plus_of_its_own_and_a_dot_that_is_no_wildcard() -> None:
    box = "mail+bounce.s@acme.example"
    assert number_in(return_path(box, 3, KEY), box, KEY) == 3
    assert number_in(return_path(box, 3, KEY).replace("bounce.s", "bouncexs"), box, KEY) is None


def test_near_numbers_do_not_look_near() -> None:
    seals = {return_path(BOX, n, KEY)[8:37] for n in range(1000)}
    assert len({seal[:8] for seal in seals}) == 1000
    assert len({seal[-8:] for seal in seals}) == 1000


def test_noise_is_no_number() -> None:
    noise = random.Random(1)
    for _ in range(2000):
        seal = "".join(noise.choices("abcdefghijklmnopqrstuvwxyz234567", k=29))
        assert number_in(f"bounces+{seal}@acme.example", BOX, KEY) is None
