"""Making a child: reserve at a venue, write the venue order, ask the lane of that venue to send it. All in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from broker.orders import queries
from broker.routing.rules import Candidate
from kernel import clock
from kernel.calls import service as calls
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical, ceil_to_scale
from payments.assets import service as assets
from venues import coids
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.service import Shortage

PLACE = "venues.place"
SEND_WITHIN_S = 5.0


def lane_of(tenant: UUID, venue: str) -> str:
    """One lane per venue key; a venue account belongs to one tenant."""
    return f"{venue}:{tenant}"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an attempt: the child's venue, or None with the shortages that stood in the way."""

    venue: str | None
    shortages: tuple[Shortage, ...]


def send_child(
    tx: Tx, *, order_id: UUID, symbol: str, side: str, base: str, quote: str, candidates: Sequence[Candidate]
) -> Sent:
    """Take the first candidate whose funds suffice. Shortages are noted by the caller: in this transaction or in one of its own."""
    shortages = []
    for candidate in candidates:
        asset, amount = reservation(candidate, side=side, base=base, quote=quote)
        short = funds.reserve(tx, venue=candidate.venue, asset=asset, amount=amount)
        if short is not None:
            shortages.append(short)
            continue
        _write(tx, order_id=order_id, symbol=symbol, side=side, candidate=candidate, asset=asset, amount=amount)
        return Sent(candidate.venue, tuple(shortages))
    return Sent(None, tuple(shortages))


def reservation(candidate: Candidate, *, side: str, base: str, quote: str) -> tuple[str, Decimal]:
    """What the venue may take from us at worst: (asset, amount), the venue's fee included."""
    if side == "sell":
        return base, candidate.quantity
    worst = candidate.quantity * candidate.limit_price * (1 + candidate.venue_fee_rate)
    return quote, ceil_to_scale(worst, assets.scale(quote))


def _write(
    tx: Tx, *, order_id: UUID, symbol: str, side: str, candidate: Candidate, asset: str, amount: Decimal
) -> None:
    child_id, number = uuid7(), coids.take(tx)[0]
    coid = coids.for_venue(candidate.venue, number)
    queries.insert_child(
        tx,
        {
            "id": child_id,
            "order_id": order_id,
            "venue": candidate.venue,
            "coid_number": number,
            "client_order_id": coid,
            "symbol": symbol,
            "side": side,
            "quantity": candidate.quantity,
            "limit_price": candidate.limit_price,
            "seen_price": candidate.seen,
            "reserved_asset": asset,
            "reserved": amount,
        },
    )
    calls.request(
        tx,
        lane=lane_of(tx.tenant_id, candidate.venue),
        kind=PLACE,
        ref=coid,
        deadline=clock.wall() + timedelta(seconds=SEND_WITHIN_S),
        payload={
            "order_id": str(order_id),
            "child_id": str(child_id),
            "coid_number": number,
            "symbol": symbol,
            "side": side,
            "quantity": canonical(candidate.quantity),
            "limit_price": canonical(candidate.limit_price),
        },
    )
