"""What customers are told of addresses and withdrawals: one line of meaning for each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.money import canonical
from notices.service import Wish
from notices.states import Kind
from wallet_bridge.address_book.events import AddressAdded
from wallet_bridge.withdrawals.events import WithdrawalCompleted, WithdrawalEnded, WithdrawalRequested


def _added(fact: AddressAdded) -> Wish:
    params = {
        "at": fact.added_at.isoformat(), "address": fact.address, "network": fact.network, "label": fact.label,
        "usable_at": fact.active_from.isoformat(),
    }  # fmt: skip
    return Wish(principal=fact.customer_id, kind=Kind.ADDRESS_ADDED, params=params, once=str(fact.address_id))


def _wish(kind: Kind, fact: Any, **params: str) -> Wish:
    """Told once of each withdrawal."""
    told = {
        "withdrawal": str(fact.withdrawal_id), "amount": canonical(fact.amount), "asset": fact.asset, "network": fact.network,
        "address": fact.address, **params,
    }  # fmt: skip
    return Wish(principal=fact.customer_id, kind=kind, params=told, once=str(fact.withdrawal_id))


def _requested(fact: WithdrawalRequested) -> Wish:
    return _wish(Kind.WITHDRAWAL_REQUESTED, fact, at=fact.asked_at.isoformat())


def _ended(fact: WithdrawalEnded) -> Wish:
    return _wish(Kind.WITHDRAWAL_ENDED, fact, end=fact.state, why=fact.reason or "–")


WITHDRAWAL_WISHES: dict[type, Callable[[Any], Wish | list[Wish | None] | None]] = {
    AddressAdded: _added,
    WithdrawalRequested: _requested,
    WithdrawalCompleted: lambda fact: _wish(Kind.WITHDRAWAL_COMPLETED, fact),
    WithdrawalEnded: _ended,
}
