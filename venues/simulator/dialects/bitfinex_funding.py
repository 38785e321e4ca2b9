"""Bitfinex's margin funding: a bid takes money at a daily rate or better, what was taken is returned by closing it.

The simulated lenders ask `LENDERS_RATE` and have `SUPPLY` for each bid: a cheaper bid rests, a larger one is taken in part. Nothing here
knows a reference of the client's: a bid has none. What is taken lies in the wallet that trading uses, and is not remembered by a file.
"""

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import web

from venues.simulator.core import VenueCore
from venues.simulator.dialects import bitfinex_rows as rows
from venues.simulator.dialects.numbers import decimal_or_none

LENDERS_RATE, SUPPLY = Decimal("0.0001"), Decimal(500_000)
SHORTEST_DAYS, LONGEST_DAYS = 2, 120
Body = dict[str, Any]
Row = list[Any]


class FundingRefused(Exception):
    """The venue's words."""


@dataclass(slots=True)
class _Bid:
    id: int
    account: str
    asset: str
    amount: Decimal
    rate: Decimal
    period: int
    created_ms: int
    taken: Decimal = Decimal(0)
    cancelled: bool = False

    @property
    def is_open(self) -> bool:
        return not self.cancelled and self.taken < self.amount

    @property
    def status(self) -> str:
        if self.taken == self.amount:
            return "EXECUTED"
        words = "CANCELED" if self.cancelled else "ACTIVE"
        return f"{words} was: PARTIALLY FILLED" if self.taken else words

    def row(self) -> Row:
        made: Row = [None] * 21
        made[0], made[1], made[2], made[3] = self.id, f"f{rows.code(self.asset)}", self.created_ms, self.created_ms
        made[4], made[5], made[6] = -(self.amount - self.taken), -self.amount, "LIMIT"
        made[10], made[14], made[15] = self.status, self.rate, self.period
        return made


@dataclass(slots=True)
class _Taken:
    id: int
    bid: _Bid
    amount: Decimal
    at_ms: int
    closed: bool = False

    def row(self) -> Row:
        made: Row = [None] * 21
        made[0], made[1], made[2] = self.id, f"f{rows.code(self.bid.asset)}", -1
        made[3], made[4], made[5] = self.at_ms, self.at_ms, self.amount
        made[7] = "CLOSED (reason: closed by the taker)" if self.closed else "ACTIVE"
        made[11], made[12], made[13] = self.bid.rate, self.bid.period, self.at_ms
        return made

    def trade(self) -> Row:
        """A funding trade names the bid that it came from."""
        asset = f"f{rows.code(self.bid.asset)}"
        return [self.id, asset, self.at_ms, self.bid.id, -self.amount, self.bid.rate, self.bid.period, None]


@dataclass(slots=True)
class Funding:
    core: VenueCore
    bids: list[_Bid] = field(default_factory=list)
    taken: list[_Taken] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(41_000_000))

    def submit(self, account: str, _request: web.Request, body: Body) -> Any:
        amount, rate = decimal_or_none(body.get("amount")), decimal_or_none(body.get("rate"))
        asset, period = self._asset(str(body.get("symbol"))), int(body.get("period", 0))
        if amount is None or amount >= 0 or rate is None or rate <= 0:
            raise FundingRefused("amount or rate: invalid")
        if not SHORTEST_DAYS <= period <= LONGEST_DAYS:
            raise FundingRefused("period: invalid")
        bid = _Bid(next(self.numbers), account, asset, -amount, rate, period, self.core.now_ms())
        self.bids.append(bid)
        if rate >= LENDERS_RATE:
            self._take(bid, min(bid.amount, SUPPLY))
        return self._notice(
            "fon-req", bid.row(), f"Submitting funding bid of {bid.amount} at {rate} for {period} days."
        )

    def cancel(self, account: str, _request: web.Request, body: Body) -> Any:
        for bid in self.bids:
            if bid.account == account and bid.id == int(body.get("id", 0)) and bid.is_open:
                bid.cancelled = True
                return self._notice("foc-req", bid.row(), "Submitting cancel request.")
        raise FundingRefused("Offer not found.")

    def close(self, account: str, _request: web.Request, body: Body) -> Any:
        for taken in self.taken:
            if taken.bid.account == account and taken.id == int(body.get("id", 0)) and not taken.closed:
                free, _locked = self.core.balances(account)[taken.bid.asset]
                if free < taken.amount:
                    raise FundingRefused("not enough balance")
                self.core.set_free(account, taken.bid.asset, free - taken.amount)
                taken.closed = True
                return self._notice("fc-req", None, "Submitting close request.")
        raise FundingRefused("Funding not found.")

    def open_bids(self, account: str, request: web.Request, _body: Body) -> Any:
        return [bid.row() for bid in self._bids(account, request) if bid.is_open]

    def ended_bids(self, account: str, request: web.Request, body: Body) -> Any:
        return [bid.row() for bid in self._bids(account, request) if not bid.is_open][: int(body.get("limit", 25))]

    def trades(self, account: str, request: web.Request, body: Body) -> Any:
        return [taken.trade() for taken in self._taken(account, request)][: int(body.get("limit", 25))]

    def loans(self, account: str, request: web.Request, _body: Body) -> Any:
        return [taken.row() for taken in self._taken(account, request) if not taken.closed]

    def _bids(self, account: str, request: web.Request) -> list[_Bid]:
        asset = self._asset(request.match_info["symbol"])
        return [bid for bid in reversed(self.bids) if bid.account == account and bid.asset == asset]

    def _taken(self, account: str, request: web.Request) -> list[_Taken]:
        asset = self._asset(request.match_info["symbol"])
        return [one for one in reversed(self.taken) if one.bid.account == account and one.bid.asset == asset]

    def _take(self, bid: _Bid, amount: Decimal) -> None:
        free, _locked = self.core.balances(bid.account)[bid.asset]
        self.core.set_free(bid.account, bid.asset, free + amount)
        bid.taken += amount
        self.taken.append(_Taken(next(self.numbers), bid, amount, self.core.now_ms()))

    def _asset(self, symbol: str) -> str:
        known = {
            f"f{rows.code(asset)}": asset for spec in self.core.specs.values() for asset in (spec.base, spec.quote)
        }
        if symbol not in known:
            raise FundingRefused("symbol: invalid")
        return known[symbol]

    def _notice(self, kind: str, content: Any, text: str) -> list[Any]:
        return [self.core.now_ms(), kind, None, None, content, None, "SUCCESS", text]
