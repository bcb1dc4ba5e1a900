"""Does installing the tests' programs leave the machine as it was, but for the programs?"""

import stat
import subprocess
from pathlib import Path

import pytest

from tests.servers import install, programs
from tests.servers.programs import Program

THEIRS = "#!/bin/sh\nexit 0\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Where Debian would look for policy-rc.d."""
    return tmp_path / "policy-rc.d"


def test_no_service_starts_meanwhile(policy: Path) -> None:
    with install.services_kept_still(policy):
        assert subprocess.run([policy], check=False).returncode == 101
    assert not policy.exists()


def test_a_policy_from_before_is_put_back_with_its_rights(policy: Path) -> None:
    policy.write_text(THEIRS)
    policy.chmod(0o750)
    with install.services_kept_still(policy):
        assert subprocess.run([policy], check=False).returncode == 101
    assert policy.read_text() == THEIRS
    assert stat.S_IMODE(policy.stat().st_mode) == 0o750


def test_it_is_put_back_when_the_install_fails(policy: Path) -> None:
    policy.write_text(THEIRS)
    with pytest.raises(OSError, match="no room"), install.services_kept_still(policy):
        raise OSError("no room")
    assert policy.read_text() == THEIRS


@pytest.mark.parametrize("theirs", [THEIRS, None])
def test_what_a_killed_install_left_is_cleared_by_the_next(
    policy: Path, theirs: str | None
) -> None:
    if theirs:
        policy.write_text(theirs)
    install.services_kept_still(policy).__enter__()  # and never left
    with install.services_kept_still(policy):
        pass
    assert (policy.read_text() if policy.exists() else None) == theirs


def test_only_what_is_missing_is_installed() -> None:
    here, gone = Program("here", ("/bin/sh",)), Program("gone", ("/usr/bin/no-such-program",))
    assert programs.missing((here, gone, gone)) == ["gone"]


def test_the_newest_release_is_run(tmp_path: Path) -> None:
    for release in ("9.6", "15", "17"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "postgres").touch()
    found = Program("postgresql", (f"{tmp_path}/*/bin/postgres",)).found()
    assert found == tmp_path / "17" / "bin" / "postgres"


def test_who_may_not_install_is_told_what_to_ask_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "missing", lambda: ["nginx", "redis-server"])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert install.main() == 1
    assert "apt-get install --no-install-recommends nginx redis-server" in capsys.readouterr().err
