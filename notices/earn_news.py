"""What customers are told of their subscriptions: one line of meaning for each event."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from earn.renewals.events import MaturesSoon, RenewalRefused, Renewed
from earn.subscriptions.events import Matured, RedeemedEarly, Subscribed
from kernel.money import canonical
from notices.service import Wish
from notices.states import Kind


def _wish(kind: Kind, fact: Any, **params: str | Decimal) -> Wish:
    """Told once of each subscription."""
    plain = {name: canonical(value) if isinstance(value, Decimal) else value for name, value in params.items()}
    customer: UUID = fact.customer_id
    one = str(fact.subscription_id)
    told = {"subscription": one, "asset": fact.asset, "principal": canonical(fact.principal), **plain}
    return Wish(principal=customer, kind=kind, params=told, once=one)


def _renewed(fact: Renewed) -> Wish:
    rates = {"paid_out": fact.paid_out, "apr": fact.apr * 100}
    return _wish(Kind.EARN_RENEWED, fact, into=str(fact.into), maturity=fact.maturity.isoformat(), **rates)


def _soon(fact: MaturesSoon) -> Wish:
    return _wish(Kind.EARN_MATURES_SOON, fact, maturity=fact.maturity.isoformat(), renewal=fact.renewal)


EARN_WISHES: dict[type, Callable[[Any], Wish | list[Wish | None] | None]] = {
    Subscribed: lambda fact: _wish(Kind.EARN_SUBSCRIBED, fact, maturity=fact.maturity.isoformat()),
    Matured: lambda fact: _wish(Kind.EARN_MATURED, fact),
    RedeemedEarly: lambda fact: _wish(Kind.EARN_REDEEMED_EARLY, fact, cash=fact.cash),
    Renewed: _renewed,
    RenewalRefused: lambda fact: _wish(Kind.EARN_RENEWAL_REFUSED, fact, why=fact.reason),
    MaturesSoon: _soon,
}
