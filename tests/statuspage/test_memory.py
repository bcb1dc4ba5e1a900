"""A process shows all pages of a revision or none, and says when it does."""

from __future__ import annotations

import asyncio
import gzip
import sys

import brotli  # type: ignore[import-untyped]
import pytest

from statuspage import memory as memory_module
from statuspage.memory import Memory, Page, Prepared, prepare

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NO_GATES: frozenset[str] = frozenset()


def page(path: str, body: str, language: str | None = None) -> Page:
    return Page(path, "text/html; charset=utf-8", body.encode(), language)


async def show(memory: Memory, revision: int, *pages: Page) -> list[Prepared]:
    return await memory.replace(pages, gates=NO_GATES, shut_gates=NO_GATES, revision=revision)


@pytest.mark.parametrize("body", [b"", b"{}", b"<p>all is well</p>" * 500])
def test_every_coding_is_the_page_and_has_a_tag_of_its_own(body: bytes) -> None:
    prepared = prepare(Page("/", "text/html", body))
    assert gzip.decompress(prepared.codings["gzip"]) == body
    assert brotli.decompress(prepared.codings["br"]) == body
    assert zstd.decompress(prepared.codings["zstd"]) == body
    assert prepared.codings["identity"] == body
    assert len(set(prepared.etags.values())) == 4


def test_the_same_body_has_the_same_tags_after_a_restart() -> None:
    assert prepare(page("/", "x" * 999)).etags == prepare(page("/", "x" * 999)).etags


async def test_a_path_has_its_variants_in_the_order_rendered() -> None:
    memory = Memory()
    await show(memory, 1, page("/", "en", "en"), page("/a", "a"), page("/", "it", "it"))
    assert [one.page.body for one in memory.pages["/"]] == [b"en", b"it"]
    assert list(memory.pages) == ["/", "/a"]


async def test_only_what_changed_is_made_again() -> None:
    memory = Memory()
    assert len(await show(memory, 1, page("/", "one"), page("/a", "a"))) == 2
    kept = memory.pages["/a"][0]
    changed = await show(memory, 2, page("/", "two"), page("/a", "a"))
    assert [one.page.body for one in changed] == [b"two"]
    assert memory.pages["/a"][0] is kept


async def test_a_page_that_is_no_longer_named_is_gone() -> None:
    memory = Memory()
    await show(memory, 1, page("/", "one"), page("/a", "a"))
    await show(memory, 2, page("/", "one"))
    assert list(memory.pages) == ["/"]


async def test_the_later_call_is_shown_last_even_if_the_earlier_has_more_to_do() -> None:
    memory = Memory()
    many = [page(f"/{n}", str(n) * 5000) for n in range(50)]
    await asyncio.gather(show(memory, 1, *many), show(memory, 2, page("/", "later")))
    assert (list(memory.pages), memory.revision) == (["/"], 2)


async def test_visitors_are_answered_while_pages_are_compressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, compressing, release = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def slow(page: Page) -> Prepared:
        loop.call_soon_threadsafe(compressing.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(5)
        return prepare(page)

    memory = Memory()
    await show(memory, 1, page("/", "old"))
    monkeypatch.setattr(memory_module, "prepare", slow)
    replacing = asyncio.create_task(show(memory, 2, page("/", "new")))
    await asyncio.wait_for(compressing.wait(), 5)
    assert (memory.pages["/"][0].page.body, memory.revision) == (b"old", 1)
    release.set()
    await replacing
    assert (memory.pages["/"][0].page.body, memory.revision) == (b"new", 2)


async def test_a_writer_waits_until_its_revision_is_shown() -> None:
    memory = Memory()
    waiting = asyncio.create_task(memory.shows(2, patience=5))
    await show(memory, 1)
    assert not waiting.done()
    await show(memory, 2)
    assert await waiting


async def test_a_writer_does_not_wait_for_ever() -> None:
    assert not await Memory().shows(1, patience=0.01)


async def test_after_a_restored_backup_a_lower_number_is_shown_and_not_mistaken() -> None:
    memory = Memory()
    await show(memory, 57, page("/", "from disk"))
    await show(memory, 12, page("/", "from the backup"))
    assert memory.pages["/"][0].page.body == b"from the backup"
    assert not await memory.shows(13, patience=0.01)


async def test_a_page_at_several_addresses_is_compressed_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def noted(page: Page) -> Prepared:
        made.append(page.path)
        return prepare(page)

    monkeypatch.setattr(memory_module, "prepare", noted)
    memory = Memory()
    await show(memory, 1, page("/", "all is well", "en"), page("/en/", "all is well", "en"))
    assert made == ["/"]
    (plain,), (spoken,) = memory.pages["/"], memory.pages["/en/"]
    assert (plain.page.path, spoken.page.path) == ("/", "/en/")
    assert plain.etags == spoken.etags
    await show(memory, 2, page("/", "it is down", "en"), page("/old", "all is well", "en"))
    assert made == ["/", "/"]


def test_what_is_large_is_whole_in_every_coding_all_the_same() -> None:
    body = b"".join(b"%d is not %d. " % (n * n, n) for n in range(20_000))
    assert len(body) > memory_module.LARGE
    codings = prepare(Page("/history.atom", "application/atom+xml", body)).codings
    assert gzip.decompress(codings["gzip"]) == body
    assert brotli.decompress(codings["br"]) == body
    assert zstd.decompress(codings["zstd"]) == body
