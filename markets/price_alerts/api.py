"""Price alerts over HTTP: a customer's own."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import commands
from kernel.http import IdempotencyKey, Page, cut, decode_cursor
from markets.price_alerts import service
from markets.price_alerts.schemas import PriceAlertIn, PriceAlertOut
from markets.price_alerts.service import Wish

router = APIRouter(prefix="/v1/price-alerts", tags=["price alerts"])
Owner = Annotated[Principal, requires(Permission.ALERTS_WRITE)]


@router.post("", status_code=201, responses={200: {"model": PriceAlertOut}})
def make_price_alert(body: PriceAlertIn, response: Response, key: IdempotencyKey, principal: Owner) -> PriceAlertOut:
    """Tell me when the composite crosses a price; one event for each crossing."""
    made = service.make(
        tenant=principal.tenant_id,
        owner=principal.id,
        wish=Wish(**body.model_dump()),
        key=key,
        fingerprint=commands.fingerprint(body.model_dump(mode="json")),
    )
    if made.replayed:
        response.status_code = 200
    return get_price_alert(made.id, principal)


@router.get("")
def list_price_alerts(
    principal: Owner,
    symbol: Annotated[str | None, Query(max_length=32)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PriceAlertOut]:
    before = decode_cursor(cursor, UUID) if cursor else None
    alerts = service.list_alerts(
        tenant=principal.tenant_id, owner=principal.id, symbol=symbol, before=before, limit=limit + 1
    )
    alerts, more = cut(alerts, limit, lambda one: one.id)
    return Page(items=[PriceAlertOut.model_validate(alert) for alert in alerts], next_cursor=more)


@router.get("/{id}")
def get_price_alert(id: UUID, principal: Owner) -> PriceAlertOut:  # noqa: A002  the name in the path
    return PriceAlertOut.model_validate(
        service.read(tenant=principal.tenant_id, owner=principal.id, alert_id=id)
    )  # fmt: skip


@router.delete("/{id}", status_code=204)
def cancel_price_alert(id: UUID, principal: Owner) -> None:  # noqa: A002  the name in the path
    """It fires no more; cancelling it again is a 404."""
    service.cancel(tenant=principal.tenant_id, owner=principal.id, alert_id=id)
