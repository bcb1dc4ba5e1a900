"""Is a kind found because its file lies in the folder, or because a package announces it?"""

from importlib import metadata
from pathlib import Path
from typing import ClassVar

import pytest

from checks import probes
from checks.line import Line
from checks.probe import Probe
from checks.result import Result


class Foreign(Probe):
    kind: ClassVar[str] = "foreign"

    async def look(self, line: Line) -> Result:
        raise NotImplementedError


def announce(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    entry = metadata.EntryPoint(name, f"{__name__}:{name}", probes.GROUP)
    monkeypatch.setattr(entry.__class__, "load", lambda _: globals()[name])
    monkeypatch.setattr(
        metadata, "entry_points", lambda group: (entry,) if group == probes.GROUP else ()
    )
    probes.kinds.cache_clear()
    monkeypatch.setattr(probes, "kinds", probes.kinds.__wrapped__)


def test_each_file_is_a_kind_of_its_name() -> None:
    files = {path.stem for path in Path(probes.__file__).parent.glob("[a-z]*.py")}
    assert set(probes.kinds()) == files >= {"http", "tcp", "postgresql", "mysql", "redis"}


def test_another_package_may_announce_one(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "Foreign")
    assert probes.kinds()["foreign"] is Foreign


def test_what_is_announced_must_be_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, "announce")
    with pytest.raises(TypeError, match="no kind of probe"):
        probes.kinds()


@pytest.mark.parametrize("kind", probes.kinds().values(), ids=list(probes.kinds()))
def test_a_kind_refuses_what_it_does_not_know_and_stays_as_it_is(kind: type[Probe]) -> None:
    assert kind.model_config["extra"] == "forbid"
    assert kind.model_config["frozen"]
    assert not {"id", "kind", "interval", "timeout", "server"} & set(kind.model_fields)
