"""A secret can be neither guessed nor read back, and opens no door but its own."""

from __future__ import annotations

import pytest

from statuspage.rules import tokens
from statuspage.vocabulary import Scope


def zeros(length: int) -> bytes:
    return bytes(length)


def test_a_token_is_a_prefix_and_256_random_bits() -> None:
    assert tokens.new_token(zeros) == "av_" + "A" * 43
    assert len({tokens.new_token() for _ in range(100)}) == 100


def test_a_code_is_128_random_bits_in_22_characters() -> None:
    assert tokens.new_code(zeros) == "A" * 22
    assert len({tokens.new_code() for _ in range(100)}) == 100


def test_what_is_made_has_the_shape_that_is_looked_up() -> None:
    assert all(tokens.is_token(tokens.new_token()) for _ in range(100))
    assert all(tokens.is_code(tokens.new_code()) for _ in range(100))


@pytest.mark.parametrize(
    "text",
    ["", "av_", "av_" + "A" * 42, "av_" + "A" * 44, "sp_" + "A" * 43, "av_" + "é" * 43],
)
def test_another_shape_is_no_token(text: str) -> None:
    assert not tokens.is_token(text)


@pytest.mark.parametrize("text", ["", "A" * 21, "A" * 22 + "\n", "A" * 21 + "=", "../" * 7 + "A"])
def test_another_shape_is_no_code(text: str) -> None:
    assert not tokens.is_code(text)


def test_only_the_digest_is_stored_and_only_the_secret_matches_it() -> None:
    token = tokens.new_token()
    stored = tokens.digest(token)
    assert len(stored) == 64
    assert token not in stored
    assert tokens.matches(token, stored)
    assert not tokens.matches(tokens.new_token(), stored)
    assert not tokens.matches(stored, stored)
    assert not tokens.matches("\udcff", stored)


@pytest.mark.parametrize(
    ("scopes", "needed", "allowed"),
    [
        ([], Scope.READ, False),
        (["read"], Scope.READ, True),
        (["read"], Scope.INCIDENTS, False),
        (["incidents"], Scope.READ, False),
        (["admin"], Scope.INCIDENTS, True),
        (["read", "subscribers"], Scope.SUBSCRIBERS, True),
        (["READ", "adm", "*"], Scope.READ, False),
        ([Scope.INCIDENTS], Scope.ADMIN, False),
    ],
)
def test_a_scope_allows_itself_and_admin_allows_all(
    scopes: list[str], needed: Scope, allowed: bool
) -> None:
    assert tokens.allows(scopes, needed) is allowed
