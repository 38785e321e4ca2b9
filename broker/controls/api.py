"""Controls over HTTP: treasury and administrators set them, compliance and support read along, everybody sees maintenance."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from broker.controls import service
from broker.controls.schemas import (
    ControlIn,
    ControlOut,
    ControlsOut,
    GuardsIn,
    GuardsOut,
    LiftIn,
    LimitsIn,
    LimitsOut,
    ToxicityIn,
    ToxicityOut,
    VenueOut,
    WindowIn,
    WindowOut,
)
from broker.controls.states import Scope
from broker.limits import service as limits
from broker.toxicity import service as toxicity
from broker.toxicity.states import ToxicityClass
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor
from markets.guards import service as guards
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from venues.accounts import VENUES

router = APIRouter(prefix="/v1/controls", tags=["controls"])
maintenance = APIRouter(prefix="/v1/maintenance", tags=["controls"])
Reader = Annotated[Principal, requires(Permission.CONTROLS_READ)]
Writer = Annotated[Principal, requires(Permission.CONTROLS_WRITE)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]
Symbol = Annotated[str, Path(max_length=32)]


@router.get("")
def controls(principal: Reader) -> ControlsOut:
    """All that holds now."""
    switches, windows, pauses = service.live(principal.tenant_id)
    paused = {row.venue: row.until for row in pauses}
    return ControlsOut(
        switches=[ControlOut.model_validate(row) for row in switches],
        windows=[WindowOut.model_validate(row) for row in windows],
        limits=[LimitsOut.model_validate(row) for row in limits.list_limits(principal.tenant_id)],
        markets=[_guards(instrument.symbol) for instrument in instruments.list_markets()],
        venues=[
            VenueOut(
                venue=venue,
                open=venue not in paused and service.venue_open(venue, tenant=principal.tenant_id),
                paused_until=paused.get(venue),
            )
            for venue in sorted(VENUES)
        ],
    )


@router.post("", status_code=201, responses={200: {"model": ControlOut}})
def set_control(body: ControlIn, response: Response, key: IdempotencyKey, principal: Writer) -> ControlOut:
    """Stop trading somewhere. Every process knows within a second; `cancel_all` then cancels what is open."""
    done = service.set_switch(
        tenant=principal.tenant_id, actor=principal.id, scope=body.scope, target=body.target, mode=body.mode,
        reason=body.reason, until=body.until, key=key,
    )  # fmt: skip
    return _switch(response, principal, done)


@router.get("/history")
def history(principal: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[ControlOut]:
    """Every kill switch there ever was, newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    rows = service.history(principal.tenant_id, before=before, limit=limit + 1)
    shown = [ControlOut.model_validate(row) for row in rows[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > limit else None)


@router.post("/windows", status_code=201, responses={200: {"model": WindowOut}})
def announce(body: WindowIn, response: Response, key: IdempotencyKey, principal: Writer) -> WindowOut:
    """Announce a maintenance of a venue or a market. A venue is not even asked while it lasts."""
    done = service.announce(
        tenant=principal.tenant_id, actor=principal.id, scope=Scope(body.scope), target=body.target,
        starts_at=body.starts_at, ends_at=body.ends_at, reason=body.reason, key=key,
    )  # fmt: skip
    if done.replayed:
        response.status_code = 200
    return WindowOut.model_validate(service.get_window(principal.tenant_id, done.id))


@router.post("/windows/{id}/end")
def end_window(id: UUID, key: IdempotencyKey, principal: Writer) -> WindowOut:  # noqa: A002  the name in the path
    """End a maintenance early, or take back its announcement."""
    service.end_window(tenant=principal.tenant_id, actor=principal.id, window_id=id, key=key)
    return WindowOut.model_validate(service.get_window(principal.tenant_id, id))


@router.put("/limits")
def set_limits(body: LimitsIn, principal: Writer) -> Page[LimitsOut]:
    """Set the limits of a customer, of all others, or of a venue; the answer lists all that stand."""
    limits.set_limits(
        tenant=principal.tenant_id, actor=principal.id, scope=Scope(body.scope), target=body.target, per_order=body.per_order,
        per_day=body.per_day, outstanding=body.outstanding,
    )  # fmt: skip
    rows = limits.list_limits(principal.tenant_id)
    return Page(items=[LimitsOut.model_validate(row) for row in rows], next_cursor=None)


@router.patch("/markets/{symbol}")
def set_guards(symbol: Symbol, body: GuardsIn, principal: Writer) -> GuardsOut:
    """Change the bands of a market, how old a quote may be, and how far its spread widens with volatility."""
    guards.set_guards(symbol, tenant=principal.tenant_id, **body.given())
    return _guards(symbol)


@router.get("/toxicity")
def customers(
    principal: Reader,
    only: Annotated[ToxicityClass | None, Query(alias="class")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ToxicityOut]:
    """Customers with markouts: what their fills gained soon after, and the class that follows."""
    after = decode_cursor(cursor, UUID) if cursor else None
    rows = toxicity.list_customers(principal.tenant_id, after=after, limit=limit + 1, only=only)
    shown = [ToxicityOut.model_validate(row) for row in rows[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].customer_id) if len(rows) > limit else None)


@router.put("/toxicity/{id}")
def set_toxicity(id: UUID, body: ToxicityIn, principal: Writer) -> ToxicityOut:  # noqa: A002  the name in the path
    """Decide a customer's class, or let it follow what is measured again."""
    row = toxicity.override(
        tenant=principal.tenant_id, actor=principal.id, customer=id, chosen=body.chosen, reason=body.reason
    )
    return ToxicityOut.model_validate(row)


@router.post("/{id}/lift")
def lift(id: UUID, body: LiftIn, key: IdempotencyKey, principal: Writer) -> ControlOut:  # noqa: A002  the name in the path
    """Let trading go on."""
    service.lift(tenant=principal.tenant_id, actor=principal.id, control_id=id, reason=body.reason, key=key)
    return ControlOut.model_validate(service.get_switch(principal.tenant_id, id))


@router.get("/{id}")
def control(id: UUID, principal: Reader) -> ControlOut:  # noqa: A002  the name in the path
    return ControlOut.model_validate(service.get_switch(principal.tenant_id, id))


@maintenance.get("")
def announced(principal: Annotated[Principal, requires(Permission.MARKETS_READ)]) -> Page[WindowOut]:
    """Maintenance that goes on or is announced."""
    return Page(
        items=[WindowOut.model_validate(window) for window in service.windows(principal.tenant_id)], next_cursor=None
    )


def _switch(response: Response, principal: Principal, done: Any) -> ControlOut:
    if done.replayed:
        response.status_code = 200
    return ControlOut.model_validate(service.get_switch(principal.tenant_id, done.id))


def _guards(symbol: str) -> GuardsOut:
    found = guards.of(symbol)
    try:
        volatility = quotes.load(symbol).composite.volatility
    except QuotesUnavailable:
        volatility = None
    return GuardsOut(
        symbol=symbol, band=found.band, wide_band=found.wide_band, max_quote_age_ms=found.max_quote_age_ms, calm=found.calm,
        widening=found.widening, widest=found.widest, volatility=volatility, extra_spread=guards.extra_spread(found, volatility),
    )  # fmt: skip
