"""How do the programs that the tests need get onto this machine, and nothing else?

Run by `make test`. Installs what is missing, without recommended extras and without letting a
package start its service: Debian asks `policy-rc.d` first, and for the length of the install ours
says no. A `policy-rc.d` that was there before is put back, also when the install fails.
Only the standard library is used here: this runs before anything else is known to work.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.programs import missing

POLICY = Path("/usr/sbin/policy-rc.d")
REFUSE_STARTS = "#!/bin/sh\n# Written by Avviso's tests for the length of an install.\nexit 101\n"
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
NO_CLUSTER = "# Written by Avviso's tests.\ncreate_main_cluster = false\n"
POSTFIX_ANSWER = "postfix postfix/main_mailer_type select No configuration\n"


def main() -> int:
    """Install what is missing; return the exit code."""
    packages = missing()
    if not packages:
        return 0
    if os.geteuid() == 0:
        return install(packages)
    if shutil.which("sudo") and _sudo_may_answer():
        return subprocess.call(["sudo", sys.executable, "-m", "tests.servers.install"])
    print(
        "The tests run real servers, and this user may not install them. Ask an administrator for:",
        f"apt-get install --no-install-recommends {' '.join(packages)}",
        sep="\n  ",
        file=sys.stderr,
    )
    return 1


def install(packages: list[str]) -> int:
    """Install Debian packages as root, starting nothing; return the exit code.

    The package lists are fetched first: on a fresh machine there are none.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the policy is put back then too
    _answer_beforehand(packages)
    with services_kept_still():
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", *packages)
    still = missing()
    if still:
        print(f"Installed, and yet not found: {', '.join(still)}", file=sys.stderr)
    return 1 if still else 0


@contextmanager
def services_kept_still(policy: Path = POLICY) -> Iterator[None]:
    """While the block runs, packages start no service; afterwards all is as it was."""
    saved = policy.with_name(policy.name + ".before-avviso")
    if policy.exists() and policy.read_text() != REFUSE_STARTS:  # ours: an install was killed here
        policy.rename(saved)
    policy.write_text(REFUSE_STARTS)
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)
        if saved.exists():
            saved.rename(policy)


def _sudo_may_answer() -> bool:
    """Either somebody is there to type a password, or none is asked for."""
    if sys.stdin.isatty():
        return True
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _answer_beforehand(packages: list[str]) -> None:
    """Settle what the packages would ask: no mail system set up, no cluster created."""
    if "postfix" in packages:
        subprocess.run(["debconf-set-selections"], input=POSTFIX_ANSWER, text=True, check=True)
    if "postgresql" in packages and not CLUSTERS.exists():
        CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
        CLUSTERS.write_text(NO_CLUSTER)


def _apt(*arguments: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "UCF_FORCE_CONFFOLD": "1"}
    waits = ("-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold", "-q")
    subprocess.run(["apt-get", *waits, *arguments], env={**os.environ, **quiet}, check=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{' '.join(failed.cmd)} failed with exit code {failed.returncode}")
