"""The day's statistics over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from identity.auth import Principal, requires
from identity.permissions import Permission
from markets.stats import service
from markets.stats.schemas import StatsOut

router = APIRouter(prefix="/v1/markets", tags=["markets"])


@router.get("/{symbol}/stats")
def stats(
    symbol: Annotated[str, Path(max_length=32)],
    _principal: Annotated[Principal, requires(Permission.MARKETS_READ)],
) -> StatsOut:
    """The last 24 hours over all venues; at most a second old."""
    return StatsOut.model_validate(service.of(symbol))
