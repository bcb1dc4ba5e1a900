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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import brotli

try:  # CPython 3.14 has it built in
    from compression import zstd
except ImportError:
    from backports import zstd

SMALLEST_WORTH_COMPRESSING = 200


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
    8.8.3: codings are different representations, so their tags differ)."""

    page: Page
    codings: Mapping[str, bytes]
    etags: Mapping[str, str]


def prepare(page: Page) -> Prepared:
    codings = {"identity": page.body}
    if len(page.body) >= SMALLEST_WORTH_COMPRESSING:
        codings["gzip"] = gzip.compress(page.body, 6, mtime=0)
        codings["br"] = brotli.compress(page.body, quality=5)
        codings["zstd"] = zstd.compress(page.body, 9)
    digest = hashlib.sha256(page.body).hexdigest()[:20]
    return Prepared(page, codings, {coding: f'"{digest}-{coding}"' for coding in codings})


@dataclass(slots=True)
class Memory:
    """The pages of one process, by path; the variants of a path in the order rendered."""

    pages: dict[str, tuple[Prepared, ...]] = field(default_factory=dict)
    shut_gates: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    """Public components: every other gate is unknown."""
    revision: int = 0
    _shown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def replace(
        self,
        pages: Iterable[Page],
        *,
        gates: frozenset[str],
        shut_gates: frozenset[str],
        revision: int,
    ) -> list[Prepared]:
        """Show these pages and no others; answers those that are not as they were."""
        fresh: dict[str, tuple[Prepared, ...]] = {}
        changed: list[Prepared] = []
        known = {
            _identity(prepared.page): prepared
            for variants in self.pages.values()
            for prepared in variants
        }
        for page in pages:
            prepared = known.get(_identity(page))
            if prepared is None or prepared.page != page:
                prepared = prepare(page)
                changed.append(prepared)
            fresh[page.path] = (*fresh.get(page.path, ()), prepared)
        await self._swap(fresh, gates, shut_gates, revision)
        return changed

    async def _swap(
        self,
        fresh: dict[str, tuple[Prepared, ...]],
        gates: frozenset[str],
        shut_gates: frozenset[str],
        revision: int,
    ) -> None:
        async with self._shown:
            self.pages, self.gates, self.shut_gates = fresh, gates, shut_gates
            self.revision = max(revision, self.revision)
            self._shown.notify_all()

    async def shows(self, revision: int, patience: float = 1.0) -> bool:
        """Wait until this process shows a revision; False when patience (s) ran out."""
        try:
            async with asyncio.timeout(patience), self._shown:
                await self._shown.wait_for(lambda: self.revision >= revision)
        except TimeoutError:
            return False
        return True


def _identity(page: Page) -> tuple[str, str | None, str]:
    return page.path, page.language, page.media_type
