"""Is the application to be used, and what is said in its place?

Asked are ``/gate/ID?deny=403`` and, once that is shut, ``/notice/ID``. Shut is an empty 403 and
nothing else: a 503 may come from a proxy before an Avviso that is dead, a 403 with a page from a
firewall. Whatever is not understood leaves the gate open.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from statuspage.middleware.notice import WORDLESS, Notice, told
from statuspage.middleware.remembered import Remembered, log

WISHES = ("accept", "accept-language")
LONGEST_WISH = 200
MOST_WISHES = 64
"""Notices remembered, one for each pair of wishes as browsers send them."""
MOST_AT_ONCE = 8
"""Notices asked for at a time: a stranger can wish for anything, and each asking is a thread."""
LARGEST_NOTICE = 256 * 1024
LONGEST_ASKING_S = 1.0
"""No visitor waits for so long; but who is far away, or slow for once, is not dead."""


class Gate:
    """What both middlewares ask. Safe for threads and for tasks.

    :param url: ``https://status.acme.example/gate/ID``
    :param spare: paths that are always the application's, with all that lies below them
    :param shut_while: a file; while it is there the gate is shut, whoever is asked
    :raises ValueError: when the program starts, if one of these cannot be meant
    """

    def __init__(self, url: str, spare: Iterable[str], shut_while: str | Path | None) -> None:
        self._gate_url, self._notice_url = _addresses(url)
        self._spared = _paths(spare)
        self._file = shut_while
        self._client = _client()
        self._shut = Remembered(self._ask_gate)
        self._notices: OrderedDict[tuple[str, ...], Remembered[Notice]] = OrderedDict()
        self._lock = threading.Lock()
        self._askers = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._trouble = ""

    def now(self, path: str, wishes: Mapping[str, str]) -> Notice | None:
        """What to answer in place of the application, or None where it answers itself.

        :param wishes: the visitor's header fields that are named in ``WISHES``
        """
        if self._is_spared(path) or not (self._is_held() or self._shut.now()):
            return None
        return self._notice(wishes).now() or WORDLESS

    async def soon(self, path: str, wishes: Mapping[str, str]) -> Notice | None:
        """The same for a task."""
        if self._is_spared(path) or not (self._is_held() or await self._shut.soon()):
            return None
        return await self._notice(wishes).soon() or WORDLESS

    def _is_spared(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in self._spared)

    def _is_held(self) -> bool:
        return self._file is not None and os.path.exists(self._file)  # noqa: PTH110 - half the time

    def _ask_gate(self) -> bool | None:
        try:
            status, _, body = self._fetch(f"{self._gate_url}?deny=403", {})
        except (httpx.HTTPError, OSError, ValueError) as error:
            return self._understood(f"{type(error).__name__}: {error}")
        if status == httpx.codes.FORBIDDEN and not body:
            return self._understood("", shut=True)
        if status == httpx.codes.NO_CONTENT:
            return self._understood("", shut=False)
        return self._understood(f"it answers {status}")

    def _understood(self, trouble: str, shut: bool | None = None) -> bool | None:
        """Say it in the log when the gate cannot be asked any more, and when it can again."""
        if trouble and not self._trouble:
            log.warning("%s cannot be asked, and counts as open: %s", self._gate_url, trouble)
        if self._trouble and not trouble:
            log.warning("%s can be asked again", self._gate_url)
        self._trouble = trouble
        return shut

    def _notice(self, wishes: Mapping[str, str]) -> Remembered[Notice]:
        wished = tuple(wishes.get(name, "")[:LONGEST_WISH] for name in WISHES)
        with self._lock:
            if wished not in self._notices:
                self._notices[wished] = Remembered(lambda: self._ask_notice(wished))
            self._notices.move_to_end(wished)
            if len(self._notices) > MOST_WISHES:
                self._notices.popitem(last=False)
            return self._notices[wished]

    def _ask_notice(self, wished: tuple[str, ...]) -> Notice | None:
        if not self._askers.acquire(blocking=False):
            return None
        try:
            headers = {name: wish for name, wish in zip(WISHES, wished, strict=True) if wish}
            status, fields, body = self._fetch(self._notice_url, headers)
        except (httpx.HTTPError, OSError, ValueError):
            return None
        finally:
            self._askers.release()
        return told(fields, body) if status == httpx.codes.SERVICE_UNAVAILABLE and body else None

    def _fetch(self, url: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, header fields and body.

        :raises ValueError: if it is too long, or takes long by dripping
        """
        until = time.monotonic() + LONGEST_ASKING_S
        asked = {"accept-encoding": "identity", **headers}
        body = b""
        with self._client.stream("GET", url, headers=asked) as answer:
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST_NOTICE or time.monotonic() > until:
                    raise ValueError("it is too long or too slow")
            return answer.status_code, list(answer.headers.items()), body


def _client() -> httpx.Client:
    """It keeps no connection, which forked processes would share, and no cookie, which would
    go from one visitor to the next.
    """
    return httpx.Client(
        timeout=LONGEST_ASKING_S,
        limits=httpx.Limits(max_keepalive_connections=0),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )


def _addresses(url: str) -> tuple[str, str]:
    """Of the gate and of its notice."""
    parts = urlsplit(url)
    before, gate, component = parts.path.rpartition("/gate/")
    is_whole = parts.scheme in {"http", "https"} and parts.netloc and gate and component
    if not is_whole or parts.query or "/" in component:
        raise ValueError(f"a gate is like https://status.acme.example/gate/shop, not {url!r}")
    site = f"{parts.scheme}://{parts.netloc}{before}"
    return f"{site}/gate/{component}", f"{site}/notice/{component}"


def _paths(spare: Iterable[str]) -> tuple[str, ...]:
    paths = (spare,) if isinstance(spare, str) else tuple(spare)
    for path in paths:
        if not path.startswith("/") or path == "/":
            raise ValueError(f"a path to spare begins with / and is not all of the site: {path!r}")
    return tuple(path.rstrip("/") for path in paths)
