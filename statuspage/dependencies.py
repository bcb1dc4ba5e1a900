"""What do all doors share, and who is asking?

The premises are made once, where the program is put together, and hang on the
application: a door takes what it needs from them and keeps nothing of its own. Only
here, in the scheduler and in the cli is anybody asked what time it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from statuspage.premises import Premises
from statuspage.rules import limits


def premises(request: Request) -> Premises:
    """Those of the application that was asked."""
    found: Premises = request.app.state.premises
    return found


def now(request: Request) -> datetime:
    """When the request is answered: one time for all that it does."""
    return premises(request).clock()


def client_address(request: Request) -> str:
    """Who really asks, as seen through ``[server] trusted_proxies`` only; several
    ``X-Forwarded-For`` lines are one list (RFC 9110 5.3).
    """
    proxies = [str(network) for network in premises(request).settings.server.trusted_proxies]
    forwarded = ", ".join(request.headers.getlist("x-forwarded-for")) or None
    peer = request.client.host if request.client else None
    return limits.client_address(peer, forwarded, proxies)


AtDoor = Annotated[Premises, Depends(premises)]
Now = Annotated[datetime, Depends(now)]
ClientAddress = Annotated[str, Depends(client_address)]
