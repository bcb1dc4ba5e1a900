"""No customer ever gets more letters than promised, and none of the words is lost."""

from __future__ import annotations

from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, Town

ANNA = "anna@example.org"


async def test_what_exceeds_the_hour_comes_as_one_letter(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    for n in range(1, 7):
        await town.incident(f"inc{n}")
        await town.tell(f"Word {n}.", f"inc{n}")
        await town.mail()
        town.at += MINUTE
    assert len(smtp.to(ANNA)) == 4
    waiting = [one for one in await town.deliveries() if one.state == "queued"]
    # the first of the four was accepted within the first minute
    assert all(HOUR - 6 * MINUTE <= one.due_at - town.at <= HOUR - 5 * MINUTE for one in waiting)
    town.at = max(one.due_at for one in waiting)
    await town.deliver()
    assert len(smtp.to(ANNA)) == 5
    merged = smtp.to(ANNA)[-1].text
    assert "Word 5." in merged
    assert "Word 6." in merged
    assert sorted(await town.states()) == ["accepted"] * 5 + ["merged"]


async def test_the_last_word_is_never_dropped(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    await town.incident()
    for n in range(1, 5):
        await town.tell(f"Word {n}.")
        await town.mail()
        town.at += MINUTE
    await town.tell("Fifth.")
    await town.mail()
    town.at += MINUTE
    await town.tell("It works again.", over=True)
    await town.mail()
    assert len(smtp.to(ANNA)) == 4
    town.at += HOUR
    await town.deliver()
    assert len(smtp.to(ANNA)) == 5
    last = smtp.to(ANNA)[-1].text
    assert "It works again." in last
    assert "Fifth." in last


async def test_ten_a_day(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    for n in range(1, 13):
        await town.incident(f"inc{n}")
        await town.tell(f"Word {n}.", f"inc{n}")
        await town.mail()
        town.at += HOUR
    assert len(smtp.to(ANNA)) == 10
    town.at += 12 * HOUR + MINUTE
    await town.deliver()
    assert len(smtp.to(ANNA)) == 11
    assert "Word 11." in smtp.to(ANNA)[-1].text
    assert "Word 12." in smtp.to(ANNA)[-1].text


async def test_letters_to_confirm_do_not_count(town: Town, smtp: Relay) -> None:
    """One to confirm, and in the same hour as many words as an hour may have."""
    await town.ask(ANNA)
    await town.deliver()
    await town.add(ANNA)
    for n in range(1, 5):
        await town.incident(f"inc{n}")
        await town.tell(f"Word {n}.", f"inc{n}")
        await town.mail()
        town.at += MINUTE
    assert len(smtp.to(ANNA)) == 5


async def test_words_overtaken_while_the_relay_was_away_come_as_one(
    town: Town, smtp: Relay
) -> None:
    await town.add(ANNA)
    await town.incident()
    smtp.stop()
    for text in ("First.", "Second."):
        await town.tell(text)
        await town.mail()
        town.at += MINUTE
    await town.tell("It works again.", over=True)
    await town.mail()
    smtp.start()
    town.at += MINUTE
    await town.deliver()
    assert len(smtp.letters) == 1
    text = smtp.letters[0].text
    assert text.index("It works again.") < text.index("First.")
    assert sorted(await town.states()) == ["accepted", "merged", "merged"]


async def test_yesterdays_word_never_follows_it_is_over(town: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "450 4.2.1 greylisted", times=1)
    await town.add(ANNA)
    await town.incident()
    await town.tell("We are looking into it.")
    await town.mail()
    await town.tell("It works again.", over=True, created_at=town.at + MINUTE)
    await town.mail()
    town.at += HOUR
    await town.deliver()
    assert len(smtp.letters) == 1
    assert "It works again." in smtp.letters[0].text


async def test_a_merged_letter_that_fails_takes_its_words_along(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    await town.incident()
    await town.tell("First.")
    await town.spread()
    await town.tell("Second.", created_at=town.at + MINUTE)
    smtp.reply("RCPT", "450 4.2.1 later", times=1)
    await town.mail()
    assert await town.states() == ["queued", "queued"]
    town.at += MINUTE
    await town.deliver()
    assert len(smtp.letters) == 1
    assert await town.states() == ["merged", "accepted"]
