"""Does a relay that offers encryption and breaks it get anything in clear, or cost a letter?"""

from __future__ import annotations

import asyncio
import sys

import pytest

from statuspage.database import Store
from tests.notifications.dialogue import PIPELINES, Dialogue
from tests.servers.https import certified
from tests.statuspage.jobs.town import MINUTE, Town, town_settings

CROWD = 20
OFFERS = PIPELINES.replace(b"250 ", b"250-") + b"\r\n250 STARTTLS"
NOISE = bytes(range(256)) * 16


class Breaking(Dialogue):
    """Says "go on" to STARTTLS; what comes then is ``how``."""

    def __init__(self, how: str) -> None:
        super().__init__({"EHLO": OFFERS})
        self.how = how

    async def _answer(self, station: str, writer: asyncio.StreamWriter) -> bool:
        going = await super()._answer(station, writer)
        if station != "STARTTLS" or not going:
            return going
        if self.how == "noise":
            writer.write(NOISE)
        if self.how == "certificate":
            await writer.start_tls(certified("elsewhere.example"))
        return self.how == "certificate"


@pytest.mark.parametrize(
    ("mode", "how"),
    [
        *(("always", how) for how in ("drop", "noise", "certificate")),
        *(("auto", how) for how in ("drop", "noise")),
    ],
)
async def test_letters_wait_and_nothing_goes_in_clear(store_url: str, mode: str, how: str) -> None:
    async with Breaking(how) as relay:
        settings = town_settings(f"smtp://127.0.0.1:{relay.port}?starttls={mode}")
        town = await Town(Store(store_url), settings).build()
        await town.crowd(CROWD)
        await town.incident()
        await town.tell("A disk is full.")
        await town.spread()
        for _ in range(3):
            await town.deliver()
            town.at += MINUTE
        waiting = await town.deliveries()
        await town.close()
    assert [one.state for one in waiting] == ["queued"] * CROWD
    assert sum(one.attempts for one in waiting) == 0, "no letter is to blame"
    assert {line.split(" ")[0] for line in relay.lines} <= {"EHLO", "STARTTLS", "QUIT"}
    assert not relay.letters
    sys.stdout.write(
        f"{how}, {mode}: {CROWD} letters wait, {relay.connections} connections, "
        f"{relay.lines.count('STARTTLS')} STARTTLS, nothing in clear\n"
    )
