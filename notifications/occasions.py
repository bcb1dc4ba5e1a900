"""Which words go with which facts?

One function an occasion, each giving a ``Section``; a merged letter is sections one after
the other. The automatic ones say only what the checks saw. A person's words stand as they
were written; the fixed words around them are the reader's. Nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from notifications import personal_words, postmortems
from notifications.facts import (
    ActionsDone,
    Corrected,
    Facts,
    Holding,
    IncidentFacts,
    Merged,
    Noticed,
    Over,
    Planned,
    Postmortem,
    Site,
    Worded,
)
from notifications.language import Language
from notifications.maintenance import planned
from notifications.personal_facts import Canary, Confirm, ConfirmHook, HookResting
from notifications.phrases import ALL, Desk, Room
from notifications.plain import one_line
from notifications.sheet import (
    ALL_READERS,
    Earlier,
    Introduction,
    Known,
    Link,
    Mood,
    Paragraph,
    Readers,
    Section,
    Sheet,
    place,
)

Telling = Noticed | Worded | Holding | Over | Corrected | Postmortem | ActionsDone | Planned

_STILL_DOWN = ("investigating", "identified")


def sheet(
    facts: Facts,
    site: Site,
    language: Language,
    room: Room = ALL,
    readers: Readers = ALL_READERS,
) -> Sheet:
    """What the letter says to these readers of this language, where there is so much room."""
    desk = Desk(site, language, room, readers.ends_only)
    if isinstance(facts, Confirm | ConfirmHook | HookResting):
        section = personal_words.section(desk, facts)
        return Sheet(subject=section.subject, sections=(section,), foot=desk.reach())
    if isinstance(facts, Canary):
        section = personal_words.canary(desk, facts)
        return Sheet(subject=section.subject, sections=(section,))
    tellings = facts.parts if isinstance(facts, Merged) else (facts,)
    sections = _sections(desk, tellings)
    return Sheet(
        subject=_subject(desk, sections, tellings),
        sections=sections,
        preface=desk.text("merged.preface") if len(tellings) > 1 else None,
        introduction=_introduction(desk, readers.added) if readers.added else None,
        foot=(*desk.reach(), desk.text("foot.registered", site=one_line(site.name))),
        links=(
            Link(desk.text("foot.manage"), place("manage_url")),
            Link(desk.text("foot.stop"), place("unsubscribe_url")),
        ),
    )


def _introduction(desk: Desk, added: Known) -> Introduction:
    site = one_line(desk.site.name)
    when = desk.text("introduction.when", site=site, date=place("added_on"))
    whence = desk.text("introduction.whence", source=place("source"))
    return Introduction(
        lines=(when, whence) if added == "whence" else (when,),
        stop=Link(desk.text("introduction.stop"), place("unsubscribe_url")),
    )


def _subject(desk: Desk, sections: Sequence[Section], tellings: Sequence[Telling]) -> str:
    if len(sections) == 1:
        return sections[0].subject
    only_trouble = not any(isinstance(telling, Planned) for telling in tellings)
    key = "letters.merged.subject" if only_trouble else "letters.merged.subject_mixed"
    return desk.language.plural(key, len({_matter(telling) for telling in tellings}))


def _sections(desk: Desk, tellings: Sequence[Telling]) -> tuple[Section, ...]:
    """One for each incident or maintenance, the newest word first: it is what matters now; but
    an outage comes before work that was planned. That all is done stands apart: it must not
    shorten the postmortem that it follows.
    """
    by_matter: dict[tuple[str, str], list[Telling]] = {}
    for telling in tellings:
        own = telling.occasion if telling.occasion in postmortems.APART else ""
        by_matter.setdefault((_matter(telling), own), []).append(telling)
    groups = sorted(by_matter.values(), key=lambda group: group[-1].said_at, reverse=True)
    groups.sort(key=lambda group: isinstance(group[-1], Planned))
    return tuple(_newest_in_full(desk, group) for group in groups)


def _matter(telling: Telling) -> str:
    return telling.maintenance.id if isinstance(telling, Planned) else telling.incident.id


def _newest_in_full(desk: Desk, group: Sequence[Telling]) -> Section:
    newest = group[-1]
    told = desk.some(group[-2::-1])[::-1]
    earlier = tuple(_briefly(desk, telling, newest) for telling in told)
    section = _section(desk, newest)
    return replace(section, earlier=(*section.earlier, *earlier))


def _briefly(desk: Desk, telling: Telling, newest: Telling) -> Earlier:
    said = None if isinstance(telling, Noticed | Holding | ActionsDone | Planned) else telling.said
    return Earlier(
        said=desk.text("merged.earlier", time=desk.time(telling.said_at, newest.said_at)),
        headline=Paragraph(_section(desk, telling).subject),
        paragraphs=(
            *desk.other_language(said),
            *desk.quoted(said, "what_happened"),
            *desk.quoted(said, "what_we_are_doing"),
        ),
    )


def _section(desk: Desk, telling: Telling) -> Section:
    if isinstance(telling, Noticed):
        return _noticed(desk, telling)
    if isinstance(telling, Holding):
        return _holding(desk, telling)
    if isinstance(telling, Corrected):
        return _corrected(desk, telling)
    if isinstance(telling, Planned):
        return planned(desk, telling)
    if isinstance(telling, Postmortem | ActionsDone):
        return postmortems.section(desk, telling)
    return _worded(desk, telling) if isinstance(telling, Worded) else _over(desk, telling)


def _noticed(desk: Desk, facts: Noticed) -> Section:
    incident = facts.incident
    headline = desk.not_available(incident)
    since = desk.time(incident.started_at, facts.said_at)
    saw = desk.about("noticed.saw", incident, since=since)
    alone = "noticed.called" if facts.called else "noticed.uncalled"
    doing = "noticed.acknowledged" if facts.acknowledged else alone
    return Section(
        mood="down",
        state=desk.text("noticed.state", since=since),
        subject=headline.text,
        headline=headline,
        parts=desk.three(
            (Paragraph(saw), *desk.notices(incident, below=headline)),
            (Paragraph(desk.text(doing)),),
            (Paragraph(desk.text("noticed.cause")),),
        ),
        next_word=desk.promise(facts.next_word_at, facts.said_at),
        closing=desk.text("noticed.sorry"),
        link=desk.look(incident),
    )


def _worded(desk: Desk, facts: Worded) -> Section:
    incident, status = facts.incident, facts.status
    since = desk.time(incident.started_at, facts.said_at)
    down = status in _STILL_DOWN
    subject = desk.text(f"worded.subject.{status}", title=desk.title(incident).text)
    headline = desk.headline(incident) if down or incident.name else Paragraph(subject)
    out = down and incident.impact == "critical"  # when_down says what wholly fails
    notices = desk.notices(incident, below=headline) if out else ()
    return Section(
        mood=_mood(facts),
        state=desk.text(f"worded.state.{status}", since=since),
        subject=subject,
        headline=headline,
        intro=(*notices, *desk.other_language(facts.said)),
        parts=desk.said(
            facts.said,
            desk.about("worded.happened", incident, since=since),
            desk.text("noticed.acknowledged" if down else "over.watching"),
            desk.text("worded.not_yet"),
        ),
        next_word=desk.promise(facts.next_word_at, facts.said_at),
        closing=desk.light(facts.tone, status),
        link=desk.look(incident),
    )


def _mood(facts: Worded | Corrected) -> Mood:
    return _trouble(facts.incident) if facts.status in _STILL_DOWN else "ok"


def _trouble(incident: IncidentFacts) -> Mood:
    return "down" if incident.impact == "critical" else "part"


def _holding(desk: Desk, facts: Holding) -> Section:
    incident, late = facts.incident, facts.missed_at is not None
    since = desk.time(incident.started_at, facts.said_at)
    headline = desk.headline(incident)
    sees = "holding.sees" if facts.seen_by_checks else "holding.knows"
    missed = desk.time(facts.missed_at, facts.said_at) if facts.missed_at else ""
    alone = "holding.calling" if facts.called else "noticed.uncalled"
    return Section(
        mood=_trouble(incident),
        state=desk.text("holding.state", since=since),
        subject=desk.text(
            "holding.subject_late" if late else "holding.subject", title=desk.title(incident).text
        ),
        headline=headline,
        intro=(Paragraph(desk.text("holding.late" if late else "holding.no_news", time=missed)),),
        parts=desk.three(
            (
                Paragraph(desk.about(sees, incident, since=since)),
                *desk.notices(incident, below=headline),
            ),
            (Paragraph(desk.text("noticed.acknowledged" if facts.acknowledged else alone)),),
            (Paragraph(desk.text("worded.not_yet")),),
        ),
        next_word=desk.promise(facts.next_word_at, facts.said_at),
        closing=desk.text("noticed.sorry") if not late else None,
        link=desk.look(incident),
    )


def _corrected(desk: Desk, facts: Corrected) -> Section:
    incident, is_over = facts.incident, facts.status not in (*_STILL_DOWN, "monitoring")
    subject = desk.text("corrected.subject", title=desk.title(incident).text)
    out = facts.status in _STILL_DOWN and incident.impact == "critical"
    notices = desk.notices(incident, below=Paragraph(subject)) if out else ()
    since = desk.time(incident.started_at, facts.said_at)
    learned, was = facts.status == "postmortem", desk.text("corrected.was")
    wrote = desk.text("corrected.intro", time=desk.time(facts.wrote_at, facts.said_at))
    return Section(
        mood=_mood(facts),
        state=_stands(desk, facts, since),
        subject=subject,
        headline=Paragraph(subject),
        intro=(*notices, Paragraph(wrote), *desk.other_language(facts.said)),
        parts=desk.said(
            facts.said,
            desk.about("worded.happened", incident, since=since),
            desk.text("noticed.acknowledged" if facts.status in _STILL_DOWN else "over.watching"),
            desk.text("worded.not_yet"),
            done=learned,
        ),
        next_word=None if is_over else desk.promise(facts.next_word_at, facts.said_at),
        closing=desk.text("corrected.sorry"),
        link=desk.look(incident),
        earlier=tuple(desk.no_longer(facts.before, facts.said, was, done=learned)),
    )


def _stands(desk: Desk, facts: Corrected, since: str) -> str:
    """Where it stands, of which we correct what we wrote."""
    if facts.status == "postmortem":
        return desk.text("postmortem.state")
    if facts.status in (*_STILL_DOWN, "monitoring"):
        return desk.text(f"worded.state.{facts.status}", since=since)
    return desk.text("over.state", since=since)


def _over(desk: Desk, facts: Over) -> Section:
    was, said = _was(desk, facts), facts.said
    headline = desk.about("over.wrong" if facts.false_alarm else "over.headline", facts.incident)
    unknown = desk.text("over.cause" if facts.automatic else "worded.not_yet")
    parts = desk.said(said, was, desk.text("over.watching"), unknown)
    sorry = None if said else desk.text("over.sorry")
    light = desk.light(facts.tone, "false_alarm" if facts.false_alarm else "resolved")
    return Section(
        mood="ok",
        state=desk.text("over.false_alarm" if facts.false_alarm else "over.state"),
        subject=headline,
        headline=Paragraph(headline),
        intro=(Paragraph(was), *desk.other_language(said)) if said else (),
        parts=parts,
        closing=" ".join(one for one in (sorry, light) if one) or None,
        record=tuple(desk.record(one) for one in desk.some(facts.record)),
        link=desk.look(facts.incident),
    )


def _was(desk: Desk, facts: Over) -> str:
    """Since when, until when, how long; of a false alarm, what we had said wrongly."""
    wrongly = "over.wrongly" if facts.false_alarm else None
    return desk.was(facts.incident, facts.ended_at, facts.said_at, instead=wrongly)
