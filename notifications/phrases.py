"""Which sentences do several letters share?

The desk at which a letter is written: who writes, and in which language. It names what is
affected, tells what customers notice, quotes a person's words and makes the promise of
the next word. All sentences come from the language's file; nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from notifications.facts import Affected, IncidentFacts, Localized, Record, Said, Site, Tone, Words
from notifications.language import Language
from notifications.plain import one_line, paragraphs, shortened
from notifications.sheet import Earlier, Link, Paragraph, Part

T = TypeVar("T")
PARTS = ("what_happened", "what_we_are_doing", "how_we_prevent_it")


@dataclass(frozen=True)
class Room:
    """How much of everything there is room for: so many ``characters`` of each text that a person
    wrote, and so many ``things`` of a kind; None: all.
    """

    characters: int | None = None
    things: int | None = None


ALL = Room()
LONGEST_NAME = 40
"""A component's name is cut to so many characters where room is short."""


@dataclass(frozen=True)
class Desk:
    """At which one letter is written, with so much ``room``. ``ends_only``: to those who get no
    word between the first and the last.
    """

    site: Site
    language: Language
    room: Room = ALL
    ends_only: bool = False

    def text(self, key: str, /, **values: object) -> str:
        return self.language.text(f"letters.{key}", **values)

    def time(self, at: datetime, reference: datetime) -> str:
        """The time of day in the site's zone; with the day where that is not the reference's."""
        return self.language.time(at, self.site.time_zone, reference)

    def day(self, at: datetime, reference: datetime) -> str:
        """``Sunday 25 October``, with the year where that is not the reference's."""
        return self.language.day(at, self.site.time_zone, reference)

    def about(self, key: str, incident: IncidentFacts, **values: object) -> str:
        """A sentence about all that is affected, or about an internal system where nothing is.

        Names are of any gender and number ("Payments"), so these sentences agree with none.
        """
        names = [affected.name for affected in incident.affected]
        if not names:
            return self.text(f"{key}_internal", **values)
        return self.text(key, names=self.names(names), **values)

    def names(self, names: Sequence[str]) -> str:
        """``Shop and Payments``; where room is short, ``Shop, Payments and 40 more``."""
        told = [self._name(name) for name in self.some(names)]
        if len(told) < len(names):
            told.append(self.language.plural("words.others", len(names) - len(told)))
        return self.language.listed(told)

    def _name(self, name: str) -> str:
        most = LONGEST_NAME if self.room.things else None
        return shortened(one_line(name), most)[0]

    def some(self, things: Sequence[T]) -> Sequence[T]:
        """The first of them, for which there is room."""
        return things if self.room.things is None else things[: self.room.things]

    # ---- what an incident is called

    def title(self, incident: IncidentFacts) -> Paragraph:
        """The operator's title, else the names of what is affected."""
        if incident.name:
            return Paragraph(self._name(incident.name), self.foreign(incident.language))
        return Paragraph(self.about("worded.title", incident))

    def headline(self, incident: IncidentFacts) -> Paragraph:
        """The operator's title, else what is not available, or what works only in part."""
        if incident.name:
            return self.title(incident)
        if incident.impact == "critical" or not incident.affected:
            return self.not_available(incident)
        names = self.names([affected.name for affected in incident.affected])
        return Paragraph(self.language.text("words.incident_title", names=names))

    def not_available(self, incident: IncidentFacts) -> Paragraph:
        """``Shop: you cannot place orders at the moment``; without such words, plainly."""
        notice = self._headline_notice(incident)
        if notice is None:
            return Paragraph(self.about("noticed.headline", incident))
        named = self._named(incident.affected[0].name, notice.text)
        return replace(notice, text=named.removesuffix("."))

    def _headline_notice(self, incident: IncidentFacts) -> Paragraph | None:
        if len(incident.affected) != 1:
            return None
        return self._localized(incident.affected[0].when_down)

    def _named(self, name: str, sentence: str) -> str:
        """A sentence after a colon keeps its capital where that may be a name's."""
        name = self._name(name)
        if sentence.casefold().startswith(name.casefold()):
            return sentence
        if sentence.partition(" ")[0] in self.language.strings("words.not_names"):
            sentence = sentence[0].lower() + sentence[1:]
        return f"{name}: {sentence}"

    # ---- what customers notice, and what still works

    def notices(self, incident: IncidentFacts, *, below: Paragraph) -> tuple[Paragraph, ...]:
        """One line for each component, less what the headline above has said already."""
        headed = below == self.not_available(incident) and bool(self._headline_notice(incident))
        several = len(incident.affected) > 1
        return tuple(
            replace(notice, text=self._named(affected.name, notice.text)) if several else notice
            for affected in self.some(incident.affected)
            for notice in self._notices_of(affected, headed=headed)
        )

    def _notices_of(self, affected: Affected, *, headed: bool) -> Sequence[Paragraph]:
        texts = [] if headed else [self._localized(affected.when_down)]
        texts.append(self._localized(affected.still_works))
        found = [text for text in texts if text]
        if len({text.language for text in found}) == 1:  # one language, one paragraph
            return [replace(found[0], text=" ".join(text.text for text in found))]
        return found

    def _localized(self, texts: Localized) -> Paragraph | None:
        """In the reader's language, else the site's, else any."""
        for code in (self.language.code, self.site.default_language, *texts):
            if text := one_line(texts.get(code, "")):
                return Paragraph(shortened(text, self.room.characters)[0], self.foreign(code))
        return None

    def was(
        self,
        incident: IncidentFacts,
        ended_at: datetime,
        said_at: datetime,
        *,
        instead: str | None = None,
    ) -> str:
        """Since when, until when, how long; ``instead``: another such sentence."""
        how = "over.was_down" if incident.impact == "critical" else "over.was_troubled"
        return self.about(
            instead or how,
            incident,
            start=self.time(incident.started_at, said_at),
            # the day is not named twice
            end=min((self.time(ended_at, at) for at in (said_at, incident.started_at)), key=len),
            length=self.language.duration(ended_at - incident.started_at),
        )

    # ---- the three parts

    def three(self, *told: tuple[Paragraph, ...], done: bool = False) -> tuple[Part, ...]:
        """Under their headings, in their order; ``done``: it is over, and of the past."""
        return tuple(
            Part(self.heading(key, done=done), part) for key, part in zip(PARTS, told, strict=True)
        )

    def heading(self, part: str, *, done: bool = False) -> str:
        """``What we did`` for ``What we are doing`` where it is ``done``."""
        is_past = done and part == "what_we_are_doing"
        return self.language.text("words.what_we_did" if is_past else f"words.{part}")

    def said(self, said: Said | None, *instead: str, done: bool = False) -> tuple[Part, ...]:
        """A person's three parts; in place of each one left empty, what is true by itself."""
        told = (
            self.quoted(said, part) or (Paragraph(sentence),)
            for part, sentence in zip(PARTS, instead, strict=True)
        )
        return self.three(*told, done=done)

    def quoted(self, said: Said | None, part: str) -> tuple[Paragraph, ...]:
        if said is None:
            return ()
        words, language = self._for_reader(said)
        return self.as_written(getattr(words, part) or "", language)

    def as_written(self, words: str, language: str) -> tuple[Paragraph, ...]:
        """A person's paragraphs; where they are too long for a letter, their beginning."""
        text, is_cut = shortened(words, self.room.characters)
        told = tuple(Paragraph(one, self.foreign(language)) for one in paragraphs(text))
        return (*told, Paragraph(self.language.text("words.more"))) if is_cut else told

    def no_longer(
        self, before: Said | None, said: Said | None, was: str, *, done: bool = False
    ) -> Iterator[Earlier]:
        """The parts that said something else before, each under its heading."""
        for part in PARTS:
            told = self.quoted(before, part)
            if told and told != self.quoted(said, part):
                heading = Paragraph(self.heading(part, done=done))
                yield Earlier(said=was, headline=heading, paragraphs=told)

    def other_language(self, said: Said | None) -> tuple[Paragraph, ...]:
        """The one sentence that prepares a reader for another language; none is needed mostly."""
        return self.prepares(self.foreign(self._for_reader(said)[1]) if said else None)

    def prepares(self, code: str | None) -> tuple[Paragraph, ...]:
        """The same of words in this language; None: in the reader's own."""
        if code is None:
            return ()
        name = self.language.locale.languages.get(code, code)
        return (Paragraph(self.text("worded.other_language", language=name)),)

    def _for_reader(self, said: Said) -> tuple[Words, str]:
        translated = said.translations.get(self.language.code)
        return (translated, self.language.code) if translated else (said.words, said.language)

    def foreign(self, code: str | None) -> str | None:
        """The language to mark words with, None where they are in the reader's."""
        return code if code != self.language.code else None

    # ---- what stands below

    def promise(self, at: datetime | None, said_at: datetime) -> str:
        if self.ends_only:
            return self.language.text("words.next_word_at_end")
        if at is None:
            return self.language.text("words.no_next_word")
        return self.language.text("words.next_word_by", time=self.time(at, said_at))

    def light(self, tone: Tone, about: str) -> str | None:
        """The sentence more of a warm word; there is none in a plain one."""
        return None if tone == "plain" else self.language.text(f"tone.{tone}.{about}")

    def record(self, record: Record) -> str:
        """How much of the time it was there; since its first day, where that is not long ago."""
        percent = f"{self.language.number(record.percent)}\N{NO-BREAK SPACE}%"
        told = {"name": one_line(record.name), "percent": percent}
        if record.since is None:
            return self.text("record.days", days=record.days, **told)
        date = self.language.date(record.since, self.site.time_zone)
        return self.text("record.since", date=date, **told)

    def look(self, incident: IncidentFacts) -> Link:
        return Link(self.text("foot.look"), one_line(incident.url))

    def reach(self) -> tuple[str, ...]:
        """How to reach a person, where the site says how."""
        site = self.site
        phone = one_line(site.contact_phone or "").replace(" ", "\N{NO-BREAK SPACE}")
        ways = [way for way in (one_line(site.contact_email or ""), phone) if way]
        if not ways:
            return ()
        listed, hours = self.language.ored(ways), site.contact_hours
        if hours:
            return (self.text("foot.reach_in_hours", ways=listed, hours=one_line(hours)),)
        return (self.text("foot.reach", ways=listed),)
