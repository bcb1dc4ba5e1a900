"""What does a receiver make of a signature that is not ours to judge?

Debian's dkimpy, in Debian's own Python: a program of others, which asks for the key at the
name that the letter gives, and finds what the test has put there.
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.servers.programs import DKIMVERIFY

PLACE = "avviso._domainkey.acme.example."
VERIFY = """
import base64, dkim, json, sys
told = json.load(sys.stdin)
names = {name.encode(): text.encode() for name, text in told["names"].items()}
judges = [dkim.DKIM(base64.b64decode(one), minkey=2048) for one in told["messages"]]
answer = lambda name, timeout=5: names.get(name)
print(json.dumps([judge.verify(dnsfunc=answer) for judge in judges]))
"""


def new_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def record(key: rsa.RSAPrivateKey) -> str:
    """What stands in the DNS (RFC 6376 3.6.1)."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(der).decode()}"


def believes(message: bytes, key: rsa.RSAPrivateKey) -> bool:
    """Whether a receiver takes the letter for signed, with this key where ours is."""
    return judged([message], key) == [True]


def judged(messages: Sequence[bytes], key: rsa.RSAPrivateKey) -> list[bool]:
    """The same of many letters: a Python for each takes longer than its work."""
    python = DKIMVERIFY.path().read_text().partition("\n")[0].removeprefix("#!")
    told = [b64encode(message).decode() for message in messages]
    asked = {"messages": told, "names": {PLACE: record(key)}}
    done = subprocess.run(
        [python, "-c", VERIFY],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[bool] = json.loads(done.stdout)
    return found
