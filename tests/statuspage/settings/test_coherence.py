"""Components that do not fit together are told where they do not."""

from __future__ import annotations

import pytest

from tests.statuspage.settings.files import SITE, mistakes


def components(*wired: str) -> str:
    """``"a -> b c"`` is a component ``a`` that depends on ``b`` and ``c``."""
    text = SITE
    for one in wired:
        name, _, below = one.partition(" -> ")
        text += f'[[components]]\nid = "{name}"\nname = "x"\ndepends_on = {below.split()}\n'
    return text


@pytest.mark.parametrize(
    ("wired", "told"),
    [
        (["a -> b", "b -> c", "c"], []),
        (["a -> b c", "b -> d", "c -> d", "d"], []),
        (["a -> a"], ["components[0].depends_on: goes round in a circle: a -> a"]),
        (["a -> b", "b -> a"], ["components[0].depends_on: goes round in a circle: a -> b -> a"]),
        (
            ["x -> a", "a -> b", "b -> c", "c -> a"],
            ["components[1].depends_on: goes round in a circle: a -> b -> c -> a"],
        ),
        (
            ["a -> b", "b -> a", "c -> d", "d -> c"],
            [
                "components[0].depends_on: goes round in a circle: a -> b -> a",
                "components[2].depends_on: goes round in a circle: c -> d -> c",
            ],
        ),
        (["a -> b b", "b"], ['components[0].depends_on: has "b" twice']),
        (
            ["shop -> orders", "order"],
            ['components[0].depends_on[0]: "orders" is no component, did you mean "order"?'],
        ),
        (["a", "b", "a"], ['components[2].id: "a" is already the id of components[0]']),
    ],
)
def test_dependencies(wired: list[str], told: list[str]) -> None:
    found = [line.partition("; allowed: ")[0] for line in mistakes(components(*wired))]
    assert found == told


def test_a_long_chain_is_no_circle() -> None:
    wired = [f"c{n} -> c{n + 1}" for n in range(300)]
    assert mistakes(components(*wired, "c300")) == []


def test_a_host_belongs_to_one_component() -> None:
    text = (
        SITE
        + '[[components]]\nid = "a"\nname = "A"\nhosts = ["x.example", "y.example"]\n'
        + '[[components]]\nid = "b"\nname = "B"\nhosts = ["Y.example"]\n'
    )
    assert mistakes(text) == [
        (
            'components[1].hosts[0]: "y.example" is already a host of components[0];'
            " allowed: each host at one component"
        )
    ]


def test_a_name_belongs_to_one_check() -> None:
    check = "[[components.checks]]\nkind = 'tcp'\nhost = 'x'\nport = 1\nid = 'same'\n"
    text = f"{SITE}[[components]]\nid = 'a'\nname = 'A'\n{check}{check}"
    assert mistakes(text) == [
        'components[0].checks[1].id: "same" is already the id of a check; allowed: an id of its own'
    ]
    text = f"{SITE}[[components]]\nid = 'a'\nname = 'A'\n{check}[[components]]\nid = 'a'\n{check}"
    assert [line.partition(":")[0] for line in mistakes(text)] == [
        "components[1].name",
        "components[1].id",
    ]
