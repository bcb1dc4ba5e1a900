"""Is what we learned written in a file, shown, asked about and said; and are marks set?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from statuspage.tables import Announcement, CreditCode, Delivery
from statuspage.terminal import postmortems
from tests.statuspage.api.world import World
from tests.statuspage.terminal.conftest import Shell

LEARNED = """
what_happened = "The disk was full."
what_we_did = "We took a larger one."
how_we_prevent_it = "A full disk calls us."
[[actions]]
text = "A second disk."
due = 2026-12-01
[[actions]]
text = "An alarm."
due = 2026-12-09
"""


@pytest.fixture
async def over(world: World, avviso: Shell) -> str:
    """An incident that is over, and of which Bert was told."""
    opened = await avviso("incident", "open", "shop", "It stopped.", "--yes", "--json")
    id = str(json.loads(opened.out)["id"])
    await avviso("incident", "resolve", id, "It works.", "--yes")
    subscriber = await world.subscribe("bert@example.org")
    first = (await world.rows(Announcement))[0]
    at = world.clock.at
    async with world.premises.store.write() as session:
        session.add(
            Delivery(
                announcement_id=first.id,
                subscriber_id=subscriber,
                incident_id=id,
                state="accepted",
                created_at=at,
                due_at=at,
                accepted_at=at,
                ended_at=at,
            )
        )
    return id


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "postmortem.toml"
    path.write_text(LEARNED, encoding="utf-8")
    return path


async def occasions(world: World) -> list[str]:
    return [row.occasion for row in await world.rows(Announcement)]


async def test_it_is_shown_and_asked_about_before_it_is_said(
    world: World, avviso: Shell, over: str, file: Path
) -> None:
    command = ("incident", "postmortem", over, "--file", str(file))
    assert (await avviso(*command)).code == 2, "nobody can be asked"
    said = await avviso(*command, types="n\n")
    assert said.code == 1
    assert "postmortem" not in await occasions(world)
    said = await avviso(*command, types="y\n")
    assert "To 1 customer (en 1)." in said.err
    assert said.code == 0
    assert f"Published: Shop. https://status.acme.example/incidents/{over}\n" in said.out
    assert f"avviso incident withdraw {over} 3" in said.err
    again = await avviso(*command, "--yes", "--json")
    assert json.loads(again.out)["postmortem"]["actions"][1]["due"] == "2026-12-09"
    assert (await occasions(world)).count("postmortem") == 1


async def test_the_form_that_is_printed_can_be_filled_in_and_sent(
    avviso: Shell, over: str, tmp_path: Path
) -> None:
    form = (await avviso("incident", "postmortem", over)).out
    path = tmp_path / "form.toml"
    path.write_text(form, encoding="utf-8")
    empty = await avviso("incident", "postmortem", over, "--file", str(path), "--yes")
    assert (empty.code, empty.err.splitlines()[0]) == (2, "what_happened: Must not be empty")
    filled = form.replace('"""\n\n"""', '"""\nWritten.\n"""').replace(
        "# [[actions]]", "[[actions]]"
    )
    filled = filled.replace('# text = ""\n# due', 'text = "A disk."\ndue')
    path.write_text(filled, encoding="utf-8")
    assert (await avviso("incident", "postmortem", over, "--file", str(path), "--yes")).code == 0


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.toml", "what_happened = ", "x.toml: Invalid value"),
        ("x.json", "{", "x.json: Expecting"),
        ("x.json", "[]", "holds no table"),
        ("gone.toml", None, "cannot be read"),
        ("x.toml", "what = 'x'", "Field required"),
    ],
)
async def test_a_slip_in_the_file_is_named(
    avviso: Shell, over: str, tmp_path: Path, name: str, text: str | None, says: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    said = await avviso("incident", "postmortem", over, "--file", str(path), "--yes")
    assert said.code == 2
    assert says in said.err


async def test_only_the_last_action_asks(
    world: World, avviso: Shell, over: str, file: Path
) -> None:
    await avviso("incident", "postmortem", over, "--file", str(file), "--yes")
    first = await avviso("incident", "action-done", over, "1")
    assert (first.code, first.out) == (0, "Action 1 is done.\n")
    assert (await avviso("incident", "action-done", over, "2")).code == 2
    shown = await avviso("incident", "action-done", over, "2", "--dry-run")
    assert "we promised; it is done" in shown.err
    assert "actions_done" not in await occasions(world)
    assert (await avviso("incident", "action-done", over, "2", types="y\n")).code == 0
    assert "actions_done" in await occasions(world)
    back = await avviso("incident", "action-done", over, "2", "--undo")
    assert back.out == "Action 2 is not done.\n"
    assert (await avviso("incident", "action-done", over, "9")).code == 2


async def test_codes_go_up_in_pieces_and_are_only_counted(
    world: World, avviso: Shell, over: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postmortems, "PIECE", 2)
    path = tmp_path / "codes.txt"
    path.write_text("AAA\n\nBBB\r\nCCC\n", encoding="utf-8")
    said = await avviso("incident", "codes", over, str(path))
    assert said.out == "3 free, 0 given; 1 customers have none.\n"
    assert {row.code for row in await world.rows(CreditCode)} == {"AAA", "BBB", "CCC"}
    assert (await avviso("incident", "codes", over)).out == said.out
    assert (await avviso("incident", "codes", over, "--remove")).out.startswith("0 free")
    path.write_text("\n", encoding="utf-8")
    assert (await avviso("incident", "codes", over, str(path))).code == 2


async def test_the_recipients_are_a_table(avviso: Shell, over: str) -> None:
    said = await avviso("incident", "recipients", over)
    assert said.out.splitlines() == ["address,language,source,code", "bert@example.org,en,,"]
