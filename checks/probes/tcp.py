"""Does anybody accept a TCP connection there?"""

from __future__ import annotations

from typing import ClassVar

from checks.line import Line
from checks.places import Host, Port
from checks.probe import Probe, answered
from checks.result import Result


class Tcp(Probe):
    """Connects and hangs up; not a byte is exchanged."""

    kind: ClassVar[str] = "tcp"

    host: Host
    port: Port

    async def look(self, line: Line) -> Result:
        connected = await line.dial(self.host, self.port)
        connected.close()
        return answered(line, f"{line.place} accepts connections.")
