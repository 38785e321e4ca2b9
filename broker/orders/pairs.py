"""One cancels the other: a limit and a stop of one side and size on one hold.

Both rest, and only one may be at work: while the limit's order is at a venue the stop waits, and if nothing was had there both stand as
before. The first fill, a reached stop, a cancel or a date ends the other leg in the same transaction. That the pair can never sell twice
does not hang on this program alone: the database keeps one leg at work, and both capture the one hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from broker.orders import errors, queries, service
from broker.orders.states import OrderType
from broker.orders.wishes import Wish
from kernel import commands, db
from kernel.db import Tx
from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWish:
    """A pair as it is asked for; with `stop_limit_price` its stop leg is a stop-limit order."""

    symbol: str
    side: str
    quantity: Decimal
    venue: str
    limit_price: Decimal
    stop_price: Decimal
    stop_limit_price: Decimal | None
    time_in_force: str
    expires_at: datetime | None
    limit_client_order_id: str | None
    stop_client_order_id: str | None

    def legs(self) -> tuple[Wish, Wish]:
        limit = Wish(
            symbol=self.symbol, side=self.side, type=OrderType.LIMIT.value, quantity=self.quantity, quote_quantity=None,
            limit_price=self.limit_price, venue=self.venue, time_in_force=self.time_in_force, expected_price=None,
            tolerance=Decimal(0), client_order_id=self.limit_client_order_id, expires_at=self.expires_at,
        )  # fmt: skip
        kind = OrderType.STOP if self.stop_limit_price is None else OrderType.STOP_LIMIT
        stop = replace(
            limit, type=kind.value, limit_price=self.stop_limit_price, stop_price=self.stop_price,
            client_order_id=self.stop_client_order_id,
        )  # fmt: skip
        return limit, stop


def place(
    *, tenant: UUID, owner: UUID, wish: PairWish, group_id: UUID, key: str | None, fingerprint: bytes
) -> commands.Outcome:
    """Accept both legs or none; the outcome names the pair.

    Raises:
        InvalidCombination: the limit does not lie on the other side of the market than the stop.
        WouldExecute, WouldTrigger: one of them would not wait.
        DomainError: every denial of a single order.
    """
    tickets = _tickets(wish, tenant=tenant, owner=owner)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        if isinstance(tickets, DomainError):
            raise tickets
        dearest = max(tickets, key=lambda ticket: ticket.hold_amount)
        hold_id = None
        for leg, ticket in zip(wish.legs(), tickets, strict=True):
            hold_id = service.accept(
                tx,
                owner=owner,
                wish=leg,
                ticket=replace(ticket, hold_amount=dearest.hold_amount),
                order_id=uuid7(),
                shortages=[],
                hold_id=hold_id,
                group_id=group_id,
            )
        return "pair", group_id

    return commands.run(
        tenant=tenant, principal=owner, route="POST /v1/orders/oco", key=key, fingerprint=fingerprint, fn=use_case
    )


def _tickets(wish: PairWish, *, tenant: UUID, owner: UUID) -> tuple[service.Ticket, service.Ticket] | DomainError:
    limit, stop = wish.legs()
    apart = wish.limit_price > wish.stop_price if wish.side == "sell" else wish.limit_price < wish.stop_price
    if not apart:
        return errors.InvalidCombination(
            "a pair's limit lies where it is worth more than its stop", field="limit_price"
        )
    made = [service.ticket_or_denial(leg, tenant=tenant, owner=owner) for leg in (limit, stop)]
    for each in made:
        if isinstance(each, DomainError):
            return each
    first, second = made
    assert isinstance(first, service.Ticket)
    assert isinstance(second, service.Ticket)
    return errors.WouldExecute() if first.plan is not None else (first, second)


def read(*, tenant: UUID, owner: UUID, group_id: UUID) -> list[service.OrderView]:
    """Both legs as they are now.

    Raises:
        NotFound: no such pair of this customer.
    """
    with db.read_only(tenant=tenant) as tx:
        legs = queries.group(tx, group_id)
    if not legs:
        raise NotFound
    return [service.read_order(tenant=tenant, owner=owner, order_id=leg) for leg in legs]
