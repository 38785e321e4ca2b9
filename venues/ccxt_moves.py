"""Withdrawals, deposits and networks of one venue account through unmodified ccxt, with the key that may withdraw.

Binance and OKX find a withdrawal by our reference, Bitfinex shows it as a note, Kraken knows none: there it is told by address, amount and
time, so whoever calls has one withdrawal of an asset under way at a time. Binance and Kraken take their fee out of the amount that is asked
for, the other two on top of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from kernel.clock import wall
from kernel.money import canonical
from venues.ccxt_reports import milliseconds, moment
from venues.errors import Row
from venues.gateway import Absent, AskFailed, Refused, Unknown, VenueUnreachable
from venues.move_errors import WITHDRAW_ROWS
from venues.moves import NETWORKS, DepositAddress, DepositReport, MoveState, RailOffer, Withdraw, WithdrawalReport

FEE_INSIDE = frozenset({"binance", "kraken"})
KRAKEN_METHODS = {
    ("BTC", "bitcoin"): "Bitcoin",
    ("ETH", "ethereum"): "Ether (Hex)",
    ("LTC", "litecoin"): "Litecoin",
    ("USDT", "ethereum"): "Tether USD (ERC20)",
    ("USDT", "tron"): "Tether USD (TRC20)",
}
_KRAKEN_NETWORKS = {"Bitcoin": "bitcoin", "Ethereum": "ethereum", "Litecoin": "litecoin", "Tron": "tron"}
_STATES: dict[str, MoveState] = {"pending": "pending", "ok": "done", "failed": "failed", "canceled": "failed"}
_REF_AT = {"binance": "withdrawOrderId", "okx": "clientId"}
_SLACK = timedelta(seconds=5)  # between the venue's clock and ours
_PAGE = {"bitfinex": 1000, "kraken": 500}
_REMEMBERS = {
    "binance": timedelta(days=6),
    "okx": timedelta(days=80),
}  # for how long a question by our reference covers everything
_SCALE = 8


class Door(Protocol):
    """What this needs of a gateway."""

    @property
    def venue(self) -> str: ...

    @property
    def currencies(self) -> Mapping[str, Any]: ...

    async def post_once(
        self, method: str, *arguments: Any, operation: str, rows: Mapping[str, Sequence[Row]]
    ) -> Any | Refused | Unknown: ...

    async def read(self, method: str, *arguments: Any) -> Any: ...


class CcxtMoves:
    """One account; what is sent is sent by `withdraw` alone."""

    def __init__(self, door: Door) -> None:
        self._door, self._venue = door, door.venue

    # ------------------------------------------------------------------------------------------------ withdrawing
    async def withdraw(self, wish: Withdraw) -> WithdrawalReport | Refused | Unknown:
        """Send it once and say what is known about it; never raises."""
        try:
            asked = wish.amount + wish.fee if self._venue in FEE_INSIDE else wish.amount
            arguments = (wish.asset, canonical(asked), wish.address, self._params(wish))
        except (LookupError, ValueError) as error:
            return Refused(reason="never_sent", code="network_unknown", text=str(error))
        answer = await self._door.post_once("withdraw", *arguments, operation="withdraw", rows=WITHDRAW_ROWS)
        if isinstance(answer, Refused | Unknown):
            return answer
        try:
            known = self._accepted(answer)
        except Exception as error:  # noqa: BLE001  it may have left, but the answer makes no sense: ask
            return Unknown(text=f"unreadable answer: {type(error).__name__}: {error}"[:300])
        if not isinstance(known, WithdrawalReport):
            return known
        told = await self.find(wish, venue_ref=known.venue_ref, not_these=())  # the answer holds no more than a number
        return told if isinstance(told, WithdrawalReport) else known

    def _accepted(self, answer: Mapping[str, Any]) -> WithdrawalReport | Unknown:
        if not answer.get("id"):
            return Unknown(text=str(answer.get("info"))[:300])
        return WithdrawalReport(venue_ref=str(answer["id"]), state="pending", amount=None, fee=None, txid=None)

    def _params(self, wish: Withdraw) -> dict[str, Any]:
        """The closed list of what goes along."""
        memo = {"tag": wish.memo} if wish.memo else {}
        if self._venue == "kraken":
            if not wish.key:
                raise ValueError("this venue wants the name under which it keeps the address")
            return {"key": wish.key}
        network = {"network": self._code(wish.asset, wish.network)}
        if self._venue == "binance":
            return {**memo, **network, "withdrawOrderId": wish.ref}
        if self._venue == "okx":
            return {**memo, **network, "clientId": wish.ref, "fee": canonical(wish.fee)}
        return {**memo, **network, "note": wish.ref}

    async def find(
        self, wish: Withdraw, *, venue_ref: str | None, not_these: Sequence[str]
    ) -> WithdrawalReport | Absent | AskFailed:
        """Look it up in the venue's history; never raises."""
        since = milliseconds(wish.sent_at - _SLACK)
        try:
            if self._venue in _REF_AT:
                rows = await self._door.read(
                    "fetch_withdrawals", wish.asset, None, None, {_REF_AT[self._venue]: wish.ref}
                )
                whole = wall() - wish.sent_at < _REMEMBERS[self._venue]
            else:
                rows = await self._movements(wish.asset, since)
                whole = len(rows) < _PAGE[self._venue]
            mine = [row for row in rows if self._is_it(row, wish, venue_ref, not_these)]
            return self._report(mine[-1]) if mine else Absent(whole)
        except Exception as error:  # noqa: BLE001  a question that fails says nothing about the withdrawal
            return AskFailed(f"{type(error).__name__}: {error}"[:300])

    async def _movements(self, asset: str, since: int) -> list[Any]:
        if self._venue == "bitfinex":
            rows = await self._door.read("fetch_deposits_withdrawals", asset, since, _PAGE["bitfinex"])
        else:
            rows = await self._door.read("fetch_withdrawals", asset, since)
        return list(rows)

    def _is_it(self, row: Mapping[str, Any], wish: Withdraw, venue_ref: str | None, not_these: Sequence[str]) -> bool:
        if row["type"] != "withdrawal":
            return False
        if self._venue in _REF_AT:
            return bool(row["info"].get(_REF_AT[self._venue]) == wish.ref)
        if self._venue == "bitfinex":
            return bool(row["comment"] == wish.ref)
        if venue_ref is not None:
            return bool(row["id"] == venue_ref)
        same = Decimal(row["amount"]) + Decimal(row["fee"]["cost"]) == wish.amount + wish.fee
        # Its list tells whole seconds.
        recent = int(row["timestamp"]) >= milliseconds(wish.sent_at - _SLACK)
        return same and recent and row["address"] == wish.address and row["id"] not in not_these

    def _report(self, row: Mapping[str, Any]) -> WithdrawalReport:
        return WithdrawalReport(
            venue_ref=str(row["id"]),
            state=_STATES.get(row["status"], "pending"),
            amount=abs(Decimal(str(row["amount"]))),
            fee=abs(Decimal(str(row["fee"]["cost"]))),
            txid=row["txid"] or None,
        )

    # ---------------------------------------------------------------------------------------------------- reading
    async def deposits(self, asset: str, since: datetime) -> list[DepositReport]:
        """What was credited since then, oldest first.

        Raises:
            VenueUnreachable: the list cannot be had, or not be read.
        """
        method = "fetch_deposits_withdrawals" if self._venue == "bitfinex" else "fetch_deposits"
        rows = await self._door.read(method, asset, milliseconds(since), *([1000] if self._venue == "bitfinex" else []))
        try:
            found = [_deposit(asset, row) for row in rows if row["type"] == "deposit" and row["status"] == "ok"]
        except (ArithmeticError, LookupError, TypeError) as error:
            raise VenueUnreachable(f"unreadable list: {type(error).__name__}: {error}"[:300]) from error
        return sorted(found, key=lambda one: one.at)

    async def offers(self, assets: Sequence[str]) -> list[RailOffer]:
        """How these assets can be moved now, of the networks that we have a name for.

        Raises:
            VenueUnreachable: it could not be read.
        """
        if self._venue == "kraken":
            return [offer for asset in assets for offer in await self._kraken_offers(asset)]
        currencies = await self._door.read("fetch_currencies")
        try:
            return [
                self._offer(asset, NETWORKS[code], currencies[asset], rail)
                for asset in assets
                if asset in currencies
                for code, rail in currencies[asset]["networks"].items()
                if code in NETWORKS
            ]
        except (ArithmeticError, LookupError, TypeError) as error:
            raise VenueUnreachable(f"unreadable list: {type(error).__name__}: {error}"[:300]) from error

    def _offer(self, asset: str, network: str, currency: Mapping[str, Any], rail: Mapping[str, Any]) -> RailOffer:
        fee = Decimal(str(rail["fee"] if rail["fee"] is not None else currency["fee"]))
        least = rail["limits"]["withdraw"]["min"]
        info = rail["info"] if isinstance(rail["info"], Mapping) else {}
        return RailOffer(
            asset=asset,
            network=network,
            fee=fee,
            minimum=Decimal(str(least)) if least is not None else fee,
            scale=_scale(rail["precision"]),
            deposits=bool(rail["deposit"]),
            withdrawals=bool(rail["withdraw"]),
            memo_required=bool(info.get("needTag") or info.get("memoRegex")),
        )

    async def _kraken_offers(self, asset: str) -> list[RailOffer]:
        currency = {"asset": self._door.currencies[asset]["id"]} if asset in self._door.currencies else None
        if currency is None:
            return []
        pays = (await self._door.read("private_post_withdrawmethods", dict(currency)))["result"]
        takes = (await self._door.read("private_post_depositmethods", dict(currency)))["result"]
        credited = {row["method"] for row in takes}
        return [
            RailOffer(
                asset=asset,
                network=_KRAKEN_NETWORKS[row["network"]],
                fee=Decimal(row["fee"]["fee"]),
                minimum=Decimal(row["minimum"]),
                scale=_SCALE,
                deposits=KRAKEN_METHODS.get((asset, _KRAKEN_NETWORKS[row["network"]])) in credited,
                withdrawals=True,
                memo_required=False,
            )
            for row in pays
            if row["network"] in _KRAKEN_NETWORKS
        ]

    async def address(self, asset: str, network: str) -> DepositAddress:
        """Where the venue takes deposits of ours.

        Raises:
            VenueUnreachable: it could not be read.
        """
        try:
            kraken = self._venue == "kraken"
            params = {"method": KRAKEN_METHODS[asset, network]} if kraken else {"network": self._code(asset, network)}
            found = await self._door.read("fetch_deposit_address", asset, params)
            return DepositAddress(str(found["address"]), found["tag"] or None)
        except (LookupError, TypeError) as error:
            raise VenueUnreachable(f"no address: {type(error).__name__}: {error}"[:300]) from error

    def _code(self, asset: str, network: str) -> str:
        """The library's code of a network at this venue."""
        networks = self._door.currencies.get(asset, {}).get("networks", {})
        for code in networks:
            if NETWORKS.get(code) == network:
                return str(code)
        raise LookupError(f"{self._venue} does not move {asset} over {network}")


def _deposit(asset: str, row: Mapping[str, Any]) -> DepositReport:
    return DepositReport(
        venue_ref=str(row["id"]), asset=asset, amount=Decimal(str(row["amount"])), address=row["address"], txid=row["txid"] or None,
        at=moment(int(row["timestamp"])),
    )  # fmt: skip


def _scale(step: Any) -> int:
    """The library tells a step; where it has none, eight decimals are good everywhere."""
    if step is None:
        return _SCALE
    exponent = Decimal(str(step)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else _SCALE
