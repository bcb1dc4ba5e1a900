"""What does it look like, how fast a component answered?

A picture with two lines: half of the answers came within the solid one, 95 % within the dashed
one. They are told apart by their dashes, and everything has the colour of the text around it, so
that it is right by day, by night and on paper. No style attribute: the policy forbids them. Where
nothing was measured there is no line. Who does not see it hears the figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from markupsafe import Markup

from notifications.language import Language
from statuspage.rules.response_times import Period, Point

WIDTH, HEIGHT = 340, 150
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 10, 22
"""Around the lines: room for what is written on the axes."""
_TICKS = {"day": (timedelta(hours=6), "Hm"), "week": (timedelta(days=2), "MMMd"),
          "quarter": (timedelta(days=30), "MMMd")}  # fmt: skip


def picture(period: Period, language: Language, zone: str) -> Markup:
    """An ``svg`` element; ``zone``: the site's time zone."""
    top = _round_up(max((point.p95_ms for point in period.points), default=1.0))
    drawn = Markup("").join(
        (*_levels(top, language), *_times(period, language, zone), *_lines(period, top))
    )
    return _SVG.format(
        width=WIDTH,
        height=HEIGHT,
        id=f"speed-{period.name}",
        lang=language.code,
        title=language.text(f"page.speed.{period.name}"),
        desc=told(period, language),
        drawn=drawn,
    )


_SVG = Markup(
    '<svg class="speed" viewBox="0 0 {width} {height}" role="img" lang="{lang}"'
    ' aria-labelledby="{id} {id}-told" fill="currentColor" font-size="14">'
    '<title id="{id}">{title}</title><desc id="{id}-told">{desc}</desc>{drawn}</svg>'
)


def told(period: Period, language: Language) -> str:
    """The picture in a sentence."""
    if period.whole is None:
        return language.text("page.speed.nothing")
    half, most = (spelled(ms, language) for ms in (period.whole.p50_ms, period.whole.p95_ms))
    return language.text("page.speed.told", half=half, most=most)


def spelled(ms: float, language: Language) -> str:
    """``120 ms``, ``1.4 s``: two digits, since more would be noise."""
    digits = 1 - math.floor(math.log10(ms)) if ms > 0 else 0
    rounded = round(ms, digits)
    if rounded >= 1000:
        return f"{language.number(rounded / 1000)} s"
    return f"{language.number(rounded)} ms"


def _round_up(ms: float) -> float:
    """The next of 1, 2, 4, 6, 8 and 10 times a power of ten: its half is a plain number too."""
    power = float(10 ** math.floor(math.log10(max(ms, 1.0))))
    return next(each * power for each in (1, 2, 4, 6, 8, 10) if each * power >= ms)


def _levels(top: float, language: Language) -> Iterator[Markup]:
    for ms in (0.0, top / 2, top):
        y = _y(ms, top)
        yield Markup(
            '<path d="M{} {:.1f}H{}" stroke="currentColor" stroke-opacity=".2"/>'
            '<text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        ).format(LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, spelled(ms, language))


def _times(period: Period, language: Language, zone: str) -> Iterator[Markup]:
    every, written = _TICKS[period.name]
    at = _first_tick(period.since, zone, every)
    while at < period.until:
        x = _x(at, period)
        if LEFT + 12 < x < WIDTH - 20:
            said = format_skeleton(written, at, ZoneInfo(zone), locale=language.locale)
            yield Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                x, HEIGHT - 4, said
            )
        at += every


def _first_tick(since: datetime, zone: str, every: timedelta) -> datetime:
    """Where the wall clock of the site has a full quarter of the day, or a midnight."""
    midnight = since.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    pace = min(every, timedelta(days=1))
    at = midnight
    while at < since:
        at += pace
    return at


def _lines(period: Period, top: float) -> Iterator[Markup]:
    for dashes, heights in (
        ("", [[(p, p.p50_ms) for p in run] for run in period.runs]),
        (' stroke-dasharray="4 3"', [[(p, p.p95_ms) for p in run] for run in period.runs]),
    ):
        path = "".join(_path(run, period, top) for run in heights)
        if path:
            yield Markup(
                '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.6"'
                ' stroke-linejoin="round" stroke-linecap="round"'
            ).format(path) + Markup(dashes + "/>")  # noqa: S704 - our own


def _path(run: list[tuple[Point, float]], period: Period, top: float) -> str:
    """A point that stands alone is a stroke as long as its step."""
    places = [(_x(p.begins_at + period.step / 2, period), _y(ms, top)) for p, ms in run]
    (x, y), *more = places
    if not more:
        half = (_x(period.since + period.step, period) - LEFT) / 2
        return f"M{x - half:.1f} {y:.1f}h{max(2 * half, 1):.1f}"
    return f"M{x:.1f} {y:.1f}L" + " ".join(f"{x:.1f} {y:.1f}" for x, y in more)


def _x(at: datetime, period: Period) -> float:
    share = (at - period.since) / (period.until - period.since)
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def _y(ms: float, top: float) -> float:
    return HEIGHT - BOTTOM - ms / top * (HEIGHT - TOP - BOTTOM)
