"""What does the demo answer under /demo?

Its page, its switches and its mailbox, for a browser on this machine. The page shows a
token, and the switches do something: so only a request that names us as its host is
answered (a foreign name that leads here is DNS rebinding), and a switch is thrown only by
our own form (or by somebody without a browser, who sends no Origin).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from statuspage.answers import Policy, security_headers
from statuspage.demo import next_steps, page
from statuspage.demo.mailbox import Mailbox
from statuspage.demo.observer import Observer, open_incident, shown_json
from statuspage.demo.timeline import Timeline
from statuspage.demo.town import Town
from statuspage.memory import Memory
from statuspage.premises import Clock

_SCRIPT = Path(__file__).with_name("live.js").read_bytes()
_TONES = {"none": "ok", "minor": "slow", "major": "part", "critical": "down"}


@dataclass(slots=True)
class Desk:
    """The demo's things within reach, and the answers about them.

    ``memory`` and ``token`` come when Avviso is up; until then the page says less.
    """

    town: Town
    mailbox: Mailbox
    observer: Observer
    timeline: Timeline
    clock: Clock
    file: Path
    memory: Memory = field(default_factory=Memory)
    token: str = ""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def app(self) -> Starlette:
        """The ASGI application of all paths that begin with /demo."""
        return Starlette(
            routes=[
                Route("/demo", self._ours(self._page)),
                Route("/demo/live.js", self._ours(self._script)),
                Route("/demo/switch", self._ours(self._switch), methods=["POST"]),
                Route("/demo/mailbox", self._ours(self._mailbox)),
                Route("/demo/mailbox/{n:int}", self._ours(self._letter)),
                Route("/demo/mailbox/{n:int}/html", self._ours(self._letter_html)),
            ]
        )

    def _ours(self, answer: Answering) -> Answering:
        """Only for a browser that means us."""
        port = self.town.at.avviso

        async def checked(request: Request) -> Response:
            if not is_ours(request, port):
                return PlainTextResponse("This is not for you.\n", 403)
            return await answer(request)

        return checked

    async def _page(self, _: Request) -> Response:
        incident, sight = open_incident(self.memory), self.observer.sight
        status = shown_json(self.memory, "/api/v2/status.json").get("status", {})
        return self._html(
            "demo.html",
            sight=sight,
            chapters=self.timeline.chapters,
            visitors_see_notice=sight.shut or not sight.database or sight.shop != 200,
            page_tone=_TONES.get(status.get("indicator", ""), "unknown"),
            page_state=status.get("description", "Not up yet"),
            letters=self.mailbox.letters,
            incident=incident,
            preparation=next_steps.preparation(self.town.at.site, self.token),
            steps=next_steps.steps(self.town.at.site, incident["id"] if incident else None),
            file=str(self.file),
        )

    async def _script(self, _: Request) -> Response:
        return self._dressed(Response(_SCRIPT, media_type="text/javascript"))

    async def _switch(self, request: Request) -> Response:
        async with request.form(max_fields=2, max_files=0) as form:
            thrown = form.get("throw")
        if thrown not in _SWITCHES:
            return PlainTextResponse("There is no such switch: database, server, mend.\n", 422)
        switch = _SWITCHES[thrown]
        async with self._turn:  # two who press at once take turns
            if switch.is_done(self.town):
                self.timeline.note(switch.already, self.clock())
            else:
                self.timeline.begin(switch.title, self.clock())
                await switch.throw(self.town)
        return RedirectResponse("/demo", 303)

    async def _mailbox(self, _: Request) -> Response:
        return self._html("mailbox.html", letters=self.mailbox.letters)

    async def _letter(self, request: Request) -> Response:
        letter = self.mailbox.letter(request.path_params["n"])
        return self._html("letter.html", letter=letter) if letter else _no_letter()

    async def _letter_html(self, request: Request) -> Response:
        letter = self.mailbox.letter(request.path_params["n"])
        if letter is None or letter.html is None:
            return _no_letter()
        frame = Response(page.letter_frame(letter.html), media_type="text/html")
        return self._dressed(frame, page.LETTER_POLICY)

    def _html(self, name: str, **values: object) -> Response:
        body = page.render(name, at=self.town.at, **values)
        return self._dressed(Response(body, media_type="text/html"))

    def _dressed(self, response: Response, policy: str = page.CONTENT_SECURITY_POLICY) -> Response:
        response.headers.update(security_headers(policy, Policy(self.town.at.site)))
        response.headers["Cache-Control"] = "no-store"
        return response


Answering = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Switch:
    """What throwing it is called, and what is said when there is nothing left to do."""

    title: str
    already: str
    is_done: Callable[[Town], bool]
    throw: Callable[[Town], Awaitable[None]]


_SWITCHES: dict[object, _Switch] = {
    "database": _Switch(
        "You broke the database",
        "You broke it again: it was broken already.",
        lambda town: not town.orders.runs,
        Town.break_database,
    ),
    "server": _Switch(
        "You killed the server",
        "You killed it again: it was gone already.",
        lambda town: not town.shop.runs,
        Town.kill_server,
    ),
    "mend": _Switch(
        "You mended it",
        "You mended again: everything ran already.",
        lambda town: town.is_whole,
        Town.mend,
    ),
}


def is_ours(request: Request, port: int) -> bool:
    """Whether a request means this machine by its name, and no other site's page sent it."""
    host = request.headers.get("host", "")
    if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return False
    if request.method in ("GET", "HEAD"):
        return True
    origin = request.headers.get("origin")
    if origin is not None:
        return origin == f"http://{host}"
    return request.headers.get("sec-fetch-site") in (None, "same-origin")


def _no_letter() -> Response:
    return PlainTextResponse("There is no such letter (any more).\n", 404)
