"""Which words does the configuration use, which therefore are no spelling mistakes?

Names of the site and of its components, and the sentences about them, in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from statuspage.settings.components import Component
from statuspage.settings.sections import Letters, Mail, Site

_WORD = re.compile(r"[^\W\d_]+")


def own_words(
    site: Site, mail: Mail, letters: Letters, components: Iterable[Component]
) -> frozenset[str]:
    texts = [*_of_site(site), mail.sender, mail.reply_to, *letters.known_words]
    for component in components:
        texts.extend(_of_component(component))
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text or ""))


def _of_site(site: Site) -> Iterator[str | None]:
    yield from (site.name, site.url, site.controller, site.contact.email, site.contact.hours)


def _of_component(component: Component) -> Iterator[str | None]:
    yield from (component.id, component.name, component.group, component.tier, *component.hosts)
    yield from component.when_down.values()
    yield from component.still_works.values()
