"""Is the word whole: its parts, a next word, sentences that can be read in one breath?"""

from __future__ import annotations

from collections.abc import Iterator

from notifications.findings.draft import Draft
from notifications.findings.finding import USUALLY, Finding, Severity
from notifications.findings.rulebook import Rulebook
from notifications.findings.sentences import plain, sentences

NEAR_THE_END = frozenset({"monitoring", "resolved"})


def find(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    yield from _missing(draft, rules)
    if draft.is_open and not draft.says_next:
        rule = rules["no_next_word"]
        yield Finding(
            rule=rule.name,
            severity=USUALLY[rule.name],
            where="next_update_by",
            suggestion=rule.suggestion,
            reason=rule.reason,
        )
    yield from _long(draft, rules)


def _missing(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    """How a repeat is prevented is seldom known before the end: until then it may wait."""
    rule = rules["missing_part"]
    *needed, later = draft.parts
    for field in [*needed, *([later] if draft.status in NEAR_THE_END else [])]:
        if not draft.parts[field].strip():
            yield Finding(
                rule=rule.name,
                severity="hint" if field == later else _severity(field, draft),
                where=field,
                suggestion=rule.missing(field),
                reason=rule.reason,
            )


def _severity(missing: str, draft: Draft) -> Severity:
    """Of what is over, it may be that nothing is being done any more."""
    need_not_be = missing == "what_we_are_doing" and draft.status == "resolved"
    return "warning" if need_not_be else USUALLY["missing_part"]


def _long(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    rule = rules["long_sentence"]
    for field, text in draft.fields():
        for sentence in sentences(plain(text)):
            if sentence.words() > rule.table["most_words"]:
                end = sentence.start + len(sentence.text)
                yield Finding(
                    rule=rule.name,
                    severity=USUALLY[rule.name],
                    where=f"{field}:{sentence.start}-{end}",
                    text=text[sentence.start : end],
                    suggestion=rule.suggestion,
                    reason=rule.reason,
                )
