"""The words for money that leaves a venue and comes to one, and the names that venues have for networks.

A withdrawal is sent once, ever. What the caller names `amount` is what shall arrive; whether a venue takes its fee from what is asked
for or on top of it is the business of the gateway.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from venues.gateway import Absent, AskFailed, Refused, Unknown

NETWORKS = {
    "BTC": "bitcoin",
    "ERC20": "ethereum",
    "ETH": "ethereum",
    "TRC20": "tron",
    "TRX": "tron",
    "LTC": "litecoin",
}
"""The client library's codes in our words; a network that is not here is not used."""
MINUTES = {"bitcoin": 60, "litecoin": 30, "ethereum": 15, "tron": 5}
"""How long a transfer normally takes, from the request to the credit."""

MoveState = Literal["pending", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """`ref` is our reference, where the venue takes one; `key` the name under which the venue keeps the address, where it wants that."""

    ref: str
    asset: str
    network: str
    amount: Decimal
    fee: Decimal
    address: str
    memo: str | None
    key: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalReport:
    """What the venue says of a withdrawal. `amount` is what arrives; None, like the fee, until its history tells."""

    venue_ref: str
    state: MoveState
    amount: Decimal | None
    fee: Decimal | None
    txid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReport:
    """A credited deposit."""

    venue_ref: str
    asset: str
    amount: Decimal
    address: str | None
    txid: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RailOffer:
    """How an asset can be moved over a network at a venue, now. `scale`: decimals that a withdrawal may have."""

    asset: str
    network: str
    fee: Decimal
    minimum: Decimal
    scale: int
    deposits: bool
    withdrawals: bool
    memo_required: bool


@dataclass(frozen=True, slots=True)
class DepositAddress:
    address: str
    memo: str | None


class Withdrawals(Protocol):
    """One account at one venue, opened with the key that may withdraw. Every method opens connections: no transaction may be open."""

    def ready(self) -> bool: ...

    async def withdraw(self, wish: Withdraw) -> WithdrawalReport | Refused | Unknown:
        """Send it once and say what is known about it; never raises."""
        ...

    async def find(
        self, wish: Withdraw, *, venue_ref: str | None, not_these: Sequence[str]
    ) -> WithdrawalReport | Absent | AskFailed:
        """Look it up in the venue's history; never raises."""
        ...


class Arrivals(Protocol):
    """What the watch over arrivals reads; each raises `VenueUnreachable`."""

    async def deposits(self, asset: str, since: datetime) -> list[DepositReport]: ...

    async def offers(self, assets: Sequence[str]) -> list[RailOffer]: ...

    async def address(self, asset: str, network: str) -> DepositAddress: ...
