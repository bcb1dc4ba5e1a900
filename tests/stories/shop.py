"""What is the company's shop? A web application of its own, whose pages ask its database.

    python shop.py PORT DATABASE

`/health` asks the database one question and says 500 when there is no answer, as real shops do;
`/` is the shop window, which needs no database.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import psycopg
import pymysql
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def main(port: str, database: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Customer)
    Customer.database = database
    server.serve_forever()


class Customer(BaseHTTPRequestHandler):
    """One request; asks the database in a connection of its own."""

    database = ""

    def do_GET(self) -> None:
        status, words = (200, "Welcome to the shop.")
        if self.path.startswith("/health"):
            status, words = _health(self.database)
        body = words.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is logged."""


def _health(database: str) -> tuple[int, str]:
    try:
        _ASK[urlsplit(database).scheme](database)
    except Exception as error:  # noqa: BLE001 - whatever it is, the customer gets a 500
        return 500, f"database: {error}"
    return 200, "all well"


def _ask_postgresql(database: str) -> None:
    with psycopg.connect(database, connect_timeout=2) as connection:
        connection.execute("SELECT 1")


def _ask_mysql(database: str) -> None:
    place = urlsplit(database)
    connection = pymysql.connect(
        host=place.hostname,
        port=place.port or 3306,
        user=place.username,
        password=place.password or "",
        database=place.path.strip("/"),
        connect_timeout=2,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_redis(database: str) -> None:
    with Redis.from_url(database, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
        client.ping()


_ASK = {"postgresql": _ask_postgresql, "mysql": _ask_mysql, "redis": _ask_redis}

if __name__ == "__main__":
    main(*sys.argv[1:])
