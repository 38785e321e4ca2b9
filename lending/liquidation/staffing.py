"""What people do about liquidations: look at them, set breakers, and let a paused one sell at today's price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from broker.sales import service as market
from broker.sales.service import SaleFill
from identity.audit import service as audit
from kernel import cache, commands, db
from kernel.db import AnyRow, Tx
from kernel.errors import InvalidRequest
from kernel.money import canonical
from lending import prices
from lending.liquidation import queries
from lending.liquidation.errors import LiquidationNotFound, LiquidationsStopped, NotPaused
from lending.liquidation.record import Liquidation, Sale
from lending.liquidation.states import LiquidationStatus
from lending.liquidation.tasks import CHANNEL
from lending.loans import queries as loans
from lending.loans import service as loan_service
from lending.loans import steps
from lending.loans.states import LoanStatus
from lending.products.terms import Guard
from markets.instruments import service as instruments

NO_NEW_PRICES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A liquidation with its sales; `asset` is the lent one, `loan_status` what its loan is now."""

    liquidation: Liquidation
    asset: str
    loan_status: LoanStatus
    sales: Sequence[Sale]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One of them with what each venue bought, and what was seen when it was decided; nothing where its customer asked for it."""

    view: View
    fills: Sequence[SaleFill]
    evidence: AnyRow | None


def page(tenant: UUID, *, live: bool | None, before: UUID | None, limit: int) -> list[View]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = queries.page(tx, live=live, before=before, limit=limit)
        return [_view(tx, liquidation) for liquidation in found]


def read(tenant: UUID, liquidation_id: UUID) -> View:
    """One of them.

    Raises:
        LiquidationNotFound: there is none.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _view(tx, _found(tx, liquidation_id))


def story(tenant: UUID, liquidation_id: UUID) -> Story:
    """One of them, with what stands behind its numbers.

    Raises:
        LiquidationNotFound: there is none.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        view = _view(tx, _found(tx, liquidation_id))
        seen = view.liquidation.evidence_id
        return Story(
            view=view,
            fills=market.fills(tx, [sale.order_id for sale in view.sales]),
            evidence=None if seen is None else queries.evidence(tx, seen),
        )


def _found(tx: Tx, liquidation_id: UUID) -> Liquidation:
    found = queries.get(tx, liquidation_id)
    if found is None:
        raise LiquidationNotFound
    return found


def _view(tx: Tx, liquidation: Liquidation) -> View:
    loan = loans.get(tx, liquidation.loan_id, customer=None)
    assert loan is not None, "a liquidation has its loan"
    sales = queries.sales(tx, liquidation.id)
    return View(liquidation=liquidation, asset=loan.asset, loan_status=loan.status, sales=sales)


def breakers(tenant: UUID) -> Sequence[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        return queries.breakers(tx)


def set_breaker(*, tenant: UUID, actor: UUID, asset: str, level: int, reason: str) -> None:
    """From now on, for every process; `*` is every asset.

    Raises:
        InvalidRequest: no market sells this asset.
    """
    if asset != queries.EVERY_ASSET and asset not in {market.base for market in instruments.list_markets()}:
        raise InvalidRequest("no market sells this asset; * is every asset")
    with db.transaction(tenant=tenant) as tx:
        before = {row.asset: row.level for row in queries.breakers(tx)}
        queries.set_breaker(tx, asset, level=level, reason=reason, by=actor)
        audit.record(
            tx, "liquidation_breaker.set", kind="breaker", resource=asset, before={"level": before.get(asset, 0)},
            after={"level": level}, actor=actor, reason=reason,
        )  # fmt: skip
        tx.after_commit(lambda: cache.publish(CHANNEL))


def price_again(*, tenant: UUID, actor: UUID, liquidation_id: UUID, reason: str, key: str | None) -> commands.Outcome:
    """Let a paused liquidation sell within its budget of the price as it is now. Nobody types a price: it is the market's, and trusted.

    Raises:
        LiquidationNotFound, NotPaused: as they say.
        LiquidationsStopped: a breaker of level 2 or more forbids new prices.
        PriceNotTrusted: there is no price to believe.
    """
    with db.read_only(tenant=tenant) as tx:
        first = _found(tx, liquidation_id)
        loan = loans.get(tx, first.loan_id, customer=None)
        assert loan is not None, "a liquidation has its loan"
        guard = loan_service.product_of(tx, loan).terms.guard
    paused = first.status is LiquidationStatus.PAUSED

    def read() -> dict[str, prices.Observed]:
        return prices.trusted(sorted(first.plan), loan.asset, guard) if paused else {}

    def work(reading: prices.Reading) -> commands.Outcome:
        return commands.run(
            tenant=tenant, principal=actor, route="POST /v1/lending/liquidations/{id}/price", key=key,
            fingerprint=commands.fingerprint({"liquidation": liquidation_id, "reason": reason}),
            fn=lambda tx: _set_price(tx, first, reading, guard, actor=actor, reason=reason),
        )  # fmt: skip

    return prices.by_prices(read, work)


def _set_price(
    tx: Tx, first: Liquidation, reading: prices.Reading, guard: Guard, *, actor: UUID, reason: str
) -> tuple[str, UUID]:
    locked_loan, locked = loans.lock(tx, first.loan_id), queries.lock(tx, first.id)
    assert locked_loan is not None, "it was read"
    assert locked is not None, "it was read"
    seen = reading.now()
    if locked.status is not LiquidationStatus.PAUSED or not seen:
        raise NotPaused(status_now=locked.status.value)
    prices.require_trusted(seen, locked.plan, guard)
    if queries.breaker(tx, locked.plan) >= NO_NEW_PRICES:
        raise LiquidationsStopped
    plan = {
        asset: replace(target, price=seen[asset].seen.price, floor=seen[asset].seen.price * (1 - locked.budget))
        for asset, target in locked.plan.items()
    }
    queries.set_plan(tx, locked, plan)
    floors = {asset: canonical(target.floor) for asset, target in plan.items()}
    was = {asset: canonical(target.floor) for asset, target in locked.plan.items()}
    evidence = {asset: dict(each.evidence) for asset, each in seen.items()}
    payload = {"floors": floors, "were": was, "prices": evidence, "by": str(actor), "reason": reason}
    steps.note(tx, locked_loan, "liquidation_priced", payload, shown=False)
    audit.about(tx, before=was, after=floors, reason=reason)
    tx.after_commit(lambda: cache.publish(CHANNEL))
    return "liquidation", first.id
