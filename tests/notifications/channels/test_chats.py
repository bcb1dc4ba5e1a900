"""Does each chat get its own message, in which nobody's words do anything?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from notifications import channels
from notifications.card import Card
from notifications.channel import Accepted, Outcome, Parcel, Refused, Unreachable, Wiring
from notifications.chat import Chat
from notifications.strangers import NotPublic
from tests.notifications.parcels import PARCEL
from tests.servers.https import Host, https

URLS = {
    "slack": "https://hooks.slack.com/services/T0AAA/B0BBB/s3cretXYZ",
    "discord": "https://discord.com/api/webhooks/123456/s3cret_-XYZ",
    "mattermost": "https://chat.example.org/hooks/s3cretxxxxxxxxxxxxxxxxxxxx",
    "teams": "https://acme.webhook.office.com/webhookb2/s3cret@acme/IncomingWebhook/x/y",
    "telegram": "https://api.telegram.org/bot123:s3cretAAAAAAAAAAAAAAAAAAAAAAAA/sendMessage?chat_id=-100123",
}
HOSTS = [url.split("/")[2] for url in URLS.values()]
PAGE = "https://status.acme.example/incidents/abc123def456"
CARD = Card(
    mood="down",
    title="Shop: we have found the cause",
    state="Not available since 14:02",
    intro="You cannot place orders at the moment.",
    parts=(("What happened", "A disk is full."), ("What we are doing", "We add another.")),
    next_word="You hear from us again by 15:30.",
    label="See how it goes",
    url=PAGE,
)
HOSTILE = (
    "<!channel> <!here> @channel @everyone @here <@U123> &amp; <https://evil.example|click> "
    "[click](https://evil.example/a) **bold** _it_ ~s~ `code` # head > quote <b>x</b> |||"
)


def told(kind: str, *cards: Card) -> Parcel:
    return replace(PARCEL, recipient=URLS[kind], cards=cards or (CARD,))


async def sent(host: Host, kind: str, *cards: Card) -> Outcome:
    async with channels.kinds()[kind].wired(Wiring(reach=host.reach, timeout_s=3)) as channel:
        return await channel.send(told(kind, *cards))


async def shown(kind: str, *cards: Card) -> Any:
    async with https(*HOSTS) as host:
        assert await sent(host, kind, *cards) == Accepted("HTTP 200")
    return host.requests[0].json


def test_every_chat_is_tested_here() -> None:
    chats = {name for name, kind in channels.kinds().items() if kind.told_in == "cards"}
    assert chats == set(URLS)


async def test_slack_shows_blocks_in_a_colour() -> None:
    def plain(text: str) -> dict[str, Any]:
        return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}

    def marked(text: str) -> dict[str, Any]:
        return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}

    assert await shown("slack") == {
        "text": "Shop: we have found the cause",
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "attachments": [
            {
                "color": "#b3261e",
                "fallback": "Shop: we have found the cause",
                "blocks": [
                    plain("Not available since 14:02"),
                    plain("You cannot place orders at the moment."),
                    marked("*What happened*"),
                    plain("A disk is full."),
                    marked("*What we are doing*"),
                    plain("We add another."),
                    plain("You hear from us again by 15:30."),
                    marked(f"<{PAGE}|See how it goes>"),
                ],
            }
        ],
    }


async def test_discord_shows_an_embed_and_calls_nobody() -> None:
    assert await shown("discord") == {
        "embeds": [
            {
                "title": r"Shop\: we have found the cause",
                "description": "**Not available since 14\\:02**\n\n"
                "You cannot place orders at the moment.\n\n"
                "**What happened**\nA disk is full.\n\n"
                "**What we are doing**\nWe add another.\n\n"
                "You hear from us again by 15\\:30.",
                "color": 0xB3261E,
                "url": PAGE,
            }
        ],
        "allowed_mentions": {"parse": []},
    }


async def test_mattermost_shows_an_attachment() -> None:
    assert await shown("mattermost") == {
        "attachments": [
            {
                "fallback": "Shop: we have found the cause",
                "color": "#b3261e",
                "title": "Shop: we have found the cause",
                "title_link": PAGE,
                "text": "**Not available since 14:02**\n\n"
                "You cannot place orders at the moment\\.\n\n"
                "**What happened**\nA disk is full\\.\n\n"
                "**What we are doing**\nWe add another\\.\n\n"
                "You hear from us again by 15:30\\.",
            }
        ]
    }


async def test_teams_shows_an_adaptive_card() -> None:
    def line(text: str, **dress: Any) -> dict[str, Any]:
        run = {"type": "TextRun", "text": text, **dress}
        return {"type": "RichTextBlock", "inlines": [run]}

    assert await shown("teams") == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [
                        line("Shop: we have found the cause", size="Large", weight="Bolder"),
                        line("Not available since 14:02", weight="Bolder", color="Attention"),
                        line("You cannot place orders at the moment."),
                        line("What happened", weight="Bolder", isSubtle=True),
                        line("A disk is full."),
                        line("What we are doing", weight="Bolder", isSubtle=True),
                        line("We add another."),
                        line("You hear from us again by 15:30.", weight="Bolder"),
                    ],
                    "actions": [
                        {"type": "Action.OpenUrl", "title": "See how it goes", "url": PAGE}
                    ],
                },
            }
        ],
    }


async def test_telegram_shows_a_message_in_the_chat_that_the_address_names() -> None:
    async with https(*HOSTS) as host:
        await sent(host, "telegram")
    asked = host.requests[0]
    assert asked.path == "/bot123:s3cretAAAAAAAAAAAAAAAAAAAAAAAA/sendMessage"
    assert asked.json == {
        "chat_id": "-100123",
        "text": "🔴 <b>Shop: we have found the cause</b>\n\n"
        "<i>Not available since 14:02</i>\n\n"
        "You cannot place orders at the moment.\n\n"
        "<b>What happened</b>\nA disk is full.\n\n"
        "<b>What we are doing</b>\nWe add another.\n\n"
        "You hear from us again by 15:30.\n\n"
        f'<a href="{PAGE}">See how it goes</a>',
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


EVIL = Card("part", HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE, HOSTILE, PAGE)


def marked_up(message: Any) -> list[str]:
    """Slack's texts in which mark-up means something."""
    blocks = [block["text"] for one in message["attachments"] for block in one["blocks"]]
    return [message["text"], *(one["text"] for one in blocks if one["type"] == "mrkdwn")]


async def test_nobody_is_called_and_nothing_linked_in_slack() -> None:
    message = await shown("slack", EVIL)
    for text in marked_up(message):
        assert "<!" not in text
        assert "<@" not in text
        assert text.count("<") == text.count(f"<{PAGE}|")
    headings = [text for text in marked_up(message)[1:] if text.startswith("*")]
    assert all(text.count("*") == 2 and "`" not in text for text in headings)


@pytest.mark.parametrize("kind", ["discord", "mattermost"])
async def test_nothing_is_marked_up_in_markdown(kind: str) -> None:
    message = await shown(kind, EVIL)
    card = (message.get("embeds") or message.get("attachments"))[0]
    text = card["title"] + (card.get("description") or card["text"])
    bare = text.replace("**", "")
    for mark in "*_~`|<>#[]()":
        assert bare.count(mark) == bare.count("\\" + mark), mark


@pytest.mark.parametrize("kind", ["mattermost", "telegram"])
async def test_no_name_of_everybody_is_left_whole(kind: str) -> None:
    message = json.dumps(await shown(kind, EVIL), ensure_ascii=False)
    for name in ("@channel", "@everyone", "@here", "@U123"):
        assert name not in message


async def test_telegrams_html_is_ours_alone() -> None:
    text = (await shown("telegram", EVIL))["text"]
    ours = ("<b>", "</b>", "<i>", "</i>", f'<a href="{PAGE}">', "</a>")
    for tag in ours:
        text = text.replace(tag, "")
    assert "<" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


async def test_teams_has_text_runs_alone() -> None:
    content = (await shown("teams", EVIL))["attachments"][0]["content"]
    assert {one["type"] for one in content["body"]} == {"RichTextBlock"}
    assert {run["type"] for one in content["body"] for run in one["inlines"]} == {"TextRun"}


async def test_a_bare_link_stays_one() -> None:
    card = replace(CARD, intro="See https://acme.example/a_b for more.")
    assert (
        "https://acme.example/a_b " in (await shown("mattermost", card))["attachments"][0]["text"]
    )
    assert "https://acme.example/a_b " in (await shown("discord", card))["embeds"][0]["description"]


@pytest.mark.parametrize("kind", URLS)
async def test_a_long_word_is_cut_until_it_is_taken(kind: str) -> None:
    long = replace(CARD, parts=tuple((f"Part {n}", "&*_@ word " * 900) for n in range(3)))
    async with https(*HOSTS) as host:
        await sent(host, kind, *([long] * 9))
    largest = getattr(channels.kinds()[kind], "largest")  # noqa: B009  of chats alone
    assert len(host.requests[0].body.decode()) < largest + 200
    assert "…" in host.requests[0].body.decode()


@pytest.mark.parametrize("kind", URLS)
async def test_told_to_come_later_and_when(kind: str) -> None:
    async with https(*HOSTS) as host:
        host.answer("429 Slowly", headers="Retry-After: 90\r\n")
        outcome = await sent(host, kind)
    assert outcome == Unreachable("it answered HTTP 429", 429, wait=timedelta(seconds=90))


@pytest.mark.parametrize("kind", URLS)
@pytest.mark.parametrize("line", ["404 Not Found", "403 Forbidden", "400 Bad", "302 Found"])
async def test_a_hook_that_is_not_there_any_more_is_refused(kind: str, line: str) -> None:
    async with https(*HOSTS) as host:
        host.answer(line)
        outcome = await sent(host, kind)
    assert outcome == Refused(f"it answered HTTP {line[:3]}", int(line[:3]))
    assert "s3cret" not in repr(outcome)


async def test_telegram_says_in_the_body_how_long_to_wait() -> None:
    async with https(*HOSTS) as host:
        host.answer("429 Slowly", body=b'{"ok":false,"parameters":{"retry_after":17}}')
        outcome = await sent(host, "telegram")
    assert outcome == Unreachable("it answered HTTP 429", 429, wait=timedelta(seconds=17))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"parameters":{"retry_after":"x"}}'])
async def test_telegram_may_say_nonsense(body: bytes) -> None:
    async with https(*HOSTS) as host:
        host.answer("429 Slowly", body=body)
        assert await sent(host, "telegram") == Unreachable("it answered HTTP 429", 429)


async def test_an_old_connector_says_200_and_means_no() -> None:
    said = b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP 429"
    async with https(*HOSTS) as host:
        host.answer("200 OK", body=said)
        assert isinstance(await sent(host, "teams"), Unreachable)


@pytest.mark.parametrize("kind", URLS)
async def test_an_address_of_another_system_is_not_taken(kind: str) -> None:
    hook = channels.kinds()[kind]
    assert issubclass(hook, Chat)
    assert hook.checked(URLS[kind]) == URLS[kind]
    for other in [*(set(URLS.values()) - {URLS[kind]}), "https://evil.example/hooks.slack.com/x"]:
        with pytest.raises(NotPublic) as error:
            hook.checked(other)
        assert "s3cret" not in str(error.value)
