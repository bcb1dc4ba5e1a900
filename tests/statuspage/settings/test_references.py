"""Values may come from the environment and from files, wherever a text stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.settings import Mistakes, load
from tests.statuspage.settings.files import HTTP, SHOP, SITE, SMALLEST, mistakes, settings

NAMELESS = "site.name: has a ${ that names no variable; allowed: ${NAME}, or $${ for a plain ${"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${NAME}", "Acme"),
        ("The ${NAME} ${KIND}", "The Acme shop"),
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$${NAME}"),
        ("5 $ and $NAME", "5 $ and $NAME"),
        ("${TRICKY}", "${NAME}"),
    ],
)
def test_a_variable_in_a_text(written: str, meant: str) -> None:
    text = SMALLEST.replace('"Acme"', f'"{written}"')
    assert settings(text, NAME="Acme", KIND="shop", TRICKY="${NAME}").site.name == meant


def test_variables_reach_lists_and_the_keys_of_a_kind() -> None:
    text = (
        SITE + SHOP + 'hosts = ["${H}"]\n' + HTTP + 'headers = { A = "${H}" }\nmax_time = "${T}"\n'
    )
    shop = settings(text, H="a.example", T="3s").components[0]
    assert shop.hosts == ("a.example",)
    assert "a.example" not in repr(shop.checks[0].probe)


def test_a_number_may_come_from_a_variable() -> None:
    assert settings(SMALLEST + '[mail]\nconnections = "${N}"\n', N="5").mail.connections == 5


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("${NOPE}", "site.name: needs the environment variable NOPE, which is not set"),
        ("a ${} b", NAMELESS),
        ("${NA-ME}", NAMELESS),
        ("${NAME", NAMELESS),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_mistake(written: str, told: str) -> None:
    assert mistakes(SMALLEST.replace('"Acme"', f'"{written}"'), {"NAME": "x"}) == [told]


def test_a_missing_variable_hides_no_other_mistake_and_makes_none() -> None:
    text = SITE + SHOP + "[[components.checks]]\nkind = 'tcp'\nhost = '${H}'\nport = '${P}'\n"
    assert mistakes(text) == [
        "components[0].checks[0].host: needs the environment variable H, which is not set",
        "components[0].checks[0].port: needs the environment variable P, which is not set",
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "avviso.toml"


def test_a_value_from_a_file_beside_ours(file: Path) -> None:
    (file.parent / "relay").write_text("smtp://u:p@mail\r\n", encoding="utf-8")
    file.write_text(SMALLEST + '[mail]\nserver = { file = "relay" }\n', encoding="utf-8")
    assert load(file, {}).mail.server.get_secret_value() == "smtp://u:p@mail"


def test_the_file_itself_may_be_named_by_a_variable(file: Path) -> None:
    (file.parent / "relay").write_text("smtp://mail", encoding="utf-8")
    file.write_text(SMALLEST + '[mail]\nserver = { file = "${DIR}/relay" }\n', encoding="utf-8")
    assert load(file, {"DIR": str(file.parent)}).mail.server


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_gives_no_text_is_one_mistake(file: Path, content: bytes | None) -> None:
    if content:
        (file.parent / "name").write_bytes(content)
    file.write_text(SMALLEST.replace('"Acme"', '{ file = "name" }'), encoding="utf-8")
    with pytest.raises(Mistakes) as wrong:
        load(file, {})
    (mistake,) = wrong.value.mistakes
    assert mistake.key == "site.name"
    assert mistake.what.startswith("can't be read from the file name")
