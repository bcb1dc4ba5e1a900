"""Who stands in for the hosts out there?

A real HTTPS server on the loopback, with a certificate of our own authority for whatever
names a test needs, and a ``Reach`` that finds them there: the program talks TLS with it, asks
for the name and checks the certificate, as it would with the real one.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from notifications.outbound import Reach


@dataclass(frozen=True)
class Request:
    """What was asked, of whom."""

    line: str
    headers: dict[str, str]
    body: bytes
    asked_for: str | None
    """The name in TLS (SNI)."""

    @property
    def path(self) -> str:
        return self.line.split(" ")[1]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Host:
    """``answers`` are given one by one, the last for ever; empty bytes hang up. Bytes that end
    in ``…`` are followed by silence.
    """

    port: int = 0
    answers: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    looked_up: list[str] = field(default_factory=list)
    hears: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared, it takes requests in and answers none, until it is set again."""

    @property
    def reach(self) -> Reach:
        """Every name is found here."""

        async def resolve(host: str, port: int) -> Sequence[tuple[str, int]]:
            self.looked_up.append(f"{host}:{port}")
            return [("127.0.0.1", self.port)]

        return Reach(resolve=resolve, allows=lambda address: address == "127.0.0.1", tls=trusting)

    def answer(self, *lines: str, body: bytes = b"", headers: str = "") -> None:
        """From now on."""
        tail = f"\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
        self.answers = [f"HTTP/1.1 {line}".encode() + tail for line in lines]


@asynccontextmanager
async def https(*names: str) -> AsyncIterator[Host]:
    """Answers 200 until told otherwise."""
    host = Host()
    host.answer("200 OK")
    host.hears.set()
    asked: dict[ssl.SSLObject | ssl.SSLSocket, str | None] = {}
    context = certified(*names)
    context.sni_callback = lambda conversation, name, _: asked.__setitem__(conversation, name)
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        host.connections += 1
        name = asked.get(writer.get_extra_info("ssl_object"))
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                host.requests.append(await _request(reader, name))
                await host.hears.wait()
                answer = host.answers.pop(0) if len(host.answers) > 1 else host.answers[0]
                if not answer:
                    break
                writer.write(answer.removesuffix(b"..."))
                await writer.drain()
                if answer.endswith(b"..."):
                    await asyncio.Event().wait()
        writer.transport.abort()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=context)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader, name: str | None) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.strip().split("\r\n")
    headers = {key.lower(): value for key, _, value in (one.partition(": ") for one in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(line, headers, body, name)


@cache
def trusting() -> ssl.SSLContext:
    """Whom a client believes: the system's authorities, and ours."""
    certificate, _ = _authority()
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=certificate.public_bytes(Encoding.PEM).decode())
    return context


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    made = _certificate(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return made.sign(key, hashes.SHA256()), key


def certified(*names: str) -> ssl.SSLContext:
    """What a server shows whose certificate is for these names; nobody but us vouches for it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "host.pem"
        path.write_bytes(certificate(*names))
        context.load_cert_chain(path)
    return context


def certificate(*names: str) -> bytes:
    """In PEM, with its key."""
    issuer, signing = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host")])
    listed = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    made = _certificate(subject, issuer.subject, key).add_extension(listed, critical=False)
    pem = made.sign(signing, hashes.SHA256()).public_bytes(Encoding.PEM)
    return pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
