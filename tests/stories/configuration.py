"""What does the company write into its avviso.toml? Everything as in production, only shorter."""

import json
from collections.abc import Mapping

WHEN_DOWN = {
    "en": "You cannot place orders at the moment.",
    "it": "Al momento non è possibile fare ordini.",
}
STILL_WORKS = {
    "en": "You can look at everything in the shop.",
    "it": "Si può guardare tutto il negozio.",
}
ANNA, PAUL = "anna@example.org", "paul@example.org"  # she reads Italian, he reads English
ONCALL = "oncall@acme.example"

SECTIONS: Mapping[str, Mapping[str, object]] = {
    "site": {"name": "Acme", "languages": ["en", "it"], "time_zone": "Europe/Rome"},
    "mail": {"from": "Acme status <status@acme.example>"},
    "letters": {"first_after": "1.5s", "all_clear_after": "1s", "undo": "2s"},
    "checks": {
        "interval": "400ms",
        "timeout": "3s",
        "confirm_failures": 2,
        "confirm_recoveries": 2,
        "confirm_interval": "150ms",
        "flap_changes": 50,  # a story breaks and mends in seconds what others do in weeks
    },
}


def merged(*layers: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """The sections, later layers over earlier ones, key by key."""
    sections: dict[str, dict[str, object]] = {}
    for layer in layers:
        for name, keys in layer.items():
            sections.setdefault(name, {}).update(keys)
    return sections


def write(sections: Mapping[str, Mapping[str, object]], components: str) -> str:
    """The file's text."""
    return "\n".join(_section(name, keys) for name, keys in sections.items()) + components


def component(id: str, name: str, check: Mapping[str, object], **keys: object) -> str:
    """One component with one check."""
    told = {"id": id, "name": name, **keys}
    head = "\n".join(f"{key} = {_toml(value)}" for key, value in told.items())
    body = "\n".join(f"{key} = {_toml(value)}" for key, value in check.items())
    return f"\n[[components]]\n{head}\n[[components.checks]]\n{body}\n"


def database_check(dsn: str, server: str) -> dict[str, object]:
    """How the company looks at its database tier, whichever it is."""
    kind = dsn.partition(":")[0]
    asks = {"command": "PING"} if kind == "redis" else {"query": "SELECT 1"}
    return {"kind": kind, "dsn": dsn, **asks, "server": server}


def shop_and_database(
    origin: str, dsn: str, *, shared: bool = False, public: bool = True, name: str = ""
) -> str:
    """The company's two tiers; `shared`: on one machine."""
    web, below = ("box-1", "box-1") if shared else ("web-1", "db-1")
    database = component(
        "orders-db",
        name or "Orders database",
        database_check(dsn, below),
        tier="database",
        public=public,
    )
    shop = component(
        "shop",
        "Shop",
        {"kind": "http", "url": f"{origin}/health", "server": web},
        depends_on=["orders-db"],
        when_down=WHEN_DOWN,
        still_works=STILL_WORKS,
    )
    return database + shop


def _section(name: str, keys: Mapping[str, object]) -> str:
    lines = "\n".join(f"{key} = {_toml(value)}" for key, value in keys.items())
    return f"[{name}]\n{lines}\n"


def _toml(value: object) -> str:
    """JSON's strings, numbers, booleans and lists are TOML's; only tables differ."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inside} }}"
    return json.dumps(value, ensure_ascii=False)
