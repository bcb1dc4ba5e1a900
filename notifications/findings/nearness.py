"""Which words are one or two slips of the finger away?

A slip is a letter too many, too few, another one, or two exchanged (Damerau-Levenshtein in
its restricted form, "optimal string alignment").
"""

from __future__ import annotations

from collections.abc import Iterator


def one_slip_from(word: str, letters: str) -> Iterator[str]:
    """Every spelling at a distance of one; some come more than once."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def distance(one: str, other: str) -> int:
    earlier: list[int] = []
    above = list(range(len(other) + 1))
    for row, mine in enumerate(one, 1):
        line = [row]
        for column, theirs in enumerate(other, 1):
            cost = min(
                above[column] + 1, line[column - 1] + 1, above[column - 1] + (mine != theirs)
            )
            if row > 1 < column and mine == other[column - 2] and one[row - 2] == theirs:
                cost = min(cost, earlier[column - 2] + 1)
            line.append(cost)
        earlier, above = above, line
    return above[-1]
