"""What a liquidation sells next, from its rows alone: the same rows give the same answer, before and after a crash, in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.money import ceil_to, floor_to
from lending.liquidation.record import Grid, Liquidation, Sale, Want, left_of, proceeds_of
from lending.liquidation.rules import quantity_to_earn, still_to_earn
from lending.liquidation.states import Cause
from lending.products.terms import Fee, Terms

ZERO = Decimal(0)


def fee_of(liquidation: Liquidation, terms: Terms) -> Fee:
    """Who asked for the sale is charged no liquidation fee."""
    return Fee() if liquidation.cause is Cause.CUSTOMER else terms.liquidation_fee


def goal(liquidation: Liquidation) -> Decimal:
    """What a customer who repays from the collateral wants it to bring."""
    return liquidation.owed.total if liquidation.wanted is None else min(liquidation.wanted, liquidation.owed.total)


def missing(liquidation: Liquidation, sales: Sequence[Sale], terms: Terms, *, scale: int) -> Decimal:
    """What the sales must still bring. `scale` is the lent asset's."""
    earned = proceeds_of(sales)
    if liquidation.cause is Cause.CUSTOMER:
        return max(goal(liquidation) - earned, ZERO)
    return still_to_earn(liquidation.owed, earned, fee_of(liquidation, terms), scale=scale)


def wants(
    liquidation: Liquidation, sales: Sequence[Sale], terms: Terms, grids: Mapping[str, Grid], *, scale: int
) -> list[Want]:
    """What could be sold now, the asset of which the largest part is left first; nothing once enough was earned or only dust is left."""
    gap = missing(liquidation, sales, terms, scale=scale)
    if gap == 0:
        return []
    found = [_want(liquidation, sales, terms, grids[asset], asset, gap) for asset in sorted(liquidation.plan)]
    part_left = {
        a: left_of(liquidation, sales, a) / liquidation.plan[a].sell for a in liquidation.plan if _sells(liquidation, a)
    }
    return sorted((want for want in found if want is not None), key=lambda want: -part_left[want.asset])


def _sells(liquidation: Liquidation, asset: str) -> bool:
    return liquidation.plan[asset].sell > 0


def _want(
    liquidation: Liquidation, sales: Sequence[Sale], terms: Terms, grid: Grid, asset: str, gap: Decimal
) -> Want | None:
    target, left = liquidation.plan[asset], left_of(liquidation, sales, asset)
    if floor_to(left, grid.lot) < grid.smallest:
        return None
    brings = max(target.floor, target.price * (1 - terms.expected_cost))
    enough = ceil_to(quantity_to_earn(gap, price=brings, cost=ZERO, scale=18), grid.lot)
    quantity = min(enough, ceil_to(target.sell / terms.slices, grid.lot))
    quantity = min(max(quantity, grid.smallest), left)
    if quantity < enough and left - quantity < grid.smallest:
        quantity = left  # or the rest could never be sold
    return Want(asset=asset, quantity=floor_to(quantity, grid.lot), floor=target.floor)
