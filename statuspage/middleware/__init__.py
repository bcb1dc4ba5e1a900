"""How does an application show the notice by itself, with no proxy in front that asks the gate?

It is wrapped: ``AsgiGate`` for FastAPI, Starlette and Django's ASGI, ``WsgiGate`` for Flask and
Django's WSGI. This package runs in other people's processes. So it imports nothing of Avviso but
itself, nothing beyond the standard library and httpx, and whatever goes wrong in it, the
application is served as if it were not there.
"""

from statuspage.middleware.asgi import AsgiGate
from statuspage.middleware.wsgi import WsgiGate

__all__ = ["AsgiGate", "WsgiGate"]
