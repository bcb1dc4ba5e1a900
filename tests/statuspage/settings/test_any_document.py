"""Whatever somebody writes, they get settings or mistakes, and never a fault of ours."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from checks.probes import kinds
from statuspage.settings import Component, Mistake, Mistakes, Settings, loads
from statuspage.settings.assembly import CHECK_KEYS
from statuspage.settings.schema import fields

PROBE_KEYS = {key for kind in kinds().values() for key in fields(kind)}
ADDRESSES = ["tcp://a:1", "smtp://u:p@h", "https://a.example", "mailto:a@b.example", "a@b.example"]
WORDS = [*kinds(), *ADDRESSES, "en", "xx", "5s", "shop", "${X}", "${", "08:00-19:00", "", "\n"]

scalars = st.one_of(
    st.sampled_from(WORDS), st.text(max_size=8), st.integers(-1, 10**12), st.floats(), st.booleans()
)
values = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["file", "en", "email", "x"]), below, max_size=3)
    ),
    max_leaves=6,
)


def tables(keys: set[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(keys)) | st.text(max_size=3), values, max_size=5)


checks = tables({*CHECK_KEYS, *PROBE_KEYS}) | values
components = st.builds(
    lambda table, below: {**table, "checks": below},
    tables(set(fields(Component))),
    st.lists(checks, max_size=2) | values,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: tables(set(fields(field.annotation))) | values
            for name, field in fields(Settings).items()
            if isinstance(field.annotation, type)
        },
        "components": st.lists(components | values, max_size=2) | values,
    },
)


def toml(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        pairs = (f"{toml(key)} = {toml(item)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def judged(text: str) -> tuple[Mistake, ...]:
    """What is wrong with a text; nothing when it became settings."""
    try:
        loads(text, {"X": "x"})
    except Mistakes as wrong:
        return wrong.mistakes
    return ()


def is_one_line(mistake: Mistake) -> bool:
    return bool(mistake.what) and "\n" not in str(mistake)


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents)
def test_a_document_is_judged(document: dict[str, Any]) -> None:
    text = "\n".join(f"{toml(key)} = {toml(value)}" for key, value in document.items())
    assert all(is_one_line(mistake) for mistake in judged(text))


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=40))
def test_a_text_is_judged(text: str) -> None:
    assert all(is_one_line(mistake) for mistake in judged(text))
