"""Margin funding at Bitfinex: bid for money, find a bid again, return what was taken. Raw rows in, our words out.

The venue takes no reference of ours, so a bid is known by its asset, amount, rate and the time it was sent, and nobody else may bid with
this account: who calls has one bid under way at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

from kernel.money import canonical
from venues.ccxt_reports import milliseconds
from venues.gateway import Absent, AskFailed, Refused, Unknown, VenueUnreachable

PERIOD_DAYS = 30
_CODES = {"USDT": "UST"}
_SLACK = timedelta(seconds=5)  # between the venue's clock and ours
_PAGE = 500
_ID, _CREATED, _AMOUNT, _STATUS, _RATE = 0, 2, 5, 10, 14
_OFFER_OF_TRADE = 3
BidStatus = Literal["open", "taken", "ended"]


@dataclass(frozen=True, slots=True)
class Bid:
    """`taken` has come of it; `refs` are the venue's numbers of what was taken, by which it is returned. `ended`: no more will come."""

    id: str
    status: BidStatus
    taken: Decimal
    refs: tuple[str, ...]


class Door(Protocol):
    """What this needs of a gateway."""

    async def post_once(self, method: str, params: Mapping[str, Any], /) -> Any | Refused | Unknown: ...

    async def read(self, method: str, params: Mapping[str, Any], /) -> Any: ...

    def ready(self) -> bool: ...


class BitfinexFunding:
    """One account; `_post` once, `_read` as often as one likes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def ready(self) -> bool:
        return self._door.ready()

    async def bid(self, *, asset: str, amount: Decimal, rate: Decimal) -> Bid | Refused | Unknown:
        """Ask for money at a daily rate or better; what came of it is asked for at once, and again by whoever gets `Unknown`."""
        answer = await self._door.post_once(
            "private_post_auth_w_funding_offer_submit",
            {"type": "LIMIT", "symbol": _symbol(asset), "amount": canonical(-amount), "rate": canonical(rate), "period": PERIOD_DAYS},
        )  # fmt: skip
        if isinstance(answer, Refused | Unknown):
            return answer
        try:
            return await self._read_bid(asset, answer[4])
        except Exception as error:  # noqa: BLE001  the bid exists, but what came of it is not known: ask
            return Unknown(text=f"unreadable answer: {type(error).__name__}: {error}"[:300])

    async def find(
        self, *, asset: str, amount: Decimal, rate: Decimal, sent_at: datetime, not_these: Sequence[str]
    ) -> Bid | Absent | AskFailed:
        """The bid that was sent at that time; never raises."""
        params = {"symbol": _symbol(asset)}
        since = milliseconds(sent_at - _SLACK)
        try:
            live = await self._door.read("private_post_auth_r_funding_offers_symbol", params)
            past = await self._door.read("private_post_auth_r_funding_offers_symbol_hist", {**params, "limit": _PAGE})
            ours = [
                row for row in (*live, *past) if _is_it(row, amount, rate, since) and str(row[_ID]) not in not_these
            ]
            if ours:
                return await self._read_bid(asset, min(ours, key=lambda row: int(row[_CREATED])))
        except Exception as error:  # noqa: BLE001  a question that fails says nothing about the bid
            return AskFailed(f"{type(error).__name__}: {error}"[:300])
        return Absent(len(past) < _PAGE or int(past[-1][_CREATED]) < since)

    async def cancel(self, bid_id: str) -> None:
        """No more shall come of it; who wants to know what did asks again."""
        await self._door.post_once("private_post_auth_w_funding_offer_cancel", {"id": int(bid_id)})

    async def give_back(self, ref: str) -> Refused | Unknown | None:
        """Return what was taken under this number; None when it is back."""
        answer = await self._door.post_once("private_post_auth_w_funding_close", {"id": int(ref)})
        return answer if isinstance(answer, Refused | Unknown) else None

    async def is_back(self, *, asset: str, ref: str) -> bool | AskFailed:
        """Whether it is no longer taken; never raises."""
        try:
            rows = await self._door.read("private_post_auth_r_funding_loans_symbol", {"symbol": _symbol(asset)})
        except VenueUnreachable as error:
            return AskFailed(str(error), error.retry_after_s)
        return all(str(row[_ID]) != ref for row in rows)

    async def taken(self, asset: str) -> dict[str, Decimal]:
        """All that is taken of an asset and not returned, by the venue's numbers.

        Raises:
            VenueUnreachable: the list cannot be had, or not be read.
        """
        rows = await self._door.read("private_post_auth_r_funding_loans_symbol", {"symbol": _symbol(asset)})
        try:
            return {str(row[_ID]): abs(Decimal(str(row[_AMOUNT]))) for row in rows}
        except (ArithmeticError, LookupError, TypeError) as error:
            raise VenueUnreachable(f"unreadable list: {type(error).__name__}: {error}"[:300]) from error

    async def _read_bid(self, asset: str, row: Sequence[Any]) -> Bid:
        params = {"symbol": _symbol(asset), "limit": _PAGE}
        trades = await self._door.read("private_post_auth_r_funding_trades_symbol_hist", params)
        mine = [trade for trade in trades if str(trade[_OFFER_OF_TRADE]) == str(row[_ID])]
        taken = sum((abs(Decimal(str(trade[4]))) for trade in mine), Decimal(0))
        status: BidStatus = "open" if str(row[_STATUS]).startswith("ACTIVE") else "ended"
        if taken == abs(Decimal(str(row[_AMOUNT]))):
            status = "taken"
        return Bid(str(row[_ID]), status, taken, tuple(str(trade[_ID]) for trade in mine))


def _is_it(row: Sequence[Any], amount: Decimal, rate: Decimal, since_ms: int) -> bool:
    same = Decimal(str(row[_AMOUNT])) == -amount and Decimal(str(row[_RATE])) == rate
    return same and int(row[_CREATED]) >= since_ms


def _symbol(asset: str) -> str:
    return f"f{_CODES.get(asset, asset)}"
