"""Every key is documented, and the example shows the defaults that we really have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from checks.probes import kinds
from statuspage.settings import Check, Component, Settings, load
from statuspage.settings.assembly import CHECK_KEYS
from statuspage.settings.mistakes import KeyPath, spell_path
from statuspage.settings.schema import fields, leaves
from tests.statuspage.settings.files import SHOP, SITE, settings

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "configuration.md").read_text(encoding="utf-8")
EXAMPLE = DOCS / "avviso.example.toml"
# names, addresses and components: what nobody can have a default for
INVENTED = {
    "site.name",
    "site.url",
    "site.contact.email",
    "site.contact.phone",
    "site.contact.hours",
    "site.controller",
    "site.privacy_url",
    "operators.notify",
    "mail.server",
    "mail.from",
    "components",
}
LEAVES = [path for path, _ in leaves(Settings)]
ENVIRON = {"SMTP_PASSWORD": "x", "DB_PASSWORD": "y"}


def section(heading: str) -> str:
    """What stands below a heading, until the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"configuration.md has no heading {heading}"
    return found[1]


def value_at(model: Any, path: KeyPath) -> Any:
    for step in path:
        names = {field.alias or name: name for name, field in type(model).model_fields.items()}
        model = getattr(model, names[str(step)])
    return model


@pytest.mark.parametrize("path", [path for path in LEAVES if len(path) > 1], ids=spell_path)
def test_a_key_is_described_below_its_table(path: KeyPath) -> None:
    assert f"`{'.'.join(map(str, path[1:]))}`" in section(f"[{path[0]}]")


@pytest.mark.parametrize(
    ("model", "heading", "keys"),
    [
        (Component, "[[components]]", tuple(fields(Component))),
        (Check, "[[components.checks]]", CHECK_KEYS),
    ],
)
def test_the_keys_of_components_and_checks_are_described(
    model: type[BaseModel], heading: str, keys: tuple[str, ...]
) -> None:
    assert [key for key in keys if f"`{key}`" not in section(heading)] == []


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_the_keys_of_a_kind_are_described(kind: str) -> None:
    headings = re.findall(r"^### (.+)$", GUIDE, re.MULTILINE)
    (heading,) = (one for one in headings if kind in one.split(", "))
    assert [key for key in fields(kinds()[kind]) if f"`{key}`" not in section(heading)] == []


def test_the_guide_describes_no_key_that_there_is_not() -> None:
    known = {".".join(map(str, path[1:])) for path in LEAVES} | {*CHECK_KEYS, *fields(Component)}
    known = known.union(*(fields(kind) for kind in kinds().values()))
    rows = re.findall(r"^\| (`[^|]+) \|", GUIDE, re.MULTILINE)
    described = {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
    assert described - known == set()


@pytest.mark.parametrize("path", LEAVES, ids=spell_path)
def test_the_example_shows_every_key_with_its_default(path: KeyPath) -> None:
    example, plain = load(EXAMPLE, ENVIRON), settings(SITE + SHOP)
    table = value_at(example, path[:-1])
    name = {field.alias or key: key for key, field in type(table).model_fields.items()}[
        str(path[-1])
    ]
    assert name in table.model_fields_set
    if spell_path(path) not in INVENTED:
        shown, real = value_at(example, path), value_at(plain, path)
        assert _without_folder(shown, DOCS) == _without_folder(real, Path("/etc/avviso"))


def _without_folder(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return value.relative_to(folder)
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value().replace(str(folder), "")
    return value
