"""What is it that breaks? A small shop, which really keeps its orders in a database.

It knows nothing of Avviso. ``/health`` asks the database, as a health check should, and
answers 500 when it refuses; the pages answer 503 then, for there is nothing to sell with.

Run as ``python -m statuspage.demo.shop PORT PORT_OF_THE_DATABASE PARENT``.
"""

from __future__ import annotations

import html
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from statuspage.demo.lifeline import die_with

KEY = "orders"
GOODS = {"Coffee, 500 g": "9.80", "Olive oil, 1 l": "14.50", "Notebook, ruled": "6.20"}
LARGEST_BODY = 4096
PATIENCE_S = 0.5
_PAGE = Template(Path(__file__).with_name("shop.html").read_text(encoding="utf-8"))
_GOOD = Template(
    "<li><div><b>$good</b><span>€ $price</span></div>"
    '<form method="post" action="/orders"><button name="good" value="$good">Order</button></form>'
)


class Orders:
    """The shop's book of orders. Every method raises ``RedisError`` when it is out of reach."""

    def __init__(self, port: int) -> None:
        self._redis = Redis(
            host="127.0.0.1",
            port=port,
            protocol=2,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),  # a customer waits: refused is refused
            decode_responses=True,
        )

    def add(self, good: str) -> None:
        self._redis.rpush(KEY, good)

    def count(self) -> int:
        return int(self._redis.llen(KEY))


class Shop(BaseHTTPRequestHandler):
    """One request of a customer, or of whoever asks for our health."""

    orders: Orders

    def do_GET(self) -> None:
        """The front page, or how we are."""
        if self.path == "/health":
            self._tell_health()
        elif urlsplit(self.path).path == "/":
            self._show()
        else:
            self._answer(HTTPStatus.NOT_FOUND, "We do not have this page.")

    def do_POST(self) -> None:
        """An order: written down, then the front page with thanks."""
        length = int(self.headers.get("content-length") or 0)
        form = parse_qs(self.rfile.read(min(length, LARGEST_BODY)).decode("utf-8", "replace"))
        good = form.get("good", [""])[0]
        if self.path != "/orders" or good not in GOODS:
            return self._answer(HTTPStatus.NOT_FOUND, "We do not sell this.")
        try:
            self.orders.add(good)
        except RedisError:
            return self._cannot_sell()
        return self._answer(HTTPStatus.SEE_OTHER, "", location=f"/?thanks={quote(good)}")

    def _tell_health(self) -> None:
        try:
            orders = self.orders.count()
        except RedisError:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, "The database does not answer.")
        else:
            self._answer(HTTPStatus.OK, f"Well, with {orders} orders.")

    def _show(self) -> None:
        try:
            orders = self.orders.count()
        except RedisError:
            return self._cannot_sell()
        thanks = parse_qs(urlsplit(self.path).query).get("thanks", [""])[0]
        told = f"Thank you: {thanks} is on its way." if thanks in GOODS else "What may it be today?"
        page = _PAGE.substitute(
            told=html.escape(told),
            goods="".join(
                _GOOD.substitute(good=html.escape(good), price=price)
                for good, price in GOODS.items()
            ),
            orders=f"{orders} order{'' if orders == 1 else 's'} so far",
        )
        return self._answer(HTTPStatus.OK, page, media_type="text/html; charset=utf-8")

    def _cannot_sell(self) -> None:
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "The shop cannot take orders right now.")

    def _answer(
        self,
        status: HTTPStatus,
        text: str,
        *,
        media_type: str = "text/plain; charset=utf-8",
        location: str | None = None,
    ) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if location is not None:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The demo's terminal belongs to Avviso."""


def main(port: int, database_port: int) -> None:
    """Serve on a port of 127.0.0.1 until killed."""
    Shop.orders = Orders(database_port)
    ThreadingHTTPServer(("127.0.0.1", port), Shop).serve_forever()


if __name__ == "__main__":
    die_with(int(sys.argv[3]))
    main(int(sys.argv[1]), int(sys.argv[2]))
