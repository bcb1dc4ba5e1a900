"""Does a second look mark what should not be sent, and leave alone what may?"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifications.commands import ready
from notifications.findings import dictionaries, rulebook
from notifications.findings.draft import Draft, Record
from notifications.findings.finding import USUALLY, Finding
from notifications.language import available
from notifications.review import get_ready, review
from tests.notifications.review.corpus import LANGUAGES, Line, letters, lines, unseen

EVERY = [line for language in LANGUAGES for line in lines(language)]
ENOUGH = 5


def found(line: Line) -> set[str]:
    return {finding.rule for finding in review(line.draft, line.language)}


@pytest.mark.parametrize("line", EVERY, ids=lambda line: f"{line.language}-{line.rule}")
def test_each_rule_flags_what_it_must_and_nothing_else(line: Line) -> None:
    assert (line.rule in found(line)) is line.must_flag, line.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", USUALLY)
def test_every_rule_is_tried_often_enough(rule: str, language: str) -> None:
    tried = Counter(line.must_flag for line in lines(language) if line.rule == rule)
    assert min(tried[True], tried[False]) >= ENOUGH


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_good_letter_would_be_refused(language: str) -> None:
    good = letters(language)
    assert len(good) == 20
    for draft in good:
        assert errors(draft, language) == [], draft.parts["what_happened"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_good_letter_would_be_refused_without_a_dictionary(
    language: str, no_hunspell: None
) -> None:
    assert [errors(draft, language) for draft in letters(language)] == [[]] * 20


@pytest.mark.parametrize("which", ["investigating", "resolved", "false_alarm"])
@pytest.mark.parametrize("language", available())
def test_the_ready_words_may_be_sent(language: str, which: str) -> None:
    words = {**ready(which, language), "how_we_prevent_it": ""}
    assert errors(Draft(parts=words, status="resolved"), language) == []


@pytest.mark.parametrize("language", available())
def test_what_is_suggested_would_not_be_refused_itself(language: str) -> None:
    rules = rulebook.load(language).rules.values()
    for better in [rule.better for rule in rules]:
        parts = {"what_happened": better, "what_we_are_doing": "x", "how_we_prevent_it": ""}
        assert errors(Draft(parts=parts, impact="critical"), language) == []


def test_no_dictionary_is_loaded_before_something_is_to_be_read() -> None:
    """Most commands never need them; `avviso serve` loads them before it looks at anything."""
    look = "import sys, statuspage.cli, statuspage.serving; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True
    )
    assert {"hunspell", "spellchecker"} & set(loaded.stdout.split()) == set()
    assert "notifications.review" in loaded.stdout


@pytest.mark.parametrize("language", available())
def test_once_it_is_ready_a_review_loads_nothing(
    language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPELL_DIR", str(tmp_path))  # a dictionary of this test's own
    get_ready([language, "tlh"])

    def loads(*_: object) -> None:
        raise AssertionError("a probe is late for this")

    monkeypatch.setattr(dictionaries, "_hunspells", loads)
    monkeypatch.setattr(dictionaries, "_counts", loads)
    assert "spelling" in {one.rule for one in of("Egreggio Cliento", language)}
    loaded = dictionaries.load(language, [])
    assert "_by_first_letter" in loaded.__dict__


def errors(draft: Draft, language: str) -> list[str]:
    return [str(one) for one in review(draft, language) if one.severity == "error"]


@pytest.fixture
def no_hunspell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPELL_DIR", str(tmp_path))


@pytest.fixture(params=["with", "without"])
def either_way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """With the system's Hunspell dictionaries, and where there is none."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "without":
            patch.setenv("SPELL_DIR", str(tmp_path))
        yield request.param


def of(text: str, language: str) -> list[Finding]:
    draft = Draft(parts={"what_happened": text, "what_we_are_doing": "ok", "how_we_prevent_it": ""})
    return [one for one in review(draft, language) if one.rule == "spelling"]


def test_the_salutation_of_the_issue_is_mended(either_way: str) -> None:
    """As Egreggio Cliento reads it; an error only where a second dictionary agrees."""
    said = of("Egreggio Cliento, le chiediamo scusa", "it")
    assert [(one.text, one.suggestion) for one in said] == [
        ("Egreggio", "Egregio"),
        ("Cliento", "Cliente"),
    ]
    assert [one.where for one in said] == ["what_happened:0-8", "what_happened:9-16"]
    severity = "error" if either_way == "with" else "warning"
    assert {one.severity for one in said} == {severity}


@pytest.mark.parametrize(
    ("language", "slip", "meant"),
    [
        ("it", "servizzio", "servizio"),
        ("it", "perchè", "perché"),
        ("it", "incoveniente", "inconveniente"),
        ("en", "sory", "sorry"),
        ("en", "payement", "payment"),
        ("en", "recieved", "received"),
        ("en", "costumer", "customer"),
        ("en", "calender", "calendar"),
    ],
)
def test_what_was_meant_is_suggested(either_way: str, language: str, slip: str, meant: str) -> None:
    (said,) = of(f"x {slip} x", language)
    assert (said.text, said.suggestion) == (slip, meant)


def test_a_text_in_another_language_is_one_finding() -> None:
    english = "The database that keeps the orders has stopped, and we are starting it again now."
    (said,) = of(english, "it")
    assert said.where == "language"
    assert of(english, "en") == []


def test_a_name_of_the_site_is_known_and_what_is_near_to_it_is_meant(either_way: str) -> None:
    draft = Draft(parts={"what_happened": "Il fatturello e il fatturelo.", "what_we_are_doing": ""})
    known = Draft(parts=draft.parts, record=Record(words=frozenset({"fatturello"})))
    said = [one for one in review(known, "it") if one.rule == "spelling"]
    assert [(one.text, one.suggestion) for one in said] == [("fatturelo", "fatturello")]


def test_a_dictionary_that_cannot_be_read_is_no_dictionary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("it_IT.dic", "it_IT.aff"):
        (tmp_path / name).write_bytes(b"\xff\x00 not a dictionary")
    monkeypatch.setenv("SPELL_DIR", str(tmp_path))
    assert [one.suggestion for one in of("Il servizzio", "it")] == ["servizio"]


def test_a_language_without_rules_is_an_error() -> None:
    with pytest.raises(LookupError):
        review(Draft(parts={}), "tlh")


@pytest.mark.parametrize(
    "piece", ["è", "a.", "[", "{a", "'a", "!", "a@", "voucher until ", "\ud800"]
)
def test_whatever_is_typed_is_read_through_in_time(piece: str) -> None:
    """A long text of nothing but this: no pattern goes over it again and again."""
    for language in LANGUAGES:
        began = time.process_time()
        text = piece * (20_000 // len(piece))
        review(Draft(parts={"what_happened": text, "what_we_are_doing": ""}), language)
        assert time.process_time() - began < 2, "a fifth of a second, where each place is seen once"


@pytest.mark.parametrize("language", LANGUAGES)
def test_precision_and_recall_are_told(language: str) -> None:
    """Printed with -s. Of lines written after the rules it is only told how many are found."""
    right, wrong, missed, new = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for line in lines(language):
        said, due = found(line), {line.rule} if line.must_flag else set()
        right.update(said & due)
        wrong.update(said - due - line.also)
        missed.update(due - said)
    for draft in letters(language):
        wrong.update({one.rule for one in review(draft, language) if one.severity != "hint"})
    fresh = list(unseen(language))
    new.update(line.rule for line in fresh if line.rule in found(line))
    print(f"\n{language:20} precision  recall  of lines unseen")  # noqa: T201
    for rule in USUALLY:
        row = right[rule], wrong[rule], missed[rule]
        print(f"{rule:20} {told(*row)}   {new[rule]}/{_count(fresh, rule)}")  # noqa: T201
    whole = sum(right.values()), sum(wrong.values()), sum(missed.values())
    print(f"{'whole':20} {told(*whole)}   {sum(new.values())}/{len(fresh)}")  # noqa: T201
    assert whole[2] == 0
    assert whole[0] / (whole[0] + whole[1]) > 0.95


def told(right: int, wrong: int, missed: int) -> str:
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return f"{precision:9.2f} {recall:7.2f}"


def _count(fresh: list[Line], rule: str) -> int:
    return sum(line.rule == rule for line in fresh)
