"""Orders and account data of one venue account through unmodified ccxt.

`place` hands exactly one request to the network, bounded in time at the venue where it knows such a bound, and turns whatever happens
into an outcome. Where the answer holds only an id or no fees, the rest is asked for at once; if that fails the order is still placed
and shown as open, and the caller keeps asking. Only the engine loads this module; nothing else in the product imports ccxt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp

from kernel import clock
from kernel.db import assert_no_transaction
from kernel.errors import DomainError
from kernel.money import canonical
from kernel.settings import settings
from venues import ccxt_reports, coids, exchanges, wire
from venues.accounts import VenueAccount
from venues.budgets import Budget, Purpose
from venues.capabilities import of
from venues.ccxt_lookup import Missing, Question, find, reaches_back, trades_of
from venues.ccxt_markets import grid_of
from venues.ccxt_reports import Raw, milliseconds
from venues.errors import ROWS, Classified, Reply, Row, Verdict, classify, pause_asked_s, says_absent
from venues.gateway import (
    TERMINAL,
    Absent,
    Asked,
    AskFailed,
    Found,
    OrderReport,
    Outcome,
    Placed,
    PlaceOrder,
    Refused,
    Unknown,
    VenueBalance,
    VenueFees,
    VenueTrade,
    VenueUnreachable,
)
from venues.grids import Grid, default_grid
from venues.health import VenueHealth
from venues.nonces import Gate, Urgency

Rows = Mapping[str, Sequence[Row]]
CLOCK_GRAIN = timedelta(seconds=2)  # Kraken tells whole seconds; smaller differences are not worth a correction
TRADES_LIMIT = 500


class Blocked(Exception):
    """Our own breaker, pause or budget stopped the call before anything was sent."""

    def __init__(self, why: str, retry_after_s: float) -> None:
        super().__init__(f"{why}, {retry_after_s:.1f} s to wait")
        self.code, self.retry_after_s = why, retry_after_s


class CallFailed(Exception):
    """A request that may be repeated did not bring an answer that the library understood."""

    def __init__(self, error: Exception, reply: Reply | None) -> None:
        super().__init__(f"{type(error).__name__}: {error}"[:300])
        self.reply, self.retry_after_s = reply, reply.retry_after_s if reply else None


class NotSendable(Exception):
    """The order does not fit the venue; nothing was sent."""


class CcxtGateway:
    """One account at one venue; one instance per key and process, because a nonce is counted per instance."""

    def __init__(
        self,
        account: VenueAccount,
        *,
        budget: Budget | None = None,
        health: VenueHealth | None = None,
        timeout_s: float | None = None,
    ) -> None:
        self.account = account
        self._row = of(account.venue)
        self._budget = budget or Budget(account, None)
        self.health = health or VenueHealth(account.venue)
        self._timeout_s = timeout_s or settings().venue_timeout_s
        self._gate = Gate(self._row.max_in_flight)
        self._session: aiohttp.ClientSession | None = None
        self._exchange: Any = None
        self._loaded = False
        self._loading = asyncio.Lock()
        self._grids: dict[str, Grid] = {}
        self._offset = timedelta(0)

    @property
    def venue(self) -> str:
        return self.account.venue

    @property
    def validity_s(self) -> float | None:
        return self._row.validity_s

    @property
    def loaded(self) -> bool:
        """Whether markets and clock could be read; before that nothing is `ready`."""
        return self._loaded

    def ready(self) -> bool:
        """Whether an order would be let through now."""
        return self._loaded and self.health.ready("place")

    def reset_health(self) -> None:
        """Close every breaker and end every pause."""
        self.health.reset()

    def grid(self, symbol: str) -> Grid:
        return self._grids.get(symbol) or default_grid(self.venue, symbol)

    async def load(self) -> None:
        """Read markets and the venue's clock.

        Raises:
            VenueUnreachable: the venue does not answer; what was known stays.
        """
        assert_no_transaction()
        async with self._loading:
            await self._read_markets()

    async def _loaded_once(self) -> None:
        if not self._loaded:
            async with self._loading:
                if not self._loaded:
                    await self._read_markets()

    async def _read_markets(self) -> None:
        if self.health.paused_s() > 0:
            raise VenueUnreachable(f"{self.venue}: paused", self.health.paused_s())
        with wire.call_scope() as scope:
            try:
                await self._load()
            except Exception as error:
                self._heed(scope.reply)
                raise VenueUnreachable(f"{self.venue}: {type(error).__name__}: {error}"[:300]) from error

    def _heed(self, reply: Reply | None) -> None:
        seconds = pause_asked_s(reply)
        if seconds is not None:
            self.health.pause(seconds)

    async def _load(self) -> None:
        if self._session is None:
            self._session = wire.session(encrypted=not (self.account.base_url or "").startswith("http:"))
            self._exchange = exchanges.rest_exchange(self.account, timeout_s=self._timeout_s, session=self._session)
        exchange = self._exchange
        if exchange.has["fetchTime"]:
            before = clock.wall()
            venue_ms = await exchange.fetch_time()
            offset = ccxt_reports.moment(int(venue_ms)) - (before + (clock.wall() - before) / 2)
            self._offset = offset if abs(offset) > CLOCK_GRAIN else timedelta(0)
        await exchange.load_markets(self._loaded)
        if "timeDifference" in exchange.options:
            exchange.options["timeDifference"] = -(self._offset // timedelta(milliseconds=1))
        self._grids = {
            exchanges.our_symbol(name): grid_of(self.venue, market)
            for name, market in exchange.markets.items()
            if market.get("spot")
        }
        self._loaded = True

    async def close(self) -> None:
        if self._exchange is not None:
            await self._exchange.close()
        if self._session is not None:
            await self._session.close()
        self._exchange = self._session = None
        self._loaded = False

    # ------------------------------------------------------------------------------------------------------ orders
    async def place(self, order: PlaceOrder) -> Outcome:
        """Send the order once and say what is known about it; never raises."""
        started = clock.monotonic()
        try:
            assert_no_transaction()
            await self._loaded_once()
            quantity, price = self._on_grid(order)
            await self._admit("place", "trading")
        except Blocked as stop:
            return Refused(reason="never_sent", code=stop.code, text=str(stop), retry_after_s=stop.retry_after_s)
        except (NotSendable, VenueUnreachable, DomainError) as error:
            return Refused(reason="never_sent", code="not_sendable", text=str(error))
        answer = await self._submit(order, quantity, price, started)
        if isinstance(answer, Classified):
            return answer.outcome()
        try:
            return Placed(await self._completed(order, answer))
        except Exception as error:  # noqa: BLE001  the order exists, but its answer makes no sense: ask
            return Unknown(text=f"unreadable answer: {type(error).__name__}: {error}"[:300])

    async def _submit(self, order: PlaceOrder, quantity: Decimal, price: Decimal, started: float) -> Raw | Classified:
        """The one POST. Returns the order that the answer names, or the verdict on what came instead."""
        coid = coids.for_venue(self.venue, order.coid_number)
        params, headers = self._bounded(order, coid)
        answer: Any = None
        error: Exception | None = None
        async with self._gate.passing(Urgency.ORDER):
            with wire.call_scope(headers=headers, at_most=1) as scope:
                if clock.monotonic() - started > self._row.send_within_s:
                    return Classified(
                        verdict=Verdict.NEVER_SENT, code="waited_too_long", text="the key or its venue was busy"
                    )
                try:
                    answer = await self._exchange.create_order(
                        exchanges.ccxt_symbol(order.symbol),
                        "limit",
                        order.side,
                        canonical(quantity),
                        canonical(price),
                        params,
                    )
                except Exception as caught:  # noqa: BLE001  every exception is a statement about the order
                    error = caught
        if error is None and isinstance(answer, Mapping) and answer.get("id"):
            self.health.breaker("place").succeeded()
            return answer
        verdict = classify(self.venue, error=error, reply=scope.reply, sent=scope.sent > 0)
        self._note("place", verdict, scope)
        return verdict

    def _bounded(self, order: PlaceOrder, coid: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The closed list of parameters, and headers, that bound the order in time at the venue."""
        params: dict[str, Any] = {"timeInForce": order.time_in_force.upper(), "clientOrderId": coid}
        sent_at = order.sent_at + self._offset
        if self._row.validity_s is None:
            return params | {"clientOrderId": int(coid)}, {}
        until = sent_at + timedelta(seconds=self._row.validity_s)
        if self.venue == "binance":
            window = int(self._row.validity_s * 1000)
            return params | {"timestamp": milliseconds(sent_at), "recvWindow": window}, {}
        if self.venue == "okx":
            return params, {"expTime": str(milliseconds(until))}
        return params | {"deadline": until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}, {}

    def _on_grid(self, order: PlaceOrder) -> tuple[Decimal, Decimal]:
        """Quantity and limit as they will be sent, rounded by us; the library must find nothing left to round."""
        grid = self.grid(order.symbol)
        quantity = grid.floor_quantity(order.quantity)
        price = grid.protective_limit(order.side, order.limit_price)
        if grid.too_small(quantity, price):
            raise NotSendable(f"{canonical(quantity)} at {canonical(price)} is below the venue's minimum")
        symbol = exchanges.ccxt_symbol(order.symbol)
        if symbol not in self._exchange.markets:
            raise NotSendable(f"{self.venue} does not list {order.symbol}")
        shown = self._exchange.price_to_precision(symbol, canonical(price))
        lot = self._exchange.amount_to_precision(symbol, canonical(quantity))
        if Decimal(shown) != price or Decimal(lot) != quantity:
            raise NotSendable("the venue's grid has changed")
        return quantity, price

    async def _completed(self, order: PlaceOrder, answer: Raw) -> OrderReport:
        """The report of an order that is placed, with whatever the answer did not hold asked for once."""
        coid = coids.for_venue(self.venue, order.coid_number)
        told = answer if self._row.create_returns != "id" else {"id": answer["id"], "status": "open"}
        known = ccxt_reports.report(self.venue, told, coid=coid, at=clock.wall())
        if known.fills_complete and known.status in TERMINAL:
            return known
        asked = await self.ask(
            coid_number=order.coid_number, symbol=order.symbol, sent_at=order.sent_at, venue_order_id=str(answer["id"])
        )
        if isinstance(asked, Found) and asked.report.filled_quantity >= known.filled_quantity:
            return asked.report
        return known

    async def ask(
        self, *, coid_number: int, symbol: str, sent_at: datetime, venue_order_id: str | None = None
    ) -> Asked:
        """What the venue knows about an order of ours; never raises."""
        question = Question(
            coid=coids.for_venue(self.venue, coid_number), symbol=symbol, sent_at=sent_at, venue_order_id=venue_order_id
        )
        try:
            found = await find(self.venue, self._asking, question)
            if isinstance(found, Missing):
                return Absent(found.authoritative)
            return Found(await self._with_trades(question, found))
        except Blocked as stop:
            return AskFailed(str(stop), stop.retry_after_s)
        except CallFailed as failure:
            if says_absent(self.venue, failure.reply):
                return Absent(reaches_back(self.venue, question))
            return AskFailed(str(failure), failure.retry_after_s)
        except Exception as error:  # noqa: BLE001  a question that fails says nothing about the order
            return AskFailed(f"{type(error).__name__}: {error}"[:300])

    async def _with_trades(self, question: Question, order: Raw) -> OrderReport:
        order = {**order, "trades": None}  # ids or echoes at most; the executions come from the trade lists
        report = ccxt_reports.report(self.venue, order, coid=question.coid)
        if report.fills_complete or report.venue_order_id is None:
            return report
        try:
            trades = await trades_of(self.venue, self._asking, question, report.venue_order_id)
        except (Blocked, CallFailed, VenueUnreachable):  # the order is known; its trades will be asked for again
            return report
        return ccxt_reports.report(self.venue, order, coid=question.coid, trades=trades)

    async def cancel(
        self, *, coid_number: int, symbol: str, sent_at: datetime, venue_order_id: str | None = None
    ) -> Asked:
        """Cancel, then ask: the answer is the order's state, whoever was faster."""
        if venue_order_id is None:
            known = await self.ask(coid_number=coid_number, symbol=symbol, sent_at=sent_at)
            if not isinstance(known, Found) or known.report.status in TERMINAL:
                return known
            venue_order_id = known.report.venue_order_id
        try:
            await self._send("cancel", Urgency.ORDER, "cancel_order", venue_order_id, exchanges.ccxt_symbol(symbol))
        except Exception as error:  # noqa: BLE001  already closed, or unknown: the question below tells
            failure = f"{type(error).__name__}: {error}"
        else:
            failure = ""
        asked = await self.ask(coid_number=coid_number, symbol=symbol, sent_at=sent_at, venue_order_id=venue_order_id)
        return AskFailed(f"{failure}; {asked.text}") if isinstance(asked, AskFailed) and failure else asked

    # ------------------------------------------------------------------------------------------------------- lists
    async def balances(self) -> dict[str, VenueBalance]:
        """All assets of the trading account.

        Raises:
            VenueUnreachable: they could not be read.
        """
        return ccxt_reports.balances(await self._list("balances", "fetch_balance"))

    async def fees(self, symbols: Sequence[str]) -> dict[str, VenueFees]:
        """The account's rates in those of the markets that the venue lists.

        Raises:
            VenueUnreachable: they could not be read.
        """
        await self._loaded_once()
        names = {exchanges.ccxt_symbol(s): s for s in symbols if exchanges.ccxt_symbol(s) in self._exchange.markets}
        if self._exchange.has["fetchTradingFee"]:
            raw = {name: await self._list("fees", "fetch_trading_fee", name) for name in names}
        else:
            raw = await self._list("fees", "fetch_trading_fees")
        return {symbol: ccxt_reports.fees(self.venue, raw[name]) for name, symbol in names.items() if name in raw}

    async def last_price(self, symbol: str) -> Decimal | None:
        """The last price of any market that the venue lists; None where it does not.

        Raises:
            VenueUnreachable: it could not be read.
        """
        await self._loaded_once()
        name = exchanges.ccxt_symbol(symbol)
        if name not in self._exchange.markets:
            return None
        return ccxt_reports.last_price(await self._list("fees", "fetch_ticker", name))

    async def trades_since(self, symbol: str, since: datetime) -> list[VenueTrade]:
        """Our executions, oldest first; at most the venue's page, so ask from the last one again.

        Raises:
            VenueUnreachable: they could not be read.
        """
        raw = await self._list(
            "trades", "fetch_my_trades", exchanges.ccxt_symbol(symbol), since=milliseconds(since), limit=TRADES_LIMIT
        )
        return sorted((ccxt_reports.trade(self.venue, row) for row in raw), key=lambda row: row.executed_at)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        """Everything open on this account, ours or not.

        Raises:
            VenueUnreachable: they could not be read.
        """
        raw = await self._list("open_orders", "fetch_open_orders", exchanges.ccxt_symbol(symbol))
        return [ccxt_reports.report(self.venue, {**row, "trades": None}, coid="") for row in raw]

    async def _list(self, operation: str, method: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._send(operation, Urgency.LIST, method, *args, **kwargs)
        except (Blocked, CallFailed) as error:
            raise VenueUnreachable(f"{self.venue}: {error}", error.retry_after_s) from error

    # ----------------------------------------------------------------------------------------------------- sending
    async def post_once(
        self, method: str, *arguments: Any, operation: str = "place", rows: Rows = ROWS
    ) -> Any | Refused | Unknown:
        """One request that changes something and is no order: sent once, like an order; never raises.

        `rows` says which answers prove that nothing was changed.
        """
        try:
            assert_no_transaction()
            await self._loaded_once()
            await self._admit(operation, "trading")
        except Blocked as stop:
            return Refused(reason="never_sent", code=stop.code, text=str(stop), retry_after_s=stop.retry_after_s)
        except (VenueUnreachable, DomainError) as error:
            return Refused(reason="never_sent", code="not_sendable", text=str(error))
        async with self._gate.passing(Urgency.ORDER):
            with wire.call_scope(at_most=1) as scope:
                try:
                    answer = await getattr(self._exchange, method)(*arguments)
                except Exception as error:  # noqa: BLE001  every exception is a statement about the request
                    verdict = classify(
                        self.venue,
                        error=error,
                        reply=scope.reply,
                        sent=scope.sent > 0,
                        rows=rows,
                        words_only=rows is not ROWS,
                    )
                    self._note(operation, verdict, scope)
                    return verdict.outcome()
        self.health.breaker(operation).succeeded()
        return answer

    @property
    def currencies(self) -> Mapping[str, Any]:
        """What the library knows of the venue's assets; empty until markets are read."""
        return self._exchange.currencies or {} if self._loaded else {}

    async def read(self, method: str, *arguments: Any) -> Any:
        """Ask for something that may be asked again.

        Raises:
            VenueUnreachable: there was no answer that says anything.
        """
        try:
            return await self._asking(method, *arguments)
        except (Blocked, CallFailed) as error:
            raise VenueUnreachable(f"{self.venue}: {error}", error.retry_after_s) from error

    async def _asking(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return await self._send("ask", Urgency.QUESTION, method, *args, **kwargs)

    async def _send(self, operation: str, urgency: Urgency, method: str, *args: Any, **kwargs: Any) -> Any:
        """One request that may be repeated by whoever asks, through breaker, budget and gate."""
        assert_no_transaction()
        await self._loaded_once()
        await self._admit(operation, "reading" if urgency is Urgency.LIST else "trading")
        with wire.call_scope() as scope:
            try:
                async with self._gate.passing(urgency):
                    answer = await getattr(self._exchange, method)(*args, **kwargs)
            except Exception as error:
                self._note(operation, classify(self.venue, error=error, reply=scope.reply, sent=scope.sent > 0), scope)
                raise CallFailed(error, scope.reply) from error
        self.health.breaker(operation).succeeded()
        return answer

    async def _admit(self, operation: str, purpose: Purpose) -> None:
        wait = self.health.wait_s(operation)
        if wait > 0:
            raise Blocked("venue_paused", wait)
        wait = await self._budget.take(purpose)
        if wait > 0:
            raise Blocked("rate_budget", wait)

    def _note(self, operation: str, verdict: Classified, scope: wire.CallScope) -> None:
        """Tell the breaker: a business refusal or an absent order is a healthy answer, everything else is a failure."""
        self._heed(scope.reply)
        healthy = verdict.verdict in {Verdict.REJECTED, Verdict.DUPLICATE, Verdict.NEVER_SENT}
        if healthy or says_absent(self.venue, scope.reply):
            self.health.breaker(operation).succeeded()
        else:
            self.health.breaker(operation).failed()
