"""What does the whole configuration say?

One frozen value, handed to whoever needs it; there is no global settings object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parseaddr
from functools import cached_property
from typing import Annotated

from pydantic import Field, SecretStr

from checks.verdict import Policy
from statuspage.settings.components import Check, Component
from statuspage.settings.own_words import own_words
from statuspage.settings.sections import (
    Bounces,
    Checks,
    Database,
    Letters,
    Mail,
    Operators,
    Retention,
    Server,
    Site,
)
from statuspage.settings.table import Table


class Settings(Table):
    site: Site
    server: Server = Server()
    database: Database = Field(default_factory=Database)
    operators: Operators = Operators()
    mail: Mail = Mail()
    bounces: Bounces = Bounces()
    letters: Letters = Letters()
    checks: Checks = Checks()
    retention: Retention = Retention()
    components: Annotated[tuple[Component, ...], Field(min_length=1)] = Field(
        description="at least one [[components]]"
    )

    def component(self, component_id: str) -> Component | None:
        return next((one for one in self.components if one.id == component_id), None)

    @cached_property
    def tiers_below(self) -> Mapping[str, frozenset[str]]:
        """Each component's tiers below, through any number of floors; worked out once, for
        every page and every decision asks it of every component.
        """
        direct = {component.id: component.depends_on for component in self.components}
        return {id: _descend(id, direct) for id in direct}

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Known to whoever reads a letter for mistakes; worked out once, for every review."""
        return own_words(self.site, self.mail, self.letters, self.components)

    def interval_of(self, check: Check) -> timedelta:
        return check.interval or self.checks.interval

    def timeout_of(self, check: Check) -> timedelta:
        return check.timeout or self.checks.timeout

    def first_after_of(self, component: Component) -> timedelta:
        return component.first_after or self.letters.first_after

    def policy(self, check: Check) -> Policy:
        """How this check's results become a verdict."""
        told = self.checks
        return Policy(
            interval=self.interval_of(check),
            confirm_failures=told.confirm_failures,
            confirm_recoveries=told.confirm_recoveries,
            confirm_interval=told.confirm_interval,
            flap_changes=told.flap_changes,
            flap_within=told.flap_within,
            flap_steady=told.flap_steady,
        )

    @property
    def operators_relay(self) -> SecretStr:
        """The relay for operators' mail: their own, else the customers'; empty: none."""
        return self.operators.mail_server or self.mail.server

    def warnings(self) -> list[str]:
        """What is legal, but hardly meant: each begins with the key that it is about."""
        asked = (_on_site, _on_operators, _on_mail, _on_looking, _on_components)
        return [line for ask in asked for line in ask(self)]


def _descend(id: str, direct: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    seen: set[str] = set()
    ahead = list(direct[id])
    while ahead:
        lower = ahead.pop()
        if lower not in seen and lower != id:
            seen.add(lower)
            ahead.extend(direct.get(lower, ()))
    return frozenset(seen)


def _on_site(settings: Settings) -> Iterator[str]:
    if settings.site.url.startswith("http:"):
        yield (
            "site.url: is http; unsubscribing by one click needs https (RFC 8058), and without it"
            " mail programs show their readers only the button for spam"
        )
    for at, link in enumerate(settings.site.links):
        yield from _lacking(f"site.links[{at}].text", "", link.text, settings)
    if any(network.prefixlen == 0 for network in settings.server.trusted_proxies):
        yield "server.trusted_proxies: trusts everybody, so anybody can pretend any address"


def _on_operators(settings: Settings) -> Iterator[str]:
    calls = [call.get_secret_value() for call in settings.operators.notify]
    if not calls:
        yield "operators.notify: is empty; nobody of yours will hear of an incident"
    mailed = [call for call in calls if call.startswith("mailto:")]
    if mailed and not (settings.operators_relay and settings.mail.sender):
        yield "operators.notify: has mail addresses, but mail.server or mail.from is missing"
    elif mailed and mailed == calls and not settings.operators.mail_server:
        yield (
            "operators.notify: goes only by mail, and through the customers' relay; when that is"
            " down, nobody is told: add a web hook or operators.mail_server"
        )


def _on_mail(settings: Settings) -> Iterator[str]:
    mail, letters = settings.mail, settings.letters
    if not mail.server and letters.automatic != "never":
        yield "mail.server: is empty; customers can't subscribe, and are not written to"
    if mail.server and not mail.sender:
        yield "mail.from: is empty; letters to customers need a sender"
    author = parseaddr(mail.sender)[1].rpartition("@")[2].lower()
    if mail.dkim.key and f".{author}".removesuffix(f".{mail.dkim.domain}") == f".{author}":
        yield (
            f"mail.dkim.domain: mail.from is of {author or 'no domain'}, which is not below it;"
            " receivers will not take the signature for its author's (DMARC)"
        )
    if settings.bounces.address and not (settings.bounces.imap or settings.bounces.maildir):
        yield (
            "bounces.address: has neither bounces.imap nor bounces.maildir; what comes back is"
            " only known when something hands it to POST /api/v1/bounces"
        )
    if letters.per_day < letters.per_hour:
        yield "letters.per_day: is less than per_hour, which therefore means nothing"


def _on_looking(settings: Settings) -> Iterator[str]:
    if not settings.checks.reference:
        yield (
            "checks.reference: is empty; when our own connection is cut,"
            " everything will seem to be down"
        )


def _on_components(settings: Settings) -> Iterator[str]:
    if not any(component.public for component in settings.components):
        yield "components: none is public; the page will be empty"
    for at, component in enumerate(settings.components):
        if not component.checks:
            yield f"components[{at}].checks: {component.id} has none; only you can change it"
        for key in ("when_down", "still_works"):
            where = f"components[{at}].{key}"
            yield from _lacking(where, f"{component.id} ", getattr(component, key), settings)


def _lacking(where: str, whose: str, told: Mapping[str, str], settings: Settings) -> Iterator[str]:
    lacks = [code for code in settings.site.languages if told and code not in told]
    if lacks:
        named = "language " if len(lacks) == 1 else "languages "
        named += ", ".join(f'"{code}"' for code in lacks)
        yield f"{where}: {whose}has no text in the {named}"
