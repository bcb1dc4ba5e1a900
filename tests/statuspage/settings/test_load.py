"""A file becomes settings, or all that is wrong with it is told at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from statuspage.settings import Mistakes, load, loads, smallest
from tests.statuspage.settings.files import (
    HTTP,
    SHOP,
    SITE,
    SMALLEST,
    mistakes,
    settings,
)


def test_a_name_an_address_and_one_component_suffice() -> None:
    told = settings(SITE + SHOP)
    assert told.site.name == "Acme"
    assert told.components[0].id == "shop"


def test_the_file_that_init_writes_loads() -> None:
    assert loads(smallest(), {}).components[0].checks[0].kind == "http"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        settings().site.name = "Other"  # type: ignore[misc]


def test_relative_paths_start_where_the_file_lies() -> None:
    told = settings()
    assert told.site.state_dir == Path("/etc/avviso/state")
    assert told.database.url.get_secret_value() == "sqlite:////etc/avviso/avviso.db"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///data/a.db", "sqlite:////etc/avviso/data/a.db"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        (
            "postgresql://u:p@db/avviso?sslmode=require",
            "postgresql://u:p@db/avviso?sslmode=require",
        ),
    ],
)
def test_a_database_is_a_file_or_a_server(written: str, meant: str) -> None:
    told = settings(f'{SMALLEST}[database]\nurl = "{written}"\n')
    assert told.database.url.get_secret_value() == meant


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://x/y", "avviso.db", "postgresql://"],
)
def test_another_database_is_refused(url: str) -> None:
    assert mistakes(f'{SMALLEST}[database]\nurl = "{url}"\n') == [
        (
            "database.url: is not a database that we can use;"
            " allowed: sqlite:///file.db or postgresql://user@host/name"
        )
    ]


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ('looks = "10d"', "retention: minutes is 8d, less than looks; allowed: 10d or more"),
        ('hours = "7d"', "retention.hours: hours is 7d, less than minutes; allowed: 8d or more"),
    ],
)
def test_what_is_coarser_is_kept_as_long_as_what_is_finer(kept: str, told: str) -> None:
    assert mistakes(f"{SMALLEST}[retention]\n{kept}\n") == [told]


def test_a_check_takes_what_it_does_not_say_from_the_defaults() -> None:
    text = SMALLEST + 'interval = "2s"\n' + HTTP + '[checks]\ntimeout = "7s"\nconfirm_failures = 9'
    told = settings(text)
    own, plain = told.components[0].checks
    assert (told.interval_of(own), told.interval_of(plain)) == (
        timedelta(seconds=2),
        timedelta(seconds=15),
    )
    assert told.timeout_of(own) == timedelta(seconds=7)
    policy = told.policy(own)
    assert (policy.interval, policy.confirm_failures) == (timedelta(seconds=2), 9)


def test_a_component_may_have_its_own_first_after() -> None:
    text = SITE + SHOP + 'first_after = "1m"\n' + SHOP.replace("shop", "blog")
    told = settings(text)
    first_afters = [told.first_after_of(component) for component in told.components]
    assert first_afters == [timedelta(minutes=1), timedelta(minutes=5)]


def test_checks_without_a_name_are_named_by_component_and_kind() -> None:
    text = SMALLEST + 'id = "shop/http-2"\n' + HTTP + HTTP + HTTP
    ids = [check.id for check in settings(text).components[0].checks]
    assert ids == ["shop/http-2", "shop/http", "shop/http-3", "shop/http-4"]


def test_plain_text_is_in_the_first_language() -> None:
    text = SITE + 'languages = ["it", "en"]\n' + SHOP + 'when_down = "Non va."\n'
    assert settings(text).components[0].when_down == {"it": "Non va."}


def test_every_mistake_is_told_at_once_where_it_was_made() -> None:
    text = f"""
[site]
url = "https://status.acme.example"
langages = ["en"]
[letters]
first_after = "5 parsecs"
{SHOP}
{HTTP}
intervall = "3s"
{SHOP}
depends_on = ["shpo"]
"""
    found = mistakes(text, {"AVVISO_MIAL__SERVER": "x"})
    assert [line.partition(";")[0] for line in found] == [
        'environment:AVVISO_MIAL__SERVER: is no key, did you mean "AVVISO_MAIL__SERVER"?',
        'components[0].checks[0].intervall: is an unknown key, did you mean "interval"?',
        "site.name: is missing",
        'site.langages: is an unknown key, did you mean "languages"?',
        'letters.first_after: "5 parsecs" is not a duration',
        'components[1].id: "shop" is already the id of components[0]',
        'components[1].depends_on[0]: "shpo" is no component, did you mean "shop"?',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[site\n", "1:6: not TOML: "),
        ("a = 1\nb = \n", "2:5: not TOML: "),
        ("a = 1\na = 2\n", "2:6: not TOML: "),
        ('a = "', "1: not TOML: "),
    ],
)
def test_a_slip_in_toml_is_told_with_its_line(text: str, told: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith(told), found


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match=r"nothing\.toml: there is no such file; allowed: "):
        load(tmp_path / "nothing.toml", {})


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "avviso.toml"
    file.write_bytes(content) if content else file.mkdir()
    with pytest.raises(Mistakes, match=r"avviso\.toml: (is not UTF-8|can't be read)"):
        load(file, {})


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "avviso.toml"
    file.write_text("\ufeff" + SMALLEST, encoding="utf-8")
    assert load(file, {}).site.name == "Acme"


def test_without_a_path_the_environment_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "avviso.toml").write_text(SMALLEST, encoding="utf-8")
    (tmp_path / "other.toml").write_text(SMALLEST.replace("Acme", "Other"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).site.name == "Acme"
    assert load(None, {"AVVISO_CONFIG": str(tmp_path / "other.toml")}).site.name == "Other"
    assert load(Path("avviso.toml"), {"AVVISO_CONFIG": "other.toml"}).site.name == "Acme"


def test_nothing_at_all_is_told_as_what_is_needed() -> None:
    assert mistakes("") == [
        "site: is missing",
        "components: is missing; allowed: at least one [[components]]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "site = 1",
        "components = 1",
        "[site]\nname = []",
        "components = [1]",
        "mail = []",
        "[[components]]\nchecks = 1",
        "[[components]]\nchecks = [1, {}, {kind = 1}]",
        "[[components]]\nid = 1\ndepends_on = [1]\nhosts = 2\nwhen_down = 3",
        "[mail]\nfrom = 1979-05-27",
        "[[components]]\nid = []\n[[components.checks]]\nid = {}",
    ],
)
def test_whatever_stands_there_is_a_mistake_and_no_fault_of_ours(text: str) -> None:
    assert mistakes(text, {"AVVISO_SITE__NAME": "x", "AVVISO_MAIL__SERVER": "y"})
