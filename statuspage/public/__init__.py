"""What may visitors send us? Forms and personal links; everything else they only read."""

from __future__ import annotations

from fastapi import FastAPI

from statuspage.public import subscriptions


def include(app: FastAPI) -> None:
    """Mount the visitors' doors. ``app.state.premises`` must be there."""
    app.include_router(subscriptions.router)


__all__ = ["include"]
