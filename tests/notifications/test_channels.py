"""Are the ways out found because they lie in their folder?"""

from pathlib import Path

import pytest

from notifications import channels
from notifications.channel import Channel, Wiring


def test_each_file_in_the_folder_is_a_kind() -> None:
    files = {path.stem for path in Path(channels.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(channels.kinds()) == files
    assert {"email", "operators_hook", "webhook"} <= files


@pytest.mark.parametrize("kind", channels.kinds().values(), ids=channels.kinds())
async def test_each_kind_opens_from_the_same_wiring_and_closes(kind: type[Channel]) -> None:
    async with kind.wired(Wiring()) as channel:
        assert channel.schemes == kind.schemes


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("mailto:oncall@acme.example", "email"),
        ("https://hooks.acme.example/x", "operators_hook"),
        ("HTTP://hooks.acme.example/x", "operators_hook"),
        ("gopher://acme.example", None),
        ("", None),
    ],
)
def test_which_kind_serves_an_address(url: str, kind: str | None) -> None:
    assert channels.kind_for(url) == kind


def test_no_two_kinds_claim_one_scheme() -> None:
    schemes = [scheme for kind in channels.kinds().values() for scheme in kind.schemes]
    assert len(schemes) == len(set(schemes))
