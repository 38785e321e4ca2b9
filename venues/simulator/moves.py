"""Withdrawals and deposits of one simulated venue, and the small world in which the four venues pay each other.

A withdrawal debits amount and fee at once. After `delay_ms` the world credits whoever owns the address, once per transaction; an address
that nobody here owns is somebody else's wallet, and the money is gone. Every account has one address per network, computed from its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from venues.simulator.faults import Faults

ZERO = Decimal(0)
DELAY_MS = 2000

RefusalKind = Literal["insufficient_funds", "below_minimum", "network_closed", "unknown_network", "bad_address"]


class MoveRefused(Exception):
    """Nothing was accepted and nothing changed; a dialect has the venue's words for `kind`."""

    def __init__(self, kind: RefusalKind) -> None:
        super().__init__(kind)
        self.kind: RefusalKind = kind


@dataclass(frozen=True, slots=True)
class Rail:
    """A network on which venues pay an asset out; `fee` and `minimum` are what the cheapest venue asks for."""

    asset: str
    network: str
    fee: Decimal
    minimum: Decimal
    scale: int


RAILS: tuple[Rail, ...] = (
    Rail("BTC", "bitcoin", Decimal("0.0002"), Decimal("0.001"), 8),
    Rail("ETH", "ethereum", Decimal("0.001"), Decimal("0.01"), 8),
    Rail("USDT", "ethereum", Decimal(4), Decimal(10), 6),
    Rail("USDT", "tron", Decimal(1), Decimal(10), 6),
)
_ONE_FEE = frozenset({"bitfinex"})  # for an asset, whatever the network
_DEARER = {"binance": Decimal(1), "bitfinex": Decimal(2), "kraken": Decimal("1.5"), "okx": Decimal("1.25")}


@dataclass(slots=True)
class SimWithdrawal:
    """`amount` is what arrives, `fee` what it cost on top; `state` is what the venue will say of it."""

    number: int
    account: str
    client_id: str | None
    asset: str
    network: str
    amount: Decimal
    fee: Decimal
    address: str
    memo: str | None
    txid: str
    created_ms: int
    arrives_ms: int
    visible_ms: int
    arriving: Decimal
    state: Literal["pending", "done", "failed"] = "pending"


@dataclass(slots=True)
class SimDeposit:
    number: int
    account: str
    asset: str
    network: str
    amount: Decimal
    address: str
    memo: str | None
    txid: str
    time_ms: int


class Venue(Protocol):
    """What this needs of a core."""

    venue: str
    faults: Faults
    now_ms: Callable[[], int]

    def balances(self, account: str) -> dict[str, tuple[Decimal, Decimal]]: ...

    def change_free(self, account: str, asset: str, by: Decimal, *, moves: list[dict[str, Any]]) -> None: ...

    def accounts(self) -> Iterable[str]: ...


class Moves:
    """What left one venue and what came there. A venue remembers both, like its orders."""

    def __init__(self, core: Venue) -> None:
        self._core = core
        self._sent: dict[int, SimWithdrawal] = {}
        self._came: dict[int, SimDeposit] = {}
        self.closed: set[tuple[str, str, str]] = set()  # (deposit or withdraw, asset, network)
        self.delay_ms = DELAY_MS
        self.held = False

    def rails(self) -> list[Rail]:
        return list(RAILS)

    def rail(self, asset: str, network: str) -> Rail:
        for rail in RAILS:
            if (rail.asset, rail.network) == (asset, network):
                return rail
        raise MoveRefused("unknown_network")

    def fee(self, rail: Rail) -> Decimal:
        rails = [one for one in RAILS if one.asset == rail.asset] if self._core.venue in _ONE_FEE else [rail]
        return max(one.fee for one in rails) * _DEARER[self._core.venue]

    def is_open(self, direction: str, rail: Rail) -> bool:
        return (direction, rail.asset, rail.network) not in self.closed

    def address(self, account: str, network: str) -> str:
        return address_of(self._core.venue, account, network)

    def withdraw(
        self, account: str, *, asset: str, network: str, amount: Decimal, address: str, memo: str | None, client_id: str | None
    ) -> SimWithdrawal:  # fmt: skip
        """Send `amount`, so much arrives; the fee is charged on top.

        Raises:
            MoveRefused
        """
        rail, faults, venue = self.rail(asset, network), self._core.faults, self._core.venue
        fee = self.fee(rail)
        if not self.is_open("withdraw", rail):
            raise MoveRefused("network_closed")
        if not address:
            raise MoveRefused("bad_address")
        if amount < rail.minimum:
            raise MoveRefused("below_minimum")
        free, _locked = self._core.balances(account).get(asset, (ZERO, ZERO))
        if free < amount + fee or faults.take(venue, "withdraw", _REFUSED):
            raise MoveRefused("insufficient_funds")
        now = self._core.now_ms()
        slow, late = faults.take(venue, "withdraw", _SLOW), faults.take(venue, "withdraw", _LATE)
        number = 7_000_001 + len(self._sent)
        made = SimWithdrawal(
            number=number, account=account, client_id=client_id, asset=asset, network=network, amount=amount, fee=fee,
            address=address, memo=memo or None, txid=_txid(venue, number, now), created_ms=now,
            arrives_ms=now + (slow.delay_ms if slow else self.delay_ms), visible_ms=now + (late.delay_ms if late else 0),
            arriving=amount - rail.fee if faults.take(venue, "withdraw", _SHORT) else amount,
        )  # fmt: skip
        failing = faults.take(venue, "withdraw", _FAILING)
        self._sent[number] = made
        self._core.change_free(account, asset, -(amount + fee), moves=[{"sent": asdict(made)}])
        if failing:  # accepted, and sent back a moment later
            made.state = "failed"
            self._core.change_free(account, asset, amount + fee, moves=[{"sent": asdict(made)}])
        return made

    def sent(self, account: str, *, asset: str | None = None, since_ms: int = 0) -> list[SimWithdrawal]:
        """Newest first, those that the history shows by now."""
        now = self._core.now_ms()
        return [
            one
            for one in reversed(self._sent.values())
            if one.account == account and asset in {None, one.asset} and since_ms <= one.created_ms and one.visible_ms <= now
        ]  # fmt: skip

    def came(self, account: str, *, asset: str | None = None, since_ms: int = 0) -> list[SimDeposit]:
        """Newest first."""
        return [
            one
            for one in reversed(self._came.values())
            if one.account == account and asset in {None, one.asset} and since_ms <= one.time_ms
        ]

    def every_withdrawal(self) -> list[SimWithdrawal]:
        """What really left: the oracle of tests and drills."""
        return list(self._sent.values())

    def due(self) -> list[SimWithdrawal]:
        if self.held:
            return []
        now = self._core.now_ms()
        return [one for one in self._sent.values() if one.state == "pending" and one.arrives_ms <= now]

    def arrived(self, one: SimWithdrawal) -> None:
        one.state = "done"
        self._core.change_free(one.account, one.asset, ZERO, moves=[{"sent": asdict(one)}])

    def credit(self, account: str, one: SimWithdrawal) -> None:
        """Once per transaction: a venue that forgot that it was delivered delivers it again."""
        if any(known.txid == one.txid for known in self._came.values()):
            return
        deposit = SimDeposit(
            number=8_000_001 + len(self._came), account=account, asset=one.asset, network=one.network, amount=one.arriving,
            address=one.address, memo=one.memo, txid=one.txid, time_ms=self._core.now_ms(),
        )  # fmt: skip
        self._came[deposit.number] = deposit
        self._core.change_free(account, one.asset, deposit.amount, moves=[{"came": asdict(deposit)}])

    def restore(self, record: dict[str, Any]) -> None:
        if "sent" in record:
            sent = SimWithdrawal(**_with_decimals(record["sent"]))
            self._sent[sent.number] = sent
        else:
            came = SimDeposit(**_with_decimals(record["came"]))
            self._came[came.number] = came


class World:
    """All venues of one simulator: carries what is due from one to the other."""

    def __init__(self, desks: dict[str, tuple[Venue, Moves]]) -> None:
        self._desks = desks

    def deliver(self) -> None:
        for _core, moves in self._desks.values():
            for one in moves.due():
                owner = self._owner(one)
                if owner is None:
                    moves.arrived(one)
                    continue
                venue, account = owner
                rail = self._desks[venue][1].rail(one.asset, one.network)
                if self._desks[venue][1].is_open("deposit", rail):  # a venue that takes none now credits it later
                    self._desks[venue][1].credit(account, one)
                    moves.arrived(one)

    def _owner(self, one: SimWithdrawal) -> tuple[str, str] | None:
        for venue, (core, moves) in self._desks.items():
            for account in core.accounts():
                if moves.address(account, one.network) == one.address:
                    return venue, account
        return None


def address_of(venue: str, account: str, network: str) -> str:
    digest = hashlib.sha256(f"{venue}:{account}:{network}".encode()).hexdigest()
    return {"bitcoin": "bc1q", "tron": "T"}.get(network, "0x") + digest[: {"bitcoin": 38, "tron": 33}.get(network, 40)]


_REFUSED = frozenset({"withdraw_refused"})
_SLOW = frozenset({"slow_arrival"})
_LATE = frozenset({"late_history"})
_SHORT = frozenset({"short_arrival"})
_FAILING = frozenset({"withdraw_fails"})


def _txid(venue: str, number: int, now: int) -> str:
    return hashlib.sha256(f"{venue}:{number}:{now}".encode()).hexdigest()


def _with_decimals(record: dict[str, Any]) -> dict[str, Any]:
    return {k: Decimal(v) if k in {"amount", "fee", "arriving"} else v for k, v in record.items()}
