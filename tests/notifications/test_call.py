"""Does a call tell the people who must mend it all they need, and do its commands work?"""

import json
import os
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from notifications.alarms import (
    Again,
    Alarm,
    CameBack,
    CanaryBack,
    CanaryLost,
    Cause,
    CodesMissing,
    ConnectedAgain,
    CutOff,
    DiskFull,
    HeldBack,
    LettersWaiting,
    MailStuck,
    Opened,
    OtherRelay,
    PagesFresh,
    PagesStale,
    PostmortemDue,
    PromiseDue,
    ReaderWanted,
    Recovered,
    StillOpen,
    Trouble,
    freeze_alarm,
    thaw_alarm,
)
from notifications.call import write
from tests.notifications.examples import SITE, START, after

TROUBLE = Trouble(
    id="k3j2h1g4f5d6",
    url="https://status.acme.example/incidents/k3j2h1g4f5d6",
    started_at=START,
    impact="critical",
    causes=(
        Cause(
            component="Orders database",
            since=START,
            says=("connection to db.acme.example:5432 refused",),
        ),
    ),
    affected=("Shop", "Payments"),
    letters_at=after(5),
)
ALARMS: tuple[Alarm, ...] = (
    Opened(incident=TROUBLE, at=after(1)),
    Again(incident=TROUBLE, at=after(11), times=2),
    Recovered(incident=TROUBLE, at=after(21), yours_to_close=True),
    Recovered(incident=TROUBLE, at=after(21), yours_to_close=False),
    StillOpen(incident=TROUBLE, well_since=after(21), at=after(36), closes_at=after(141)),
    CutOff(at=START, references=("tcp://192.0.2.1:53",), failing=12),
    ConnectedAgain(since=START, at=after(3)),
    MailStuck(since=START, at=after(2), waiting=40, reason="connection refused"),
    HeldBack(customers=1200, per_hour=4, per_day=10, until=after(60), at=after(50)),
    OtherRelay(at=START, stood_in=True, reason="connection refused"),
    OtherRelay(at=after(9), stood_in=False, reason=""),
    DiskFull(where="/srv/avviso/state", at=START),
    PagesStale(reason="KeyError: 'page.calm.title'", at=START),
    PagesFresh(since=START, at=after(9)),
    LettersWaiting(incidents=(TROUBLE, replace(TROUBLE, id="second000000")), at=after(1)),
    ReaderWanted(
        incident=TROUBLE, letter="a1b2c3", author="ada", leaves_at=after(70), at=after(60)
    ),
    PromiseDue(incident=TROUBLE, due_at=after(60), at=after(50)),
    PromiseDue(incident=TROUBLE, due_at=after(60), at=after(61)),
    PostmortemDue(incident=TROUBLE, due_at=after(60), at=after(50)),
    PostmortemDue(incident=TROUBLE, due_at=after(60), at=after(60)),
    CodesMissing(incident=TROUBLE, missing=7, at=after(60)),
    CameBack(letters=1000, returned=63, reason="550 5.1.1 unknown", at=after(9), incident=TROUBLE),
    CanaryLost(sent_at=START, at=after(2)),
    CanaryLost(sent_at=START, at=after(2), accepted_at=after(0), reason="it hangs"),
    CanaryBack(since=after(2), at=after(61), took_s=4.2),
    CameBack(letters=20, returned=2, reason="550 5.1.1 unknown", at=after(9)),
)


def test_there_is_an_example_of_every_alarm() -> None:
    assert {type(alarm) for alarm in ALARMS} == set(get_args(Alarm))


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.occasion)
def test_every_alarm_survives_json_and_becomes_a_call(alarm: Alarm) -> None:
    assert thaw_alarm(json.loads(json.dumps(freeze_alarm(alarm)))) == alarm
    call = write(alarm, SITE)
    assert call.subject.startswith("Acme: ")
    assert "\n" not in call.subject
    assert call.body["type"] == f"operators.{alarm.occasion}"
    assert call.body["timestamp"].endswith("Z")
    assert call.text in json.loads(json.dumps(call.body))["text"]


def test_an_opened_incident_in_full() -> None:
    call = write(ALARMS[0], SITE)
    assert call.subject == "Acme: Orders database is down"
    assert call.text == (
        "Orders database is down since 14:02 CET (13:02 UTC).\n"
        "  connection to db.acme.example:5432 refused\n"
        "Affected: Shop and Payments.\n"
        "Letters to customers leave at 14:07 CET (13:07 UTC), unless you stop them.\n"
        "https://status.acme.example/incidents/k3j2h1g4f5d6\n"
        "\n"
        "To say that you are on it:\n"
        "avviso incident acknowledge k3j2h1g4f5d6\n"
        'curl -X POST -H "Authorization: Bearer $AVVISO_TOKEN" '
        "https://status.acme.example/api/v1/incidents/k3j2h1g4f5d6/acknowledge\n"
        "\n"
        "To stop the letters to customers:\n"
        "avviso letters stop k3j2h1g4f5d6\n"
        'curl -X POST -H "Authorization: Bearer $AVVISO_TOKEN" '
        "https://status.acme.example/api/v1/incidents/k3j2h1g4f5d6/letters/stop\n"
        "\n"
        "To declare a false alarm:\n"
        "avviso incident resolve k3j2h1g4f5d6 "
        "'Our checks were wrong: nothing was down.' --false-alarm\n"
        'curl -X POST -H "Authorization: Bearer $AVVISO_TOKEN" '
        "-H 'Content-Type: application/json' "
        '-d \'{"status": "resolved", "false_alarm": true, '
        '"what_happened": "Our checks were wrong: nothing was down.", '
        '"what_we_are_doing": "We are correcting the checks."}\' '
        "https://status.acme.example/api/v1/incidents/k3j2h1g4f5d6/updates\n"
    )


def test_letters_that_came_back_in_full() -> None:
    about_one, about_none = (one for one in ALARMS if one.occasion == "came_back")
    call = write(about_one, SITE)
    assert call.subject == "Acme: Orders database: 6 % of the letters came back"
    assert call.text == (
        "63 of 1000 letters came back, most often with the words:\n"
        "  550 5.1.1 unknown\n"
        "An address from which three in a row come back gets no more.\n"
        "https://status.acme.example/incidents/k3j2h1g4f5d6\n"
    )
    assert write(about_none, SITE).subject == "Acme: 10 % of the letters came back"


def test_a_letter_that_waits_for_a_reader_in_full() -> None:
    call = write(next(one for one in ALARMS if one.occasion == "reader_wanted"), SITE)
    assert call.subject == "Acme: Orders database: please read a letter"
    assert call.text.startswith(
        "ada has written to customers, and the letter waits for another reader.\n"
        "It leaves at 15:12 CET (14:12 UTC), read or not.\n"
    )
    assert "To let it go:\navviso letters approve a1b2c3\n" in call.text
    assert "To read it:\navviso letters show a1b2c3\n" in call.text


def test_times_in_utc_are_told_once() -> None:
    text = write(ALARMS[0], replace(SITE, time_zone="UTC")).text
    assert "since 13:02 UTC.\n" in text


def test_no_promise_of_letters_where_none_leave() -> None:
    silent = Opened(incident=replace(TROUBLE, letters_at=None), at=after(1))
    assert "No letter to customers leaves by itself." in write(silent, SITE).text


def test_again_says_how_often_and_repeats_the_commands() -> None:
    call = write(ALARMS[1], SITE)
    assert call.subject == "Acme: not acknowledged: Orders database is down"
    assert "We called 2 times in 11 minutes." in call.text
    assert "avviso incident acknowledge" in call.text


def test_a_late_word_is_called_late() -> None:
    due, late = (write(one, SITE) for one in ALARMS if isinstance(one, PromiseDue))
    assert due.subject.endswith("a word is due")
    assert late.subject.endswith("a word is late")


def test_a_postmortem_is_owed_until_it_is_late() -> None:
    owed, late = (write(one, SITE) for one in ALARMS if isinstance(one, PostmortemDue))
    assert owed.subject.endswith("the postmortem is owed")
    assert late.subject.endswith("the postmortem is late")
    assert "The page says that we are late with it." in late.text
    assert "\navviso incident postmortem k3j2h1g4f5d6 --file postmortem.toml\n" in owed.text


def test_hostile_names_stay_on_their_line() -> None:
    cause = Cause(component="Shop\r\nBcc: eve@example.org", since=START, says=("a\nb",))
    call = write(Opened(incident=replace(TROUBLE, causes=(cause,)), at=after(1)), SITE)
    assert "\n" not in call.subject
    assert "\r" not in call.text


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.occasion)
@pytest.mark.parametrize("url", ["https://status.acme.example", "https://a.example/x y';id;'"])
def test_every_command_is_read_by_a_shell_as_it_was_meant(
    alarm: Alarm, url: str, tmp_path: Path
) -> None:
    """A real shell runs each line; stand-ins for both programs write what they were given."""
    told = tmp_path / "told"
    for name in ("avviso", "curl"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> {told}\n', encoding="utf-8")
        program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "AVVISO_TOKEN": "t0ken with space"}
    call = write(alarm, replace(SITE, url=url))
    for command in call.body["data"]["commands"]:
        for line in (command["avviso"], command["curl"]):
            assert f"\n{line}\n" in call.text
            told.unlink(missing_ok=True)
            ran = subprocess.run(
                ["/bin/sh", "-c", line], env=environment, capture_output=True, check=True, text=True
            )
            assert ran.stderr == ran.stdout == ""
            _reads_as_meant(told.read_text(encoding="utf-8").splitlines(), url)


def _reads_as_meant(told: list[str], url: str) -> None:
    if told[0].endswith("/avviso"):
        assert told[1] in ("incident", "letters")
        return
    looks = told[-1] == f"{url}/api/v1/letters/a1b2c3"
    puts = told[-1].endswith("/postmortem")
    assert told[1:3] == ["-X", "GET" if looks else "PUT" if puts else "POST"]
    assert told[3:5] == ["-H", "Authorization: Bearer t0ken with space"]
    own = (f"{url}/api/v1/incidents/k3j2h1g4f5d6/", f"{url}/api/v1/letters/a1b2c3")
    assert told[-1].startswith(own)
    if "-d" in told:
        body = json.loads(told[told.index("-d") + 1])
        words = {"status", "what_happened", "what_we_are_doing"}
        assert ({"codes"} if told[-1].endswith("/codes") else words) <= set(body)


def test_a_length_is_told_in_words() -> None:
    gone = ConnectedAgain(since=START, at=START + timedelta(hours=1, minutes=5))
    assert "We were cut off for 1 hour and 5 minutes." in write(gone, SITE).text
