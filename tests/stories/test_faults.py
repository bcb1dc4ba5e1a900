"""What happens to the page and the letters when something of our own is in trouble?"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from statuspage import snapshots
from tests.servers.plain import TRUSTING_NOBODY
from tests.servers.postgresql import PostgreSQL
from tests.stories.configuration import ANNA, PAUL, WHEN_DOWN
from tests.stories.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
HTML = {"Accept": "text/html"}


def test_started_without_its_database_it_shows_what_it_last_knew(
    founded: Callable[..., World], postgresql: PostgreSQL
) -> None:
    world = founded(postgresql.url("postgres"))
    world.configure()
    world.begin()
    office = world.office("read", "incidents")
    world.stop_database()
    world.until_named("Orders database", "Shop")
    world.until(lambda: _is_saved(world))
    world.avviso.die()
    postgresql.stop()

    world.avviso.start()
    assert WHEN_DOWN["en"] in world.page("en")
    assert WHEN_DOWN["it"] in world.page("it")
    assert world.get("/notice/shop", headers=HTML).status_code == 503
    assert world.gate("?deny=403") == 403
    assert world.buy().status_code == 503
    for waits in (world.get("/readyz"), _subscribe(world), office.post("/incidents", {})):
        assert waits.status_code == 503
        assert int(waits.headers["Retry-After"]) >= 1

    postgresql.start()
    world.until(lambda: world.get("/readyz").status_code == 200)
    assert _subscribe(world).status_code == 200
    world.start_database()
    world.until(lambda: not world.open_incidents())


def test_the_database_goes_while_it_runs_and_comes_back(
    founded: Callable[..., World], postgresql: PostgreSQL
) -> None:
    world = founded(postgresql.url("postgres"))
    world.configure()
    world.begin()
    world.subscribe_both()

    postgresql.stop()
    world.until(lambda: world.get("/readyz").status_code == 503)
    assert "Shop" in world.page()
    assert world.gate() == 204
    world.stop_database()
    postgresql.start()

    world.until_named("Orders database", "Shop")
    world.until(lambda: world.letters_to(ANNA) and world.letters_to(PAUL))


def test_a_database_newer_than_the_program_is_left_alone(world: World) -> None:
    world.begin()
    world.avviso.terminate()
    world.store.change("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    refused = world.avviso.command_line("serve", "--port", "0")
    assert refused.returncode == 1
    assert "newer" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_second_serve_on_the_same_sqlite_file_is_refused(world: World) -> None:
    world.begin()
    refused = world.avviso.command_line("serve", "--port", "0")
    assert refused.returncode == 1
    assert "Another avviso serve" in refused.stderr
    assert world.get("/readyz").status_code == 200


def test_while_the_relay_is_away_letters_wait_and_then_go(world: World) -> None:
    world.begin()
    world.subscribe_both()
    world.mailbox.stop()

    world.stop_database()
    world.until(lambda: world.hook.of("opened"))  # a path of its own
    world.until(lambda: world.store.count("deliveries", "state = 'queued' AND reason <> ''") == 2)
    world.mailbox.start()

    world.until(lambda: world.letters_to(ANNA) and world.letters_to(PAUL), within=40)
    world.until(lambda: world.calls)
    assert len(world.mailbox.letters) == len(
        {m.message["Message-ID"] for m in world.mailbox.letters}
    )


def test_on_a_full_disk_the_pages_stand_and_speak(world: World, small_disk: Path) -> None:
    world.configure({"site": {"state_dir": str(small_disk / "state")}})
    world.begin()
    world.until((small_disk / "state" / "manifest.json").exists)
    _fill(small_disk / "filler")

    world.stop_database()
    world.until_named("Orders database", "Shop")
    assert WHEN_DOWN["en"] in world.page()
    world.until(lambda: world.metric("avviso_snapshot_failures_total") >= 1)
    world.until(lambda: world.hook.of("disk_full"))

    (small_disk / "filler").unlink()
    world.start_database()
    world.until(lambda: not world.open_incidents())
    world.avviso.die()
    world.avviso.start()
    assert world.page()
    assert len(world.hook.of("disk_full")) == 1


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def _is_saved(world: World) -> bool:
    """The page that is shown would be shown after a kill: also its manifest lies on the disk."""
    saved = snapshots.load(world.avviso.folder / "state")
    return saved is not None and any(
        page.path == "/" and WHEN_DOWN["en"].encode() in page.body for page in saved.pages
    )


def _subscribe(world: World) -> httpx.Response:
    form = {"address": "new@example.org"}
    return httpx.post(
        f"{world.avviso.dsn}/subscribe",
        data=form,
        timeout=20,
        trust_env=False,
        verify=TRUSTING_NOBODY,
    )
