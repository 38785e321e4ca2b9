"""Use cases of limits. They are counted in the reporting currency (USDT); what an order is worth is its quantity at its worst price.

A customer's day counts the orders placed in it: what was filled, and what of them is still open. Orders of a customer with a limit wait
for each other, so that two at once cannot both pass.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.controls.service import require_target
from broker.controls.states import Scope
from broker.limits import errors, queries
from broker.limits.worth import REPORTING, value_of, value_or_none
from identity.audit import service as audit
from kernel import db
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from markets.instruments.service import Instrument


def count(
    tx: Tx,
    *,
    owner: UUID,
    order_id: UUID,
    instrument: Instrument,
    side: str,
    quantity: Decimal,
    price: Decimal,
    level_per_day: Decimal | None = None,
) -> None:
    """Count an order, new or with new terms, against its customer's limits. A step before balances are locked.

    Args:
        level_per_day: what customers known this well may trade in a day, beside the limits of `set_limits`.

    Raises:
        OrderTooLarge, DayLimitExceeded, ValueUnknown: the order is denied.
    """
    limits = queries.of_customer(tx, owner)
    per_order = limits.per_order if limits is not None else None
    both = [limits.per_day if limits is not None else None, level_per_day]
    per_day = min((limit for limit in both if limit is not None), default=None)
    if per_order is None and per_day is None:
        return
    worth = _worth(instrument.base, instrument.quote, side, quantity=quantity, cost=quantity * price)
    if per_order is not None and worth > per_order:
        raise errors.OrderTooLarge(limit=canonical(per_order), currency=REPORTING)
    if per_day is None:
        return
    queries.one_at_a_time(tx, f"customer:{owner}")
    placed = queries.placed_today(tx, owner, except_order=order_id)
    so_far = sum(
        (
            row.filled * value_of(row.quote_asset)
            + _worth(row.base_asset, row.quote_asset, row.side, quantity=row.open_quantity, cost=row.open_cost)
            for row in placed
        ),
        Decimal(0),
    )
    if so_far + worth > per_day:
        left = max(per_day - so_far, Decimal(0))
        raise errors.DayLimitExceeded(limit=canonical(per_day), left=canonical(left), currency=REPORTING)


def _worth(base: str, quote: str, side: str, *, quantity: Decimal, cost: Decimal) -> Decimal:
    """What it costs at its worst price; a sale brings what the market pays, however low its limit lies."""
    at_worst = cost * value_of(quote)
    return at_worst if side == "buy" else max(at_worst, quantity * (value_or_none(base) or Decimal(0)))


def set_limits(
    *,
    tenant: UUID,
    actor: UUID,
    scope: Scope,
    target: str,
    per_order: Decimal | None = None,
    per_day: Decimal | None = None,
    outstanding: Decimal | None = None,
) -> None:
    """Set what is given and remove the rest; a row without any limit goes. Customer '' is everybody without limits of his own.

    Raises:
        TargetUnknown: there is no such customer or venue.
        LimitInvalid: a limit that this kind does not have, or one that is not positive.
    """
    given = {"per_order": per_order, "per_day": per_day, "outstanding": outstanding}
    fits = outstanding is None if scope is Scope.CUSTOMER else per_order is None and per_day is None
    if scope not in {Scope.CUSTOMER, Scope.VENUE} or not fits or any(v is not None and v <= 0 for v in given.values()):
        raise errors.LimitInvalid
    with db.transaction(tenant=tenant) as tx:
        if not (scope is Scope.CUSTOMER and target == ""):
            require_target(tx, scope, target)
        known = queries.one(tx, scope=scope.value, target=target)
        if any(value is not None for value in given.values()):
            row: dict[str, Any] = {"scope": scope.value, "target": target, "actor": actor, **given}
            queries.store(tx, row)
        else:
            queries.remove(tx, scope=scope.value, target=target)
        before = dict.fromkeys(given) if known is None else dict(known._mapping)  # noqa: SLF001  the row's documented view
        audit.record(
            tx, "limits.set", kind="limits", resource=f"{scope.value}:{target}", before=before, after=given, actor=actor,
            was=before, now=given,
        )  # fmt: skip


def list_limits(tenant: UUID) -> list[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.all_limits(tx)
