"""Which boards do the tests of the pages look at?

A small shop on a Monday: calm, then its orders database stops. Every time is told from
``NOW``, and each board is a plain value, so that a test can change the one thing it asks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from checks.result import Grade
from notifications.rhythm import Rhythm
from statuspage.rules.board import (
    AffectedView,
    Board,
    CauseView,
    ComponentView,
    IncidentView,
    Kept,
    PromiseView,
    StatusChange,
    UpdateView,
    Words,
)
from statuspage.rules.fanouts import Fanout
from statuspage.rules.fared import Fared, Past, calendar, fare
from statuspage.rules.given import ActionView, CreditView
from statuspage.rules.how_told import Owed, ToldView
from statuspage.rules.lately import Lately, Spread
from statuspage.rules.looks import Look
from statuspage.rules.planned import MaintenanceView, StepView
from statuspage.rules.response_times import STEPS, Period, period
from statuspage.rules.site_view import SiteView
from statuspage.rules.tally import tally
from statuspage.rules.uptime import Span, Trouble
from statuspage.vocabulary import By, Impact, NoticeMode, Phase, Role, Stage, Status, worst

NOW = datetime(2026, 11, 23, 13, 22, 40, tzinfo=UTC)
"""14:22:40 in Rome."""

BEGAN = NOW.replace(minute=2, second=10)
CODES = ("en", "it")

SITE = SiteView(
    name="Acme",
    url="https://status.acme.example",
    languages=CODES,
    time_zone="Europe/Rome",
    contact_email="help@acme.example",
    contact_phone="+39 06 5550 1234",
    contact_hours="Mon-Fri 9-18",
)

WHEN_DOWN = {
    "en": "You cannot place orders at the moment.",
    "it": "Al momento non è possibile fare ordini.",
}
STILL_WORKS = {
    "en": "You can look at everything in the shop.",
    "it": "Può guardare tutto il negozio.",
}


CALENDAR = calendar(NOW, ZoneInfo(SITE.time_zone))
MONTHS_AGO = NOW - timedelta(days=400)


def fared(*troubles: Trouble, **changed: object) -> Fared:
    """Looked at all the time, for long."""
    watched = (Span(CALENDAR.starts[0], NOW),)
    past = Past(CALENDAR, MONTHS_AGO, watched=watched, troubles=troubles)
    return fare(replace(past, **changed))  # type: ignore[arg-type]


def ago(days: float, minutes: float) -> Span:
    """So many minutes, begun so many days ago."""
    begun = NOW - timedelta(days=days)
    return Span(begun, begun + timedelta(minutes=minutes))


CALM_DAYS = fared()


def component(id: str, name: str, position: int = 0, **changed: object) -> ComponentView:
    made = ComponentView(
        id=id,
        code=f"{id.replace('-', ''):0<12}"[:12],
        name=name,
        group=None,
        position=position,
        status=Status.OPERATIONAL,
        since=NOW - timedelta(days=9),
        because=(),
        when_down={},
        still_works={},
        slo=None,
        created_at=NOW - timedelta(days=90),
        updated_at=NOW - timedelta(days=9),
        looked_at=NOW - timedelta(seconds=9),
        in_doubt=False,
        notice=NoticeMode.AUTO,
        gate_shut=False,
        fared=CALM_DAYS,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


SHOP = component("shop", "Shop", 0, when_down=WHEN_DOWN, still_works=STILL_WORKS)
PARTS = (
    SHOP,
    component("payments", "Payments", 1),
    component("search", "Search", 2),
    component("warehouse", "Warehouse", 3),
)


def board(*components: ComponentView, **changed: object) -> Board:
    parts = components or PARTS
    made = Board(
        site=SITE,
        revision=7,
        composed_at=NOW,
        status=worst([part.status for part in parts]),
        components=parts,
        open_incidents=(),
        past_incidents=(),
        looked_at=NOW - timedelta(seconds=9),
        interval=timedelta(seconds=15),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def affected(part: ComponentView, role: Role = Role.AFFECTED, **changed: object) -> AffectedView:
    made = AffectedView(part.id, part.name, part.status, role, part.when_down, part.still_works)
    return replace(made, **changed)  # type: ignore[arg-type]


DOWN_DAYS = fared(Trouble("k3v9x2m1q7ab", Status.MAJOR_OUTAGE, Span(BEGAN, NOW)))
SHOP_DOWN = replace(
    SHOP,
    status=Status.MAJOR_OUTAGE,
    since=BEGAN,
    because=(CauseView("Orders database"),),
    gate_shut=True,
    updated_at=BEGAN,
    fared=DOWN_DAYS,
)
ORDERS_DB = component(
    "orders-db",
    "Orders database",
    4,
    status=Status.MAJOR_OUTAGE,
    since=BEGAN,
    fared=DOWN_DAYS,
)

NOTICED = UpdateView(
    n=1,
    at=BEGAN + timedelta(seconds=11),
    phase=Phase.INVESTIGATING,
    by=By.MACHINE,
    kind="noticed",
    changes=(StatusChange("shop", "Shop", Status.OPERATIONAL, Status.MAJOR_OUTAGE),),
)
ACKNOWLEDGED = UpdateView(
    n=2,
    at=BEGAN + timedelta(minutes=5),
    phase=Phase.INVESTIGATING,
    by=By.HUMAN,
    kind="acknowledged",
)
WORDS = Words(
    language="en",
    what_happened="The database that keeps the orders stopped answering at 14:02.\n\n"
    "The shop cannot take an order without it.",
    what_we_are_doing="Two engineers are bringing up its standby. We check every order of the "
    "last hour before we open again: https://acme.example/orders.",
    how_we_prevent_it=None,
    translations={},
)
DAYS = (
    (date(2026, 10, 7), date(2026, 10, 8)),
    (date(2026, 11, 22), None),
    (date(2026, 11, 23), None),
)
"""Of three actions, by when and done when: in time, overdue since midnight, still in time."""
SAID = UpdateView(
    n=3,
    at=BEGAN + timedelta(minutes=19),
    phase=Phase.IDENTIFIED,
    by=By.HUMAN,
    kind="words",
    words=WORDS,
    mailed=True,
)

AUTOMATIC = IncidentView(
    id="k3v9x2m1q7ab",
    name=None,
    language=None,
    automatic=True,
    status=Phase.INVESTIGATING,
    impact=Impact.CRITICAL,
    started_at=BEGAN,
    noticed_at=BEGAN + timedelta(seconds=11),
    created_at=BEGAN + timedelta(seconds=11),
    updated_at=BEGAN + timedelta(seconds=11),
    causes=(CauseView("Orders database"),),
    components=(affected(SHOP_DOWN), affected(ORDERS_DB, Role.CAUSE)),
    updates=(NOTICED,),
    promise=PromiseView(BEGAN + timedelta(hours=1), By.MACHINE),
)
SPOKEN = replace(
    AUTOMATIC,
    name="Orders are not possible",
    language="en",
    status=Phase.IDENTIFIED,
    acknowledged_at=ACKNOWLEDGED.at,
    updated_at=SAID.at,
    updates=(SAID, ACKNOWLEDGED, NOTICED),
    promise=PromiseView(NOW + timedelta(minutes=23), By.HUMAN),
)
OVER = replace(
    SPOKEN,
    id="w8n4c6z0p5ty",
    status=Phase.RESOLVED,
    started_at=NOW - timedelta(days=51),
    noticed_at=NOW - timedelta(days=51) + timedelta(seconds=11),
    created_at=NOW - timedelta(days=51),
    updated_at=NOW - timedelta(days=51) + timedelta(minutes=26),
    monitoring_at=NOW - timedelta(days=51) + timedelta(minutes=21),
    resolved_at=NOW - timedelta(days=51) + timedelta(minutes=26),
    components=(affected(SHOP), affected(ORDERS_DB, Role.CAUSE, status=Status.OPERATIONAL)),
    promise=None,
)

LEARNED = replace(
    OVER,
    id="c5d6e7f8g9h0",
    status=Phase.POSTMORTEM,
    updates=(
        UpdateView(
            n=4,
            at=NOW - timedelta(days=48),
            phase=Phase.POSTMORTEM,
            by=By.HUMAN,
            kind="words",
            words=Words(
                language="en",
                what_happened="The disk of the orders database was full.",
                what_we_are_doing="We moved the orders to a larger one.",
                how_we_prevent_it="A disk that fills up calls our team.",
                translations={
                    "it": {
                        "what_happened": "Il disco degli ordini era pieno.",
                        "what_we_are_doing": "Abbiamo preso un disco più grande.",
                        "how_we_prevent_it": "Un disco che si riempie chiama i nostri tecnici.",
                    }
                },
            ),
            mailed=True,
        ),
        *OVER.updates,
    ),
    actions=(
        ActionView(1, "Disks call us.", "en", {"it": "I dischi ci chiamano."}, *DAYS[0]),
        ActionView(2, "A second database.", "en", {}, *DAYS[1]),
        ActionView(3, "A drill.", "en", {"it": "Una prova."}, *DAYS[2]),
    ),
    credit=CreditView(
        by_code=True,
        text="Your next delivery costs nothing.",
        language="en",
        translations={"it": "La prossima consegna non Le costa nulla."},
    ),
)
OWED = replace(OVER, id="d5d6e7f8g9h0", postmortem_due_at=NOW + timedelta(days=2))
OWED_LATE = replace(OVER, id="e5d6e7f8g9h0", postmortem_due_at=NOW - timedelta(days=2))

CALM = board(past_incidents=(OVER,), last_outage=OVER)
NOTICED_ONLY = board(SHOP_DOWN, *PARTS[1:], ORDERS_DB, open_incidents=(AUTOMATIC,))
OUTAGE = board(
    SHOP_DOWN,
    PARTS[1],
    replace(PARTS[2], status=Status.DEGRADED, since=BEGAN, in_doubt=True),
    replace(PARTS[3], status=Status.UNDER_MAINTENANCE, since=NOW - timedelta(hours=1)),
    ORDERS_DB,
    open_incidents=(SPOKEN,),
    past_incidents=(OVER,),
    last_outage=OVER,
)

HOSTILE = "<script>alert(1)</script> \"'>&amp;{{7*7}}"
LONG = "Interbibliothekarische-Leihverkehrsabwicklungsschnittstelle" * 3
HEBREW = "\u05d7\u05e0\u05d5\u05ea \u202emoc.live"
INNERMOST = "orders-db.internal:5432"
"""A private cause has no name on a board; a test that finds this one has found a leak."""

WILD_WORDS = Words(
    language="he",
    what_happened=f"{HOSTILE}\r\n\r\nSecond\rline \x00\x1b[31m https://a.example/?q=<b>&x=1).",
    what_we_are_doing="\u05d0\u05e0\u05d7\u05e0\u05d5 \u05de\u05ea\u05e7\u05e0\u05d9\u05dd \ud800",
    how_we_prevent_it="javascript:alert(1) http://[::1 https://\u202egnp.exe",
    translations={"it": {"what_happened": "Tradotto.", "what_we_are_doing": None}},
)
FRESH = component("fresh", "Fresh", 5, looked_at=None, since=None)
WILD_PARTS = (
    component("evil", HOSTILE, 0, group=HOSTILE, when_down={"en": HOSTILE, "it": HOSTILE}),
    component("long", LONG, 1, group=LONG, status=Status.PARTIAL_OUTAGE, since=BEGAN),
    component(
        "hebrew",
        HEBREW,
        2,
        status=Status.MAJOR_OUTAGE,
        since=NOW - timedelta(days=2),
        because=(CauseView(None), CauseView(HOSTILE)),
        when_down={"he": HEBREW},
        gate_shut=True,
    ),
    component("crlf", "Two\r\nlines\x00", 3, in_doubt=True),
    component("held", "Held", 4, notice=NoticeMode.ON, gate_shut=True),
    FRESH,
)
WILD_INCIDENT = replace(
    SPOKEN,
    id="aaaaaaaaaaaa",
    name=f"{HOSTILE} {LONG}",
    language="he",
    causes=(CauseView(None), CauseView(HOSTILE)),
    whole_server=True,
    components=(affected(WILD_PARTS[0]), affected(WILD_PARTS[2], Role.CAUSE)),
    updates=(replace(SAID, words=WILD_WORDS), NOTICED),
    promise=PromiseView(NOW - timedelta(minutes=3), By.HUMAN),
)
INTERNAL = replace(
    AUTOMATIC, id="bbbbbbbbbbbb", causes=(CauseView(None),), components=(), impact=Impact.NONE
)
WILD_MAINTENANCE = MaintenanceView(
    id="cccccccccccc",
    name=f"{HOSTILE} {LONG}",
    body=f"{HOSTILE}\r\n\r\njavascript:alert(1) http://[::1",
    language="he",
    translations={},
    stage=Stage.VERIFYING,
    starts_at=NOW - timedelta(hours=1),
    ends_at=NOW + timedelta(days=2),
    created_at=BEGAN,
    updated_at=BEGAN,
    components=(("evil", HOSTILE), ("long", LONG), ("gone", HEBREW)),
    steps=(StepView(1, BEGAN, "verifying", Stage.VERIFYING, By.HUMAN),),
    rhythm=Rhythm(every="month", interval=2),
)
WILD = board(
    *WILD_PARTS,
    site=replace(
        SITE,
        name=f"Acme {HOSTILE}",
        contact_email='x"onclick=alert(1)@acme.example',
        contact_hours=HOSTILE,
        controller=HOSTILE,
        privacy_url="https://acme.example/privacy?a=1&b=2",
    ),
    open_incidents=(WILD_INCIDENT, INTERNAL),
    maintenances=(WILD_MAINTENANCE, replace(WILD_MAINTENANCE, id="dddddddddddd", name=None)),
    past_incidents=(
        replace(OVER, name=HOSTILE, false_alarm=True),
        replace(
            LEARNED,
            actions=(ActionView(1, HOSTILE, "he", {"it": f"{HEBREW} {LONG}"}, *DAYS[1]),),
            credit=CreditView(by_code=False, text=HOSTILE, language="he", translations={}),
        ),
    ),
)
BLIND = replace(CALM, blind=True)
EMPTY = replace(
    CALM, components=(), past_incidents=(), last_outage=None, looked_at=None, interval=None
)
STARTING = board(*(replace(part, looked_at=None, since=None) for part in PARTS), looked_at=None)
MAINTAINED = board(
    replace(SHOP, status=Status.UNDER_MAINTENANCE, since=BEGAN), *PARTS[1:], past_incidents=(OVER,)
)
ANNOUNCED = StepView(1, NOW - timedelta(days=2), "announced", Stage.SCHEDULED, By.HUMAN, told=True)
AHEAD = MaintenanceView(
    id="m1n2b3v4c5x6",
    name="A new home for the orders",
    body="We move the orders to a faster database.\n\nOrders placed before are safe.",
    language="en",
    translations={"it": {"name": "Una nuova casa per gli ordini", "body": "Spostiamo gli ordini."}},
    stage=Stage.SCHEDULED,
    starts_at=NOW.replace(day=29, hour=0, minute=0, second=0),
    ends_at=NOW.replace(day=29, hour=3, minute=0, second=0),
    created_at=ANNOUNCED.at,
    updated_at=ANNOUNCED.at,
    components=(("shop", "Shop"), ("payments", "Payments")),
    steps=(ANNOUNCED,),
)
EVERY_SUNDAY = replace(
    AHEAD,
    id="w1n2b3v4c5x6",
    name=None,
    body="",
    translations={},
    components=(("search", "Search"),),
    rhythm=Rhythm(every="week", on=(6,)),
)
UNDER_WAY = replace(
    AHEAD,
    id="u1n2b3v4c5x6",
    stage=Stage.IN_PROGRESS,
    name=None,
    body="We deploy.",
    translations={},
    components=(("shop", "Shop"),),
    starts_at=BEGAN,
    ends_at=BEGAN + timedelta(minutes=40),
    steps=(StepView(2, BEGAN, "begun", Stage.IN_PROGRESS, By.MACHINE), ANNOUNCED),
)
MAINTENANCE_OVER = replace(
    UNDER_WAY,
    id="o1n2b3v4c5x6",
    stage=Stage.COMPLETED,
    starts_at=NOW - timedelta(days=3),
    ends_at=NOW - timedelta(days=3, hours=-1),
    ended_at=NOW - timedelta(days=3, hours=-1),
    steps=(
        StepView(3, NOW - timedelta(days=3, hours=-1), "completed", Stage.COMPLETED, By.MACHINE),
        replace(ANNOUNCED, at=NOW - timedelta(days=4)),
    ),
)
CANCELLED = replace(
    AHEAD,
    id="c1n2b3v4c5x6",
    cancelled=True,
    ended_at=NOW - timedelta(hours=1),
    steps=(
        StepView(2, NOW - timedelta(hours=1), "cancelled", Stage.SCHEDULED, By.HUMAN),
        ANNOUNCED,
    ),
)
PLANNED = board(
    replace(SHOP, status=Status.UNDER_MAINTENANCE, since=BEGAN, maintained_until=UNDER_WAY.ends_at),
    *PARTS[1:],
    past_incidents=(OVER,),
    maintenances=(UNDER_WAY, AHEAD, EVERY_SUNDAY, CANCELLED, MAINTENANCE_OVER),
)
MENDED = board(
    *PARTS,
    open_incidents=(
        replace(
            AUTOMATIC,
            status=Phase.MONITORING,
            monitoring_at=NOW - timedelta(minutes=2),
            components=(affected(SHOP), affected(PARTS[1])),
            promise=None,
            updates=(
                UpdateView(
                    3, NOW - timedelta(minutes=2), Phase.MONITORING, By.MACHINE, "recovered"
                ),
                NOTICED,
            ),
        ),
    ),
)
LATE_LINE = UpdateView(
    4, NOW - timedelta(seconds=59), Phase.IDENTIFIED, By.MACHINE, "late", mailed=True
)
LATE = board(
    SHOP_DOWN,
    *PARTS[1:],
    ORDERS_DB,
    open_incidents=(
        replace(
            SPOKEN,
            promise=PromiseView(
                NOW + timedelta(hours=4), By.MACHINE, instead_of=NOW - timedelta(minutes=1)
            ),
            promises=Kept(kept=2, missed=1),
            updates=(LATE_LINE, *SPOKEN.updates),
        ),
    ),
    past_incidents=(OVER,),
    last_outage=OVER,
    promises=Kept(kept=7, missed=1),
)
LEARNT = board(past_incidents=(OWED, OWED_LATE, LEARNED), last_outage=OWED)


def went(sent: int, half: float, most: float, last: float) -> Fanout:
    return Fanout(sent=sent, first_s=0.4, p50_s=half, p95_s=most, p99_s=last, last_s=last)


FAST, SLOW = went(24_310, 3.2, 11.4, 30.5), went(24_290, 95, 1260, 7100)
HOW_TOLD = replace(
    LEARNED,
    noticed_at=LEARNED.started_at + timedelta(seconds=11.3),
    told=ToldView(
        shown_at=LEARNED.started_at + timedelta(seconds=11.9),
        first_letter_at=LEARNED.started_at + timedelta(minutes=5, seconds=11),
        learned=Owed(LEARNED.started_at + timedelta(days=5), NOW - timedelta(days=48)),
    ),
    promises=Kept(kept=2, missed=1),
    updates=(
        replace(LEARNED.updates[0], fanout=SLOW),
        replace(SAID, fanout=FAST),
        ACKNOWLEDGED,
        replace(NOTICED, fanout=FAST),
    ),
)
BADLY_TOLD = replace(
    OVER,
    id="f5d6e7f8g9h0",
    name=None,
    started_at=NOW - timedelta(days=30),
    created_at=NOW - timedelta(days=30, minutes=-40),
    noticed_at=NOW - timedelta(days=30, minutes=-40),
    resolved_at=NOW - timedelta(days=30, hours=-2),
    monitoring_at=None,
    told=ToldView(
        by_checks=False,
        shown_at=NOW - timedelta(days=30, minutes=-52),
        learned=Owed(NOW - timedelta(days=25), None),
    ),
    postmortem_due_at=NOW - timedelta(days=25),
    promises=Kept(missed=2),
    updates=(replace(SAID, mailed=False), ACKNOWLEDGED),
)
LATELY = Lately(
    since=NOW - timedelta(days=90),
    incidents=12,
    false_alarms=1,
    reported=1,
    noticed=Spread(10, 10.6, 131),
    shown=Spread(11, 0.4, 720),
    half=Spread(14, 3.2, 95),
    most=Spread(14, 11.4, 1260),
    last=Spread(14, 30.5, 7100),
    letters=340_200,
    learned=(
        Owed(NOW - timedelta(days=40), NOW - timedelta(days=41)),
        Owed(NOW - timedelta(days=30), NOW - timedelta(days=28)),
        Owed(NOW - timedelta(days=25), None),
        Owed(NOW + timedelta(days=1), None),
    ),
)
HOW = board(
    past_incidents=(BADLY_TOLD, HOW_TOLD),
    last_outage=BADLY_TOLD,
    lately=LATELY,
    promises=Kept(kept=19, missed=4),
)
EVENTFUL_DAYS = (
    fared(
        Trouble(OVER.id, Status.MAJOR_OUTAGE, ago(51, 21)),
        Trouble(OVER.id, Status.DEGRADED, ago(50.9, 90)),
        Trouble(HOW_TOLD.id, Status.PARTIAL_OUTAGE, ago(12, 12)),
        Trouble(HOW_TOLD.id, Status.MAJOR_OUTAGE, ago(80, 3)),
        Trouble(BADLY_TOLD.id, Status.MAJOR_OUTAGE, ago(5, 30), false_alarm=True),
        maintained=(ago(20, 60), ago(13, 60)),
        target=99.9,
    ),
    fared(Trouble(BADLY_TOLD.id, Status.MAJOR_OUTAGE, ago(1, 61)), target=99.95),
    fared(
        watched=(Span(NOW - timedelta(days=60), ago(9.5, 0).begins), ago(6.2, 6.2 * 24 * 60)),
        since=NOW - timedelta(days=60),
        gaps=(Span(ago(9.5, 0).begins, ago(6.2, 0).begins),),
    ),
    fared(watched=(ago(0.1, 144),), since=ago(0.1, 0).begins, target=100.0),
    fared(
        *(Trouble(OVER.id, Status.DEGRADED, ago(n, 7)) for n in range(2, 20, 2)),
        is_measured=False,
        target=99.0,
    ),
)


def answered(name: str) -> Period:
    """In about 120 ms, at night in 90, but for a while in which nothing was measured."""
    length, step = STEPS[name]
    count = length // step
    figures = [
        (NOW - (count - n) * step, tally([Look(timedelta(0), Grade.WELL, ms)] * 9 + [slow]))
        for n in range(count)
        if not count // 2 < n < count // 2 + count // 12
        for ms in [120.0 - 30 * (n % 8 > 5) + n % 5]
        for slow in [Look(timedelta(0), Grade.WELL, ms * 3)]
    ]
    return period(name, figures, NOW)


EVENTFUL = board(
    *(replace(part, fared=days) for part, days in zip((*PARTS, FRESH), EVENTFUL_DAYS, strict=True)),
    past_incidents=(BADLY_TOLD, HOW_TOLD, OVER),
    last_outage=BADLY_TOLD,
    speeds={
        "shop": tuple(answered(name) for name in STEPS),
        "payments": tuple(period(name, (), NOW) for name in STEPS),
        "search": (period("day", (), NOW), period("week", (), NOW), answered("quarter")),
    },
)
EVERY = {
    "eventful": EVENTFUL,
    "how": HOW,
    "learnt": LEARNT,
    "late": LATE,
    "calm": CALM,
    "noticed": NOTICED_ONLY,
    "outage": OUTAGE,
    "wild": WILD,
    "blind": BLIND,
    "empty": EMPTY,
    "starting": STARTING,
    "maintained": MAINTAINED,
    "mended": MENDED,
    "planned": PLANNED,
}
