"""How does a long list come in pieces?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

View = TypeVar("View", bound=BaseModel)


class Listed(BaseModel, Generic[View]):
    """``total`` of all pieces; ``next`` is the path of the next one."""

    items: list[View]
    total: int
    next: str | None = Field(description="the path of the next piece")


def listed(
    items: Sequence[View], total: int, request: Request, offset: int, limit: int
) -> Listed[View]:
    further = offset + len(items)
    url = request.url.include_query_params(offset=further, limit=limit)
    ahead = f"{url.path}?{url.query}" if items and further < total else None
    return Listed(items=list(items), total=total, next=ahead)


async def count(session: AsyncSession, rows: sa.Select[Any]) -> int:
    """How many rows there are in all pieces."""
    found = await session.scalar(sa.select(sa.func.count()).select_from(rows.subquery()))
    return int(found or 0)
