"""Which words are misspelt?

What neither of two dictionaries knows, and a known word is near to, is a mistake for
certain; what one of them knows is a hint at most. A capital inside a sentence may be a
name's: such a word is a mistake only where a very common one is a slip away. When most
words are unknown, the text is in another language, which is one finding and not a hundred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notifications.findings.draft import Draft
from notifications.findings.finding import Finding, Severity
from notifications.findings.rulebook import Rule, Rulebook
from notifications.findings.sentences import plain, sentences
from notifications.findings.speller import Meant, Speller

MOST = 40
"""So many words are looked after in one draft; whoever errs more often asks again."""
ENOUGH, ANOTHER_LANGUAGE = 10, 0.5
"""When of so many words more than this share is unknown, it is another language."""
SHORTEST_SLIP = 6
"""A shorter word with a capital inside a sentence is a name sooner than a slip."""

_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\w+(?:[._]\w+)+|\w*\d\w*")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in its place. ``opens``: it begins a sentence, where a capital means nothing."""

    text: str
    field: str
    start: int
    opens: bool

    @property
    def where(self) -> str:
        return f"{self.field}:{self.start}-{self.start + len(self.text)}"

    @property
    def may_be_a_name(self) -> bool:
        return self.text[0].isupper() and not self.opens


def find(draft: Draft, rules: Rulebook) -> Iterator[Finding]:
    rule, speller = rules["spelling"], Speller(rules, draft.record.words)
    confused = list(_confusables(draft, rule))
    yield from confused
    tokens = list(_tokens(draft, speller))
    unknown = [token for token in tokens if not speller.knows(token.text)]
    if len(tokens) >= ENOUGH and len(unknown) > ANOTHER_LANGUAGE * len(tokens):
        yield _another_language(unknown, speller, rule)
    else:
        left = [token for token in unknown if not any(_is_in(token, one) for one in confused)]
        yield from _misspelt(left, speller, rule)


def _is_in(token: Token, finding: Finding) -> bool:
    """Whether this word was spoken of already."""
    field, _, span = finding.where.partition(":")
    begin, _, end = span.partition("-")
    return field == token.field and int(begin) <= token.start < int(end)


def _confusables(draft: Draft, rule: Rule) -> Iterator[Finding]:
    """Words that are right by themselves, and wrong where they stand."""
    for field, text in draft.fields():
        for sentence in sentences(plain(text)):
            for hit in rule.find(sentence.text):
                start, end = sentence.start + hit.start, sentence.start + hit.end
                was = text[start:end]
                yield Finding(
                    rule=rule.name,
                    severity="warning",
                    where=f"{field}:{start}-{end}",
                    text=was,
                    suggestion=hit.instead[0].upper() + hit.instead[1:]
                    if was[0].isupper()
                    else hit.instead,
                    reason=rule.table["confused"],
                )


def _tokens(draft: Draft, speller: Speller) -> Iterator[Token]:
    for field, text in draft.fields():
        worded = _NO_WORDS.sub(lambda hit: " " * len(hit[0]), plain(text))
        for sentence in sentences(worded):
            opens = True
            for hit in _WORD.finditer(sentence.text):
                for at, piece in speller.pieces(hit[0]):
                    if speller.looks_at(piece):
                        yield Token(piece, field, sentence.start + hit.start() + at, opens)
                opens = False


def _misspelt(unknown: Sequence[Token], speller: Speller, rule: Rule) -> Iterator[Finding]:
    names = {token.text for token in unknown if token.may_be_a_name}
    for word in list(dict.fromkeys(token.text for token in unknown))[:MOST]:
        meant = speller.meant(word)
        severity = _severity(word, meant, named=word in names, speller=speller)
        if severity is not None:
            yield from (
                Finding(
                    rule=rule.name,
                    severity=severity,
                    where=token.where,
                    text=word,
                    suggestion=meant.word if meant else None,
                    reason=rule.reason,
                )
                for token in unknown
                if token.text == word
            )


def _severity(word: str, meant: Meant | None, *, named: bool, speller: Speller) -> Severity | None:
    """None for what is a name, as far as anybody can tell."""
    if named:
        return _of_a_name(word, meant, speller)
    if meant is None or speller.in_list(word):
        return "hint"
    return "error" if speller.both_miss(word) else "warning"


def _of_a_name(word: str, meant: Meant | None, speller: Speller) -> Severity | None:
    if meant is None:
        return None
    if meant.own:
        return "warning"
    if meant.slips > 1 or len(word) < SHORTEST_SLIP or not speller.is_usual(meant.word):
        return None
    if speller.in_list(word) or not speller.is_common(meant.word):
        return "hint"
    return "error" if speller.both_miss(word) else "warning"


def _another_language(unknown: Sequence[Token], speller: Speller, rule: Rule) -> Finding:
    certain = all(speller.both_miss(token.text) for token in unknown)
    return Finding(
        rule=rule.name,
        severity="error" if certain else "warning",
        where="language",
        text=" ".join(token.text for token in unknown[:5]),
        reason=rule.table["another_language"],
    )
