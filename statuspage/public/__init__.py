"""What may visitors send us? Forms and personal links; everything else they only read."""

from __future__ import annotations

from fastapi import FastAPI

from statuspage.public import hooks, subscribe, subscriptions


def include(app: FastAPI) -> None:
    """Mount the visitors' doors. ``app.state.premises`` must be there."""
    for door in (subscribe, subscriptions, hooks):
        app.include_router(door.router)


__all__ = ["include"]
