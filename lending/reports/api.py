"""The loan book over HTTP, for those who answer for it; customers see their own loans elsewhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import InvalidRequest
from kernel.http import problem_responses
from kernel.money import floor_to_scale, half_even_fraction
from lending.loans.rules import ZERO
from lending.loans.states import Level
from lending.prices import Observed
from lending.reports import service
from lending.reports.rules import EDGES, UNPRICED, Group, Pair, Scenario, Sum, sums
from lending.reports.schemas import (
    BookCollateralOut,
    BucketOut,
    EarnedOut,
    FundingOut,
    GroupOut,
    LevelCountOut,
    LevelGroupOut,
    LoanBookOut,
    LossOut,
    PointOut,
    PoolOut,
    ProductGroupOut,
    SaleOut,
    SellingOut,
    StressIn,
    StressOut,
    ToSellOut,
)
from payments.assets import service as assets

router = APIRouter(prefix="/v1/lending", tags=["lending"])
_MOST_SALES = 20


@router.get("/book")
def book(principal: Annotated[Principal, requires(Permission.LENDING_READ)]) -> LoanBookOut:
    """All running loans: by health, level, product and asset, with their collateral, their funding and what they earned."""
    found = service.book(principal.tenant_id)
    made = sums(found.live, found.prices)
    return LoanBookOut(
        as_of=found.as_of,
        loans=len(found.live.entries),
        unsecured=found.unsecured,
        totals=[GroupOut(**_group(asset, group)) for asset, group in sorted(made.assets.items())],
        products=[
            ProductGroupOut(product_id=product.id, version=product.version, name=product.name, **_group(product.asset, group))
            for product, group in sorted(made.products.values(), key=lambda each: (each[0].name, each[0].version))
        ],
        buckets=[_bucket(asset, at, group) for (asset, at), group in sorted(made.buckets.items())],
        levels=[
            LevelGroupOut(level=level.value, **_group(asset, group))
            for (asset, level), group in sorted(made.levels.items(), key=lambda each: (each[0][0], each[0][1].rank))
        ],
        collateral=[_pledged(pair, quantity, found.observed.get(pair)) for pair, quantity in sorted(made.pledged.items())],
        selling=[SellingOut(asset=row.asset, loans=row.loans, debt=row.debt) for row in found.selling],
        funding=[
            FundingOut(
                id=row.id, name=row.name, adapter=row.adapter, source=row.source, asset=row.asset, limit=row.line_limit,
                drawn=row.drawn, free=row.line_limit - row.drawn, rate=row.rate, accrued=row.accrued,
                accrued_through=row.accrued_through,
            )
            for row in found.funding
        ],
        insurance=[PoolOut(asset=asset, amount=amount) for asset, amount in sorted(found.insurance.items())],
        earned=[EarnedOut(account=account, asset=asset, amount=amount) for account, asset, amount in found.earned],
    )  # fmt: skip


@router.post("/stress", responses=problem_responses(InvalidRequest))
def stress(wish: StressIn, principal: Annotated[Principal, requires(Permission.LENDING_READ)]) -> StressOut:
    """What a change of prices would sell, lose and ask of the market, if the prices stayed there. Nothing is kept and nothing is done."""
    changes = {shock.asset: shock.change for shock in wish.shocks}
    if len(changes) < len(wish.shocks):
        raise InvalidRequest("each asset has one change")
    found = service.stress(principal.tenant_id, changes, steps=wish.steps, cost=wish.cost)
    standing, after = found.standing, found.after
    losing = sorted(after.sales, key=lambda sale: (-sale.shortfall, -sale.entry.owed.total))
    return StressOut(
        as_of=standing.as_of,
        loans=len(standing.live.entries),
        unpriced=after.unpriced,
        liquidations=len(after.sales),
        levels=[LevelCountOut(level=e.value, before=found.before.levels[e], after=after.levels[e]) for e in Level],
        losses=_losses(after, standing.insurance),
        to_sell=_to_sell(found),
        curve=[
            PointOut(
                share=half_even_fraction(point.share, 6),
                liquidations=len(point.sales),
                losses=_losses(point, standing.insurance),
            )
            for point in (found.before, *found.curve)
        ],
        worst=[
            SaleOut(
                loan_id=sale.entry.loan.id, product=sale.entry.product.name, asset=sale.entry.loan.asset,
                debt=sale.entry.owed.total, value=sale.worth, loss=sale.shortfall,
            )
            for sale in losing[:_MOST_SALES]
        ],
    )  # fmt: skip


def _group(asset: str, group: Group) -> dict[str, Any]:
    names = ("loans", "principal", "interest", "fees", "debt", "unpriced")
    return {"asset": asset, "value": _worth(group.value, asset)} | {name: getattr(group, name) for name in names}


def _worth(value: Decimal, asset: str) -> Decimal:
    return floor_to_scale(value, assets.scale(asset))


def _bucket(asset: str, at: int, group: Group) -> BucketOut:
    above = None if at == UNPRICED else (ZERO, *EDGES)[at]
    upto = EDGES[at] if 0 <= at < len(EDGES) else None
    return BucketOut(above=above, upto=upto, **_group(asset, group))


def _pledged(pair: Pair, quantity: Decimal, seen: Observed | None) -> BookCollateralOut:
    price = None if seen is None else seen.seen.price
    return BookCollateralOut(
        asset=pair[0],
        quote=pair[1],
        quantity=quantity,
        price=price,
        state=None if seen is None else seen.seen.state,
        age_ms=None if seen is None else seen.evidence["age_ms"],
        value=None if price is None else _worth(quantity * price, pair[1]),
    )


def _losses(of: Scenario, insurance: Any) -> list[LossOut]:
    covers = of.cover(insurance)
    return [_loss(asset, total, covers[asset]) for asset, total in sorted(of.sums.items())]


def _loss(asset: str, total: Sum, covered: Any) -> LossOut:
    return LossOut(
        asset=asset, liquidations=total.liquidations, debt=total.debt, liquidity_needed=total.worth, proceeds=total.proceeds,
        fees=total.fee, surplus=total.surplus, losses=total.shortfall, insured=covered.insurance, bad_debt=covered.bad_debt,
    )  # fmt: skip


def _to_sell(found: service.Stress) -> list[ToSellOut]:
    after, wanted = found.after, found.after.to_sell()
    pledged = sums(found.standing.live, found.standing.prices).pledged
    return [
        ToSellOut(
            asset=pair[0], quote=pair[1], price=seen.seen.price, shocked=after.prices[pair], state=seen.seen.state,
            age_ms=seen.evidence["age_ms"], pledged=pledged.get(pair, ZERO), quantity=wanted.get(pair, ZERO),
            value=_worth(wanted.get(pair, ZERO) * after.prices[pair], pair[1]), depth=found.depth.get(pair, ZERO),
        )
        for pair, seen in sorted(found.standing.observed.items())
    ]  # fmt: skip
