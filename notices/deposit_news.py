"""What is told of deposits: to customers, to their programs and to staff, one line of meaning for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kernel.money import canonical
from notices.loan_webhooks import Telling, as_it_stands
from notices.service import Wish
from notices.states import Kind
from notices.webhooks.states import EventKind
from wallet_bridge.deposits.events import DepositCredited, DepositHeld, DepositRefunded, DepositReversed, DepositSeen


def _wish(kind: Kind, fact: Any, **params: str) -> Wish:
    """Once of each fact: a deposit may be credited, taken back by its chain and credited again."""
    customer: UUID = fact.customer_id
    told = {"amount": canonical(fact.amount), "asset": fact.asset, "network": fact.network, "txid": fact.txid, **params}
    return Wish(principal=customer, kind=kind, params=told, once="")


DEPOSIT_WISHES: dict[type, Callable[[Any], Wish | list[Wish | None] | None]] = {
    DepositCredited: lambda fact: _wish(Kind.DEPOSIT_CREDITED, fact, settled="yes" if fact.final else "no"),
    DepositHeld: lambda fact: _wish(Kind.DEPOSIT_HELD, fact, because=fact.reason),
    DepositReversed: lambda fact: _wish(Kind.DEPOSIT_REVERSED, fact, missing=canonical(fact.missing)),
    DepositRefunded: lambda fact: _wish(Kind.DEPOSIT_REFUNDED, fact, fee=canonical(fact.fee), address=fact.address),
}
DEPOSIT_NEWS: dict[type, Telling] = {
    DepositSeen: as_it_stands(EventKind.DEPOSIT_SEEN, "customer_id"),
    DepositCredited: as_it_stands(EventKind.DEPOSIT_CREDITED, "customer_id"),
    DepositReversed: as_it_stands(EventKind.DEPOSIT_REVERSED, "customer_id"),
    DepositHeld: as_it_stands(EventKind.DEPOSIT_HELD, "customer_id"),
    DepositRefunded: as_it_stands(EventKind.DEPOSIT_REFUNDED, "customer_id"),
}
