"""Which phrases should not stand in a letter to customers?

Blame has a step more than the rest: to name a supplier on whom we depend is no excuse where
our own step stands in a sentence beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from notifications.findings.draft import Draft
from notifications.findings.finding import USUALLY, Finding, Severity
from notifications.findings.rulebook import Found, Rule, Rulebook
from notifications.findings.sentences import Sentence, plain, sentences

PHRASES = (
    "self_pity",
    "hedging",
    "unkeepable_promise",
    "demand",
    "deadline",
    "jargon",
    "shouting",
    "placeholder",
)


def find(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    for field, text in draft.fields():
        spoken = list(sentences(plain(text)))
        for name in PHRASES:
            yield from _each(rules[name], USUALLY[name], field, text, spoken)
        if gravity := _gravity_of_a_joke(draft):
            yield from _each(rules["joke"], gravity, field, text, spoken)
        yield from _empty_apology(rules["empty_apology"], field, text, spoken)
        yield from _blame(rules["blame"], draft, field, text, spoken)
    if draft.tone != "plain" and draft.impact == "critical":
        yield Finding(
            rule="joke", severity="error", where="tone", text=draft.tone,
            suggestion="plain", reason=rules["joke"].reason,
        )  # fmt: skip


def _each(
    rule: Rule, severity: Severity, field: str, text: str, spoken: list[Sentence]
) -> Iterator[Finding]:
    for sentence in spoken:
        for hit in rule.find(sentence.text):
            yield _finding(rule, severity, field, text, sentence, hit)


def _finding(
    rule: Rule, severity: Severity, field: str, text: str, sentence: Sentence, hit: Found
) -> Finding:
    start, end = sentence.start + hit.start, sentence.start + hit.end
    return Finding(
        rule=rule.name,
        severity=severity,
        where=f"{field}:{start}-{end}",
        text=text[start:end],
        suggestion=hit.instead or None,
        reason=rule.reason,
    )


def _gravity_of_a_joke(draft: Draft) -> Severity | None:
    """A light word is the writer's choice, save where customers can do nothing at all."""
    if draft.impact == "critical":
        return "error"
    if draft.tone != "plain":
        return None
    return "warning" if draft.impact == "major" else "hint"


def _empty_apology(rule: Rule, field: str, text: str, spoken: list[Sentence]) -> Iterator[Finding]:
    """Where a part says nothing but that we are sorry."""
    if spoken and all(_only_sorry(rule, sentence.text) for sentence in spoken):
        start, last = spoken[0].start, spoken[-1]
        end = last.start + len(last.text)
        whole = Found(0, end - start, rule.suggestion)
        yield _finding(rule, USUALLY[rule.name], field, text, Sentence(text, start), whole)


def _only_sorry(rule: Rule, text: str) -> bool:
    """What is left beside the apology is a salutation, or "this may have caused"."""
    if not rule.says.search(text):
        return False
    left = rule.pattern("padding").sub(" ", rule.says.sub(" ", text))
    return Sentence(left, 0).words() <= int(rule.table["beside"])


def _blame(
    rule: Rule, draft: Draft, field: str, text: str, spoken: list[Sentence]
) -> Iterator[Finding]:
    yield from _each(rule, USUALLY[rule.name], field, text, spoken)
    step, excuse, leaning = (rule.pattern(key) for key in ("step", "excuses", "leans_on"))
    steps = [bool(step.search(sentence.text)) for sentence in spoken]
    acts = any(step.search(plain(part)) for part in draft.parts.values())
    for at, sentence in enumerate(spoken):
        beside = any(steps[max(0, at - 1) : at + 2])
        if beside or rule.says.search(sentence.text) or rule.unless.search(sentence.text):
            continue
        hit = excuse.search(sentence.text) or (None if acts else leaning.search(sentence.text))
        if hit:
            place = Found(hit.start(), hit.end(), rule.suggestion)
            yield _finding(rule, USUALLY[rule.name], field, text, sentence, place)
