"""Is nothing made twice of the same, and nothing kept that is not asked for?"""

from __future__ import annotations

from statuspage.pages.again import Again


def test_only_what_changed_is_made_anew_and_what_is_gone_is_forgotten() -> None:
    made: list[str] = []

    def loud(word: str) -> str:
        made.append(word)
        return word.upper()

    loudly = Again[int, str, str](loud)
    assert loudly({1: "a", 2: "b"}) == {1: "A", 2: "B"}
    assert loudly({1: "a", 2: "c"}) == {1: "A", 2: "C"}
    assert made == ["a", "b", "c"]
    assert loudly({1: "a"}) == {1: "A"}
    assert loudly({2: "c"}) == {2: "C"}
    assert made == ["a", "b", "c", "c"]
