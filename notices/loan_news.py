"""What customers are told of their loans: one line of meaning for each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.money import canonical
from lending.life.events import DueSoon, LoanRateAnnounced, Overdue
from lending.liquidation.events import LiquidationSettled, LiquidationStarted
from lending.liquidation.states import Cause
from lending.loans.events import CollateralChanged, LoanCancelled, LoanOpened, Repaid
from lending.loans.states import Level
from lending.watch.events import LevelChanged
from notices.service import Wish
from notices.states import Kind

AUTO = "auto"
_EACH = ""
"""Told each time: two of them may be alike to the unit."""
_WORSE = {Level.WARNING: Kind.LOAN_WARNING, Level.MARGIN_CALL: Kind.LOAN_MARGIN_CALL}


def _wish(kind: Kind, fact: Any, once: str, **params: str | Decimal) -> Wish:
    plain = {name: canonical(value) if isinstance(value, Decimal) else value for name, value in params.items()}
    customer: UUID = fact.customer_id
    return Wish(principal=customer, kind=kind, params={"loan": str(fact.loan_id), **plain}, once=once)


def _level(fact: LevelChanged) -> Wish | None:
    """A worse level that customers know of, and the way back to none; each once a day. The sale itself is told when it begins."""
    was, now = Level(fact.told_from), Level(fact.told_to)
    day = _day(fact.changed_at)
    told = {"at": fact.changed_at.isoformat(), "prices": _prices(fact.prices)}
    if now is Level.HEALTHY and was is not Level.HEALTHY:
        return _wish(Kind.LOAN_RECOVERED, fact, f"{fact.loan_id}:{day}", **told)
    if now not in _WORSE or now.rank <= was.rank:
        return None
    owed = {"debt": fact.debt, "repay": fact.repay}
    return _wish(_WORSE[now], fact, f"{fact.loan_id}:{day}", asset=fact.asset, **told, **owed)


def _opened(fact: LoanOpened) -> Wish:
    dates = {"matures": fact.matures_on.isoformat()}
    amounts = {"paid_out": fact.paid_out, "principal": fact.principal}
    return _wish(Kind.LOAN_OPENED, fact, str(fact.loan_id), asset=fact.asset, **amounts, **dates)


def _cancelled(fact: LoanCancelled) -> Wish:
    return _wish(Kind.LOAN_CANCELLED, fact, str(fact.loan_id), principal=fact.principal, asset=fact.asset)


def _collateral(fact: CollateralChanged) -> Wish | None:
    """What customers do themselves is no news to them."""
    if fact.source != AUTO:
        return None
    amounts = {"quantity": fact.change, "pledged": fact.quantity}
    return _wish(Kind.LOAN_TOPPED_UP, fact, _EACH, asset=fact.asset, **amounts)


def _repaid(fact: Repaid) -> Wish | None:
    if fact.source != AUTO:
        return None
    amount = fact.penalty + fact.fee + fact.interest + fact.principal
    return _wish(Kind.LOAN_REPAID_BY_ITSELF, fact, _EACH, amount=amount, asset=fact.asset, left=fact.left)


def _sale(fact: LiquidationStarted) -> Wish | None:
    if fact.cause == Cause.CUSTOMER:
        return None
    return _wish(Kind.LOAN_SALE_BEGUN, fact, str(fact.liquidation_id), owed=fact.owed, asset=fact.asset)


def _settled(fact: LiquidationSettled) -> Wish:
    amounts = {"proceeds": fact.proceeds, "paid": fact.paid, "fee": fact.fee, "surplus": fact.surplus}
    return _wish(Kind.LOAN_SALE_SETTLED, fact, str(fact.liquidation_id), asset=fact.asset, **amounts)


def _due(fact: DueSoon) -> Wish:
    due = fact.due_on.isoformat()
    once = f"{fact.loan_id}:{due}:{fact.days}"
    return _wish(Kind.LOAN_DUE_SOON, fact, once, amount=fact.amount, asset=fact.asset, due=due, days=str(fact.days))


def _overdue(fact: Overdue) -> Wish:
    due, grace = fact.due_on.isoformat(), fact.grace_until.isoformat()
    return _wish(
        Kind.LOAN_OVERDUE, fact, f"{fact.loan_id}:{due}", amount=fact.amount, asset=fact.asset, due=due, grace=grace
    )


def _rate(fact: LoanRateAnnounced) -> Wish:
    day = fact.from_day.isoformat()
    rates = {"rate": fact.rate * 100, "before": fact.before * 100}
    return _wish(Kind.LOAN_RATE_ANNOUNCED, fact, f"{fact.loan_id}:{day}", day=day, **rates)


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _prices(prices: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{asset} {canonical(price)}" for asset, price in sorted(prices.items()))


LOAN_WISHES: dict[type, Callable[[Any], Wish | list[Wish | None] | None]] = {
    LevelChanged: _level,
    LoanOpened: _opened,
    LoanCancelled: _cancelled,
    CollateralChanged: _collateral,
    Repaid: _repaid,
    LiquidationStarted: _sale,
    LiquidationSettled: _settled,
    DueSoon: _due,
    Overdue: _overdue,
    LoanRateAnnounced: _rate,
}
