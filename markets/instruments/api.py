"""Markets over HTTP: everybody looks, an administrator changes the modes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.paging import Page
from markets.instruments import service
from markets.instruments.schemas import MarketOut, MarketPatch

router = APIRouter(prefix="/v1/markets", tags=["markets"])


@router.get("")
def list_markets(_principal: Annotated[Principal, requires(Permission.MARKETS_READ)]) -> Page[MarketOut]:
    return Page(items=[MarketOut.model_validate(i) for i in service.list_markets()], next_cursor=None)


@router.patch("/{symbol}")
def change_market(
    symbol: Annotated[str, Path(max_length=32)],
    body: MarketPatch,
    principal: Annotated[Principal, requires(Permission.MARKETS_WRITE)],
) -> MarketOut:
    """Set how orders of this market trigger and fill, our spread on the venues' prices, or pause it."""
    changed = service.set_modes(
        symbol, trigger=body.trigger, fill=body.fill, status=body.status, markup=body.markup, tenant=principal.tenant_id
    )
    return MarketOut.model_validate(changed)
