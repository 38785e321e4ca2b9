"""Shapes of the sandbox routes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kernel.money import DecimalString

Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{2,10}$", examples=["BTC-USDT"])]
Venue = Literal["binance", "bitfinex", "kraken", "okx"]
Asset = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,10}$")]
Kind = Literal[
    "drop_before_accept",
    "drop_after_accept",
    "http_503",
    "http_429",
    "http_418",
    "slow",
    "partial_fill",
    "sequence_gap",
    "stale_book",
    "bad_json",
    "maintenance",
    "no_balance",
]
Operation = Literal["place", "cancel", "ask", "book", "balances", "stream", "any"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Point(_Strict):
    """One step of a script: the price, and how much business time passes before it."""

    price: DecimalString
    after: timedelta = timedelta(0)


class PriceIn(_Strict):
    """One of: `price` (pins), `path` or `recording` (plays in lock-step), `free` (back to the generator)."""

    symbol: Symbol
    venue: Venue | Literal["all"] = "all"
    price: DecimalString | None = None
    exact: bool = False
    path: Annotated[list[Point], Field(min_length=1, max_length=100_000)] | None = None
    recording: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    bars: Literal["close", "ohlc"] = "close"
    rows: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    free: bool = False

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        chosen = [self.price is not None, self.path is not None, self.recording is not None, self.free]
        if sum(chosen) != 1:
            raise ValueError("give exactly one of price, path, recording, free")
        prices = [self.price] if self.price is not None else [p.price for p in self.path or []]
        if any(price <= 0 for price in prices):
            raise ValueError("prices must be positive")
        if any(point.after < timedelta(0) for point in self.path or []):
            raise ValueError("after cannot go back in time")
        return self


class FaultIn(_Strict):
    """A fault at one venue, for a number of calls or of seconds; without either, until it is deleted."""

    venue: Venue
    kind: Kind
    operation: Operation = "place"
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    delay_ms: Annotated[int, Field(ge=0, le=600_000)] | None = None
    retry_after_s: Annotated[int, Field(ge=0, le=86_400)] | None = None


class VenueBalanceIn(_Strict):
    """What the venue holds free for us; the ledger books the difference as house capital."""

    venue: Venue
    asset: Asset
    free: DecimalString

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if self.free < 0:
            raise ValueError("free cannot be negative")
        return self


class ClockIn(_Strict):
    """ISO 8601 duration, e.g. PT1H; the business clock only grows."""

    advance: timedelta


class DepositIn(_Strict):
    """Money for a demo customer, booked against the outside world."""

    email: Annotated[str, Field(max_length=254)]
    asset: Asset
    amount: DecimalString

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.amount <= 0:
            raise ValueError("amount must be positive")
        return self


Network = Literal["ethereum", "bitcoin"]


class ChainPaymentIn(_Strict):
    """From a stranger to any address of a chain of the demo's: its own coin, or one of its tokens."""

    network: Network = "ethereum"
    asset: Asset | None = None
    address: Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z]{25,90}$")]
    amount: Annotated[DecimalString, Field(gt=0, le=1_000_000)]


class ChainBlocksIn(_Strict):
    """So many blocks now. `every_s`: from now on one comes by itself so often, 0: none does."""

    network: Network = "ethereum"
    count: Annotated[int, Field(ge=0, le=100)] = 0
    every_s: Annotated[int, Field(ge=0, le=60)] | None = None


class ChainReorgIn(_Strict):
    """How many of the newest blocks are replaced."""

    network: Network = "ethereum"
    count: Annotated[int, Field(ge=1, le=100)]
