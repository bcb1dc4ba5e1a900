"""Does a text say that something is down which the record knows as well?

Other components may be named, and mostly are to say that they work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from notifications.findings.draft import Draft
from notifications.findings.finding import USUALLY, Finding
from notifications.findings.rulebook import Rulebook
from notifications.findings.sentences import plain, sentences

_CLAUSE = re.compile(r"[,;:]|\s[-–—]\s")


def find(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    record = draft.record
    if not record.components or not record.others:
        return
    rule = rules["contradicts_record"]
    down = rule.pattern("down")
    ours = _any_of(record.components)
    other = _any_of(record.others)
    for field, text in draft.fields():
        for sentence in sentences(plain(text)):
            for begin, clause in _clauses(sentence.text):
                hit = other.search(clause)
                if hit is None or ours.search(clause) or not down.search(clause, hit.end()):
                    continue
                start = sentence.start + begin + hit.start()
                yield Finding(
                    rule=rule.name,
                    severity=USUALLY[rule.name],
                    where=f"{field}:{start}-{start + len(hit[0])}",
                    text=text[start : start + len(hit[0])],
                    suggestion=language_list(record.components),
                    reason=rule.table["component"],
                )


def language_list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    joined = "|".join(re.escape(plain(name)) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.IGNORECASE)


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for end in _CLAUSE.finditer(text):
        yield begin, text[begin : end.start()]
        begin = end.end()
    yield begin, text[begin:]
