"""In what dress does the company want to be seen?

Its logo, its colour by day and by night, its own links; from the configuration, which has
seen to it that all of it can be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.settings.colours import BY_DAY, BY_NIGHT, shade
from statuspage.settings.logo import Logo
from statuspage.settings.sections import Site


@dataclass(frozen=True, slots=True)
class LinkView:
    """A page of the company's; ``texts``: language and what it is called in it."""

    texts: tuple[tuple[str, str], ...]
    url: str
    at_top: bool = False


@dataclass(frozen=True, slots=True)
class Dress:
    """``accent``: by day and by night, as ``#rrggbb``; None: ink. ``logo_dark`` stands in for
    the logo where dark is preferred.
    """

    logo: Logo | None = None
    logo_dark: Logo | None = None
    accent: tuple[str, str] | None = None
    links: tuple[LinkView, ...] = ()


PLAIN = Dress()


def dress(site: Site) -> Dress:
    """Of two colours one may be silent: then it is a shade of the other that can be read."""
    told = site.accent or site.accent_dark
    return Dress(
        logo=site.logo,
        logo_dark=site.logo_dark if site.logo else None,
        accent=_shades(site.accent or told, site.accent_dark or told) if told else None,
        links=tuple(
            LinkView(tuple(link.text.items()), link.url, link.header) for link in site.links
        ),
    )


def _shades(by_day: str, by_night: str) -> tuple[str, str]:
    return shade(by_day, BY_DAY), shade(by_night, BY_NIGHT)
