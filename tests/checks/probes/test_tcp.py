"""Does the tcp probe know an open port from a closed one?"""

import pytest
from pydantic import ValidationError

from checks.network import Network
from checks.probes.tcp import Tcp
from checks.result import Fault, Grade
from tests.checks.chaos import listening, silence
from tests.checks.conftest import PATIENCE


async def test_open_and_closed(network: Network) -> None:
    async with listening(silence) as target:
        open_ = await Tcp(host="127.0.0.1", port=target.port).run(network, PATIENCE)
    closed = await Tcp(host="localhost", port=target.port).run(network, PATIENCE)
    assert (open_.grade, open_.says) == (
        Grade.WELL,
        f"127.0.0.1:{target.port} accepts connections.",
    )
    assert (closed.fault, closed.reached) == (Fault.REFUSED, False)


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 1), ("a b", 1), ("http://a", 1), ("a@b", 1), ("a", 0), ("a", 65536), ("a" * 300, 1)],
)
def test_wrong_places(host: str, port: int) -> None:
    with pytest.raises(ValidationError):
        Tcp(host=host, port=port)
