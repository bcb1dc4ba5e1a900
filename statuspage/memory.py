"""Which bytes does this process show for a path?

``publish`` fills it, ``visitors`` reads it: a page view touches no database and no
template. Every representation is compressed once, when it comes in. Readers never
wait and see either all of a revision's pages or none of them; a writer who must be
sure that its change is visible awaits ``shows(revision)``.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass(frozen=True, slots=True)
class Page:
    """One representation of one path, as rendered.

    ``language`` and ``media_type`` are what visitors choose by; ``retry_until`` is when
    customers were promised to hear next (a notice's Retry-After); ``max_age`` in
    seconds, None for ``no-store``.
    """

    path: str
    media_type: str
    body: bytes
    language: str | None = None
    status: int = 200
    max_age: int | None = 5
    retry_until: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page with each content coding made once, and the strong ETag of each (RFC 9110
    8.8.3: codings are different representations, so their tags differ).
    """

    page: Page
    codings: Mapping[str, bytes]
    etags: Mapping[str, str]


LARGE = 128 * 1024
"""Feeds and lists of years, which programs fetch: squeezed as hard as a page they would take
longer than all else together, whenever a word is said, and be an eighth smaller.
"""


def prepare(page: Page) -> Prepared:
    """Make every coding, also those that turn out longer: a client may refuse ``identity``."""
    by_gzip, by_brotli, by_zstd = (6, 5, 9) if len(page.body) < LARGE else (1, 2, 3)
    codings = {
        "identity": page.body,
        "gzip": gzip.compress(page.body, by_gzip, mtime=0),
        "br": brotli.compress(page.body, quality=by_brotli),
        "zstd": zstd.compress(page.body, by_zstd),
    }
    digest = hashlib.sha256(page.body).hexdigest()[:20]
    return Prepared(page, codings, {coding: f'"{digest}-{coding}"' for coding in codings})


@dataclass(slots=True)
class Memory:
    """The pages of one process, by path; the variants of a path in the order rendered."""

    pages: Paths = field(default_factory=dict)
    shut_gates: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    """Public components: every other gate is unknown."""
    revision: int = 0
    _shown: asyncio.Condition = field(default_factory=asyncio.Condition)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def replace(
        self,
        pages: Iterable[Page],
        *,
        gates: frozenset[str],
        shut_gates: frozenset[str],
        revision: int,
    ) -> list[Prepared]:
        """Show these pages and no others; answers those that are not as they were.

        The revision is that of the last call, also when it is a smaller one: after a
        restored backup the numbers begin further down, and pages of then are right.
        """
        async with self._turn:  # what is asked for later is shown later
            # in a thread: compressing a hundred pages must not make visitors or probes wait
            fresh, changed = await asyncio.to_thread(_prepare_all, self.pages, tuple(pages))
            async with self._shown:
                self.pages, self.gates, self.shut_gates = fresh, gates, shut_gates
                self.revision = revision
                self._shown.notify_all()
            return changed

    async def shows(self, revision: int, patience: float = 1.0) -> bool:
        """Wait until this process shows a revision; False when patience (s) ran out."""
        try:
            async with asyncio.timeout(patience), self._shown:
                await self._shown.wait_for(lambda: self.revision >= revision)
        except TimeoutError:
            return False
        return True


Paths = dict[str, tuple[Prepared, ...]]


def _prepare_all(shown: Paths, pages: tuple[Page, ...]) -> tuple[Paths, list[Prepared]]:
    """Those that are ``shown`` already stay as they are; the others are prepared, equal bodies
    once: a page stands under several addresses.
    """
    known = {_identity(one.page): one for variants in shown.values() for one in variants}
    same = {one.page.body: one for one in known.values()}
    changed = []
    for page in pages:
        if not _stands(known, page):
            twin = same.get(page.body)
            made = Prepared(page, twin.codings, twin.etags) if twin else prepare(page)
            same[page.body] = known[_identity(page)] = made
            changed.append(made)
    return _by_path(known[_identity(page)] for page in pages), changed


Identity = tuple[str, str | None, str]


def _identity(page: Page) -> Identity:
    return page.path, page.language, page.media_type


def _stands(known: Mapping[Identity, Prepared], page: Page) -> bool:
    prepared = known.get(_identity(page))
    return prepared is not None and (prepared.page is page or prepared.page == page)


def _by_path(prepared_pages: Iterable[Prepared]) -> Paths:
    paths: Paths = {}
    for prepared in prepared_pages:
        path = prepared.page.path
        paths[path] = (*paths.get(path, ()), prepared)
    return paths
