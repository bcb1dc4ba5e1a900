"""How does a claimed delivery become a parcel that a channel can carry?

A letter is composed once for each announcement (or merged set of them) and language, and
kept; only the personal links are put in for each reader. Links stay short: a mail program
that breaks a line at 76 characters must not break them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeGuard
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlmodel import col

from notifications import channels, facts, language
from notifications.card import Card
from notifications.channel import Parcel
from notifications.identity import message_id, thread_id
from notifications.letter import Letter, personal, write
from notifications.return_path import return_path
from notifications.sheet import Readers
from statuspage.actions import canary, credit_codes, return_paths
from statuspage.actions.revision import not_before
from statuspage.database import Store
from statuspage.jobs.events import Events
from statuspage.jobs.outbox import Addressee, Outgoing
from statuspage.rules import telling
from statuspage.settings import Settings
from statuspage.tables import Announcement

_LETTERS_KEPT = 256
_CODES_KEPT = _FACTS_KEPT = 2000
"""More than can be claimed at a time: every letter to confirm has facts of its own."""


@dataclass(slots=True)
class Parcels:
    """What one process has composed so far."""

    settings: Settings
    _facts: dict[str, facts.Facts] = field(default_factory=dict)
    _not_before: int = 0
    _seals: bytes = b""
    """The key of return paths; empty: letters leave from the sender's own mailbox."""
    _letters: dict[tuple[tuple[str, ...], str, Readers], Letter] = field(default_factory=dict)
    _events: Events = field(init=False)
    _codes: dict[tuple[str, str], str] = field(default_factory=dict)
    """(incident, subscriber) -> the code that is theirs."""
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Each kind of channel has its round, and all of them read through here."""

    def __post_init__(self) -> None:
        self._events = Events(self.settings)

    async def fetch(self, store: Store, letters: Collection[Outgoing], now: datetime) -> None:
        """Read the facts of announcements that are not known here yet, readers' codes, and what
        programs are told.
        """
        async with self._reading:
            await self._refresh(store)
            await self._fetch(store, letters)
            await self._events.fetch(store, self._for_programs(letters), now)

    async def _fetch(self, store: Store, letters: Collection[Outgoing]) -> None:
        wanted = {id for letter in letters for id in letter.announcements}
        for id in wanted & self._facts.keys():
            self._facts[id] = self._facts.pop(id)  # used last, dropped last
        if unknown := wanted - self._facts.keys():
            self._facts |= await _facts_of(store, unknown)
        while len(self._facts) > _FACTS_KEPT:
            del self._facts[next(iter(self._facts))]
        if given := self._given(letters):
            self._codes |= await _codes_of(store, given)
        while len(self._codes) > _CODES_KEPT:
            del self._codes[next(iter(self._codes))]

    def _given(self, letters: Iterable[Outgoing]) -> dict[str, list[str]]:
        """Incident -> to whom these letters give a code of it."""
        given: dict[str, list[str]] = {}
        for letter in letters:
            for told in (self._facts[id] for id in letter.announcements):
                if _gives_code(told):
                    given.setdefault(told.incident.id, []).append(letter.addressee.id)
        return given

    async def refresh(self, store: Store) -> None:
        """Facts are frozen but for one case: words that were removed, or put in other words
        (``not_before``). What was composed of them is forgotten then.
        """
        async with self._reading:
            await self._refresh(store)

    async def _refresh(self, store: Store) -> None:
        async with store.read() as session:
            newest = await not_before(session)
            if self.settings.bounces.address and not self._seals:
                self._seals = await return_paths.key(session)
        if newest != self._not_before:
            facts = await _facts_of(store, self._facts)
            self._facts, self._not_before = facts, newest
            self._letters.clear()
            self._events.clear()

    def parcel(self, outgoing: Outgoing, at: datetime) -> Parcel:
        """Complete, for one recipient."""
        settings, reader = self.settings, outgoing.addressee
        domain = urlsplit(settings.site.url).hostname or "localhost"
        links = _links(settings.site.url, reader)
        codes = {
            f"credit_code:{id}": self._codes[id, reader.id]
            for id in outgoing.matters
            if (id, reader.id) in self._codes
        }
        kind = channels.kinds()[reader.channel]
        places = {**links, **codes, **self._introduction(reader)}
        composed = self._letter(outgoing.announcements, reader)
        told = composed if kind.fills_in else personal(composed, places)
        return Parcel(
            sender=settings.mail.sender,
            envelope_sender=self._return_path(outgoing),
            recipient=settings.mail.canary if reader.id == canary.ID else reader.address,
            reply_to=settings.mail.reply_to or settings.site.contact.email,
            subject=told.subject,
            text=told.text,
            html=told.html,
            places=places if kind.fills_in else {},
            message_id=message_id(outgoing.announcements[-1], reader.id, domain),
            references=tuple(thread_id(id, reader.id, domain) for id in outgoing.matters),
            sent_at=at,
            list_id=f"{settings.site.name} <{domain}>" if outgoing.is_word else None,
            unsubscribe_url=links["unsubscribe_url"] if outgoing.is_word else None,
            body=self._body(outgoing, at) if kind.told_in == "events" else None,
            cards=self._cards(outgoing) if kind.told_in == "cards" else (),
            secret=reader.secret,
        )

    def _return_path(self, outgoing: Outgoing) -> str | None:
        """Of the delivery that carries it: what comes back says which it was."""
        address = self.settings.bounces.address
        return return_path(address, outgoing.id, self._seals) if self._seals else None

    def _for_programs(self, letters: Iterable[Outgoing]) -> dict[tuple[str, str], facts.Telling]:
        """(announcement, language) of what goes to those that are told in events."""
        told: dict[tuple[str, str], facts.Telling] = {}
        for letter in letters:
            word = self._facts[letter.announcements[-1]]
            kind = channels.kinds()[letter.addressee.channel]
            if kind.told_in == "events" and not isinstance(word, facts.Apart):
                told[letter.announcements[-1], self._language(letter.addressee.language)] = word
        return told

    def _body(self, outgoing: Outgoing, at: datetime) -> Mapping[str, object]:
        reader, id = outgoing.addressee, outgoing.announcements[-1]
        stop = _links(self.settings.site.url, reader)["unsubscribe_url"]
        return self._events.body(id, self._language(reader.language), stop, at)

    def _cards(self, outgoing: Outgoing) -> tuple[Card, ...]:
        reader, told = outgoing.addressee, self._told(outgoing.announcements)
        code = self._language(reader.language)
        readers = Readers(ends_only=reader.ends_only)
        return self._events.cards(outgoing.announcements, told, code, readers)

    def _letter(self, announcements: tuple[str, ...], reader: Addressee) -> Letter:
        code, readers = self._language(reader.language), _readers(reader)
        key = (announcements, code, readers)
        if key not in self._letters:
            if len(self._letters) >= _LETTERS_KEPT:
                del self._letters[next(iter(self._letters))]
            site = telling.site(self.settings)
            self._letters[key] = write(
                self._told(announcements), site, language.load(code), readers
            )
        return self._letters[key]

    def _language(self, wished: str) -> str:
        return wished if wished in language.available() else self.settings.site.default_language

    def _introduction(self, reader: Addressee) -> Mapping[str, str]:
        """When an operator added them, and where the address comes from."""
        if reader.added_at is None:
            return {}
        spoken = language.load(self._language(reader.language))
        added_on = spoken.date(reader.added_at, self.settings.site.time_zone)
        return {"added_on": added_on, "source": reader.source or ""}

    def _told(self, announcements: tuple[str, ...]) -> facts.Facts:
        if len(announcements) == 1:
            return self._facts[announcements[0]]
        parts = (self._facts[id] for id in announcements)
        # a letter to confirm never waits together with others
        tellings = [part for part in parts if not isinstance(part, facts.Apart)]
        return facts.Merged(parts=tuple(tellings))


async def _facts_of(store: Store, announcements: Iterable[str]) -> dict[str, facts.Facts]:
    async with store.read() as session:
        found = await session.execute(
            sa.select(col(Announcement.id), col(Announcement.facts)).where(
                col(Announcement.id).in_(announcements)
            )
        )
        return {id: facts.thaw(frozen) for id, frozen in found}


def _gives_code(told: facts.Facts) -> TypeGuard[facts.Postmortem]:
    return (
        isinstance(told, facts.Postmortem)
        and told.credit is not None
        and told.credit.kind == "code"
    )


async def _codes_of(
    store: Store, given: Mapping[str, Collection[str]]
) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    async with store.read() as session:
        for incident_id, subscribers in given.items():
            theirs = await credit_codes.of(session, incident_id, subscribers)
            found |= {(incident_id, whose): code for whose, code in theirs.items()}
    return found


def _readers(reader: Addressee) -> Readers:
    if reader.added_at is None:
        return Readers(ends_only=reader.ends_only)
    return Readers("whence" if reader.source else "when", reader.ends_only)


def _links(site_url: str, reader: Addressee) -> Mapping[str, str]:
    manage = f"{site_url}/subscriptions/{reader.code}"
    stop = f"{site_url}/unsubscribe/{reader.code}"
    confirm = f"{site_url}/subscriptions/{reader.confirm_code}/confirm"
    links = {"manage_url": manage, "unsubscribe_url": stop, "confirm_url": confirm}
    return links | ({"hook_host": reader.hook_host} if reader.hook_host else {})
