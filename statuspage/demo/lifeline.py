"""How does a child of the demo make sure that it does not outlive it?

The demo stops its children by itself. When it is killed it cannot, and the kernel does:
prctl(2), PR_SET_PDEATHSIG. Systems without it have only the first way.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """From now on SIGKILL comes when the process ``parent``, which started us, ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    # it may have ended before we asked: then nobody will tell us
    if os.getppid() != parent:
        os._exit(0)
