"""One simulated venue: accounts, orders and matching, exact and synchronous; its only I/O is its memory file.

Dialects translate their venue's words into these calls and these answers back; they decide nothing. Accepting
an order locks funds, a fill spends what was locked and returns the price improvement, cancel and expiry
return the rest. Orders match the live levels; resting orders are filled when a later price reaches them, at
their own limit, and are not shown in the book, so that a pinned price stays what was pinned.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from kernel import clock
from kernel.money import floor_to_scale
from venues.simulator import grid
from venues.simulator.accounts import OrderShelf, Wallets
from venues.simulator.faults import REFUSALS, Faults
from venues.simulator.listings import LISTINGS, Listing, Right, account_of, may, secret_of
from venues.simulator.market import SimMarket, about_half, merge_candles
from venues.simulator.moves import Moves
from venues.simulator.shapes import (
    ZERO,
    Book,
    BookChanged,
    Candle,
    Execution,
    Level,
    OrderChanged,
    OrderType,
    RejectKind,
    Side,
    SimFill,
    SimOrder,
    SimReject,
    StreamsCut,
    Subscriber,
    SymbolSpec,
    Ticker,
    TimeInForce,
    Trade,
    Traded,
    VenueEvent,
)
from venues.simulator.storage import Storage, decode_order, encode_order

__all__ = [
    "Book",
    "BookChanged",
    "Candle",
    "Execution",
    "Level",
    "OrderChanged",
    "RejectKind",
    "SimFill",
    "SimOrder",
    "SimReject",
    "StreamsCut",
    "SymbolSpec",
    "Ticker",
    "Trade",
    "Traded",
    "VenueCore",
    "VenueEvent",
]

_FEE_SCALE = 8
_FIRST_ORDER_ID = 100_000_000
_FIRST_TRADE_ID = 500_000_000
_FIRST_PUBLIC_TRADE_ID = 900_000_000
_STALE = frozenset({"stale_book"})
_NO_BALANCE = frozenset({"no_balance"})
_PARTIAL_FILL = frozenset({"partial_fill"})
_INVISIBLE = frozenset({"invisible"})
_SEQUENCE_GAP = frozenset({"sequence_gap"})
_CUTTING = REFUSALS | {"drop_before_accept", "drop_after_accept"}


def _wall_ms() -> int:
    return int(clock.wall().timestamp() * 1000)


class VenueCore:
    """The state of one venue. All methods run on one thread; events go to subscribers before they return."""

    def __init__(
        self,
        venue: str,
        faults: Faults | None = None,
        *,
        listing: Listing | None = None,
        storage: Storage | None = None,
        now_ms: Callable[[], int] = _wall_ms,
    ) -> None:
        self.venue = venue
        self.listing = listing or LISTINGS[venue]
        self.specs: dict[str, SymbolSpec] = self.listing.specs
        self.faults = faults or Faults()
        self.now_ms = now_ms
        self.markets = {
            symbol: SimMarket(spec, seed=f"{venue}:{symbol}", sequence=now_ms()) for symbol, spec in self.specs.items()
        }
        self._storage = storage
        self._wallets = Wallets()
        self.moves = Moves(self)
        self._shelf = OrderShelf()
        self._subscribers: list[Subscriber] = []
        self._next_order_id = _FIRST_ORDER_ID
        self._next_trade_id = _FIRST_TRADE_ID
        self._next_public_trade_id = _FIRST_PUBLIC_TRADE_ID
        self._replay()

    # --- accounts

    def secret_of(self, api_key: str) -> str | None:
        """The secret of an API key as text, None for a key this venue does not know."""
        return secret_of(self.venue, api_key)

    def enter(self, api_key: str, right: Right) -> str | None:
        """The account that a known key opens for this; None where the key was not given the right."""
        return account_of(self.venue, api_key) if may(self.venue, api_key, right) else None

    def accounts(self) -> Iterable[str]:
        return {account_of(self.venue, f"sim-{self.venue}-key"), *self._wallets.accounts()}

    def change_free(self, account: str, asset: str, by: Decimal, *, moves: list[dict[str, Any]]) -> None:
        """What a withdrawal or a deposit does; remembered together with it."""
        self._wallets.row(account, asset)[0] += by
        self._remember(None, account, moves)

    def balances(self, account: str) -> dict[str, tuple[Decimal, Decimal]]:
        return {asset: (free, locked) for asset, (free, locked) in self._wallets.account(account).items()}

    def set_free(self, account: str, asset: str, free: Decimal) -> None:
        self._wallets.row(account, asset)[0] = free
        self._remember(None, account)

    # --- orders

    def place(
        self,
        account: str,
        *,
        symbol: str,
        side: Side,
        type: OrderType,  # noqa: A002 - the word every venue uses
        quantity: Decimal | None = None,
        cost: Decimal | None = None,
        price: Decimal | None = None,
        time_in_force: TimeInForce = "gtc",
        client_order_id: str | None = None,
    ) -> SimOrder:
        """Accept and match one order; `cost` instead of `quantity` for a market buy.

        Raises:
            SimReject: nothing was accepted and nothing changed.
        """
        market = self._market(symbol)
        self._check_coid(account, client_order_id)
        self._check_grid(market, type=type, quantity=quantity, cost=cost, price=price)
        if type == "market":
            time_in_force, price = "ioc", None
        taken = market.walk(side, limit=price, quantity=quantity, cost=cost)
        if time_in_force == "post_only" and taken:
            raise SimReject("post_only_would_match", "Order would immediately match and take.")
        if time_in_force == "fok" and sum(part for _, part in taken) != quantity:
            taken = []
        if self.faults.take(self.venue, "place", _NO_BALANCE):
            raise SimReject("insufficient_funds", "Account has insufficient balance for requested action.")
        now = self.now_ms()
        order = SimOrder(
            venue_order_id=self._next_order_id,
            client_order_id=client_order_id,
            account=account,
            symbol=symbol,
            side=side,
            type=type,
            time_in_force=time_in_force,
            price=price,
            quantity=quantity if quantity is not None else sum((part for _, part in taken), ZERO),
            created_ms=now,
            updated_ms=now,
            requested_cost=cost,
        )
        self._lock(order, taken)
        self._next_order_id += 1
        if taken and self.faults.take(self.venue, "place", _PARTIAL_FILL):
            taken = about_half(taken, market.spec.step)
        invisible = self.faults.take(self.venue, "place", _INVISIBLE)
        order.visible_from_ms = now + invisible.delay_ms if invisible else 0
        market.eat(side, taken)
        self._shelf.add(order)
        self._settle(order, taken, maker=False, now=now)
        if order.is_open and time_in_force in {"ioc", "fok"}:
            self._finish(order, "expired", now)
        self._remember(order, account)
        self._announce(order, new=True, fills=order.fills, now=now)
        self._publish_book(market)
        return order

    def cancel(
        self, account: str, *, venue_order_id: int | None = None, client_order_id: str | None = None
    ) -> SimOrder:
        order = self._latest(account, venue_order_id=venue_order_id, client_order_id=client_order_id, open_only=True)
        if order is None:
            raise SimReject("unknown_order", "Unknown order sent.")
        now = self.now_ms()
        self._finish(order, "cancelled", now)
        self._remember(order, account)
        self._announce(order, new=False, fills=[], now=now)
        return order

    def find(
        self,
        account: str,
        *,
        venue_order_id: int | None = None,
        client_order_id: str | None = None,
        symbol: str | None = None,
    ) -> SimOrder | None:
        """The newest visible order with this id; None when there is none."""
        order = self._latest(account, venue_order_id=venue_order_id, client_order_id=client_order_id)
        if order is None or (symbol is not None and order.symbol != symbol):
            return None
        return order

    def orders(
        self, account: str, symbol: str | None = None, *, open_only: bool = False, since_ms: int | None = None
    ) -> list[SimOrder]:
        """Visible orders of an account, oldest first."""
        now = self.now_ms()
        return [
            order
            for order in self._shelf.of_account(account, open_only=open_only)
            if (symbol is None or order.symbol == symbol)
            and (since_ms is None or order.created_ms >= since_ms)
            and order.visible_from_ms <= now
        ]

    def fills(
        self,
        account: str,
        symbol: str | None = None,
        *,
        since_ms: int | None = None,
        venue_order_id: int | None = None,
    ) -> list[tuple[SimOrder, SimFill]]:
        """Fills of an account with their orders, oldest first."""
        if venue_order_id is not None:
            one = self.find(account, venue_order_id=venue_order_id, symbol=symbol)
            source = [one] if one else []
        else:
            source = self.orders(account, symbol)
        found = [
            (order, fill) for order in source for fill in order.fills if since_ms is None or fill.time_ms >= since_ms
        ]
        return sorted(found, key=lambda pair: pair[1].trade_id)

    def every_order(self, *, client_order_id: str | None = None) -> list[SimOrder]:
        """What the venue really accepted, all accounts, newest first: the oracle of tests and drills."""
        return [
            order
            for order in self._shelf.newest_first()
            if client_order_id is None or order.client_order_id == client_order_id
        ]

    # --- market data

    def book(self, symbol: str, depth: int = 20) -> Book:
        self.faults.take(self.venue, "book", _STALE)
        return self._market(symbol).book(depth)

    def ticker(self, symbol: str) -> Ticker:
        return self._market(symbol).ticker(self.now_ms())

    def trades(self, symbol: str, limit: int = 500) -> list[Trade]:
        """Public trades, oldest first."""
        return list(self._market(symbol).tape)[-limit:]

    def candles(self, symbol: str, interval_s: int = 60, limit: int = 500) -> list[Candle]:
        """Candles, oldest first; the last one is still open."""
        return merge_candles(list(self._market(symbol).candles), interval_s * 1000)[-limit:]

    @property
    def silent(self) -> set[str]:
        return {symbol for symbol, market in self.markets.items() if market.silent}

    def set_price(self, symbol: str, mid: Decimal, *, exact: bool = False, tight: bool = True) -> None:
        """Move the market to `mid`, refill its levels and fill the resting orders the price reached."""
        market = self._market(symbol)
        if not tight:
            market.redraw_sizes()
        market.set_mid(mid, exact=exact, tight=tight)
        self._after_price(market)

    def refresh(self, symbol: str) -> None:
        """A heartbeat of a pinned market: refill what was eaten, keep feeds and tape alive."""
        market = self._market(symbol)
        market.refresh()
        self._after_price(market, alive=True)

    def publish(self, symbol: str) -> None:
        self._publish_book(self._market(symbol))

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call `callback` with every event from now on; the result unsubscribes."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    # --- inside: checks

    def _market(self, symbol: str) -> SimMarket:
        market = self.markets.get(symbol)
        if market is None:
            raise SimReject("unknown_symbol", "Invalid symbol.")
        return market

    def _check_coid(self, account: str, client_order_id: str | None) -> None:
        if client_order_id is None or self.listing.coid_rule == "accept":
            return
        twins = self._shelf.twins(account, client_order_id)
        if self.listing.coid_rule == "refuse_while_open":
            twins = [order for order in twins if order.is_open]
        if twins:
            raise SimReject("duplicate_client_order_id", "Duplicate order sent.")

    def _check_grid(
        self,
        market: SimMarket,
        *,
        type: OrderType,  # noqa: A002
        quantity: Decimal | None,
        cost: Decimal | None,
        price: Decimal | None,
    ) -> None:
        spec = market.spec
        if (quantity is None) == (cost is None) or (type == "limit" and quantity is None):
            raise SimReject("lot_size", "Exactly one of quantity and cost, a limit order by quantity.")
        if quantity is not None and (quantity < spec.min_quantity or quantity % spec.step):
            raise SimReject("lot_size", "Filter failure: LOT_SIZE")
        if type == "limit" and (price is None or not grid.on_grid(spec, price)):
            raise SimReject("price_filter", "Filter failure: PRICE_FILTER")
        notional = cost if cost is not None else (quantity or ZERO) * (price or market.mid)
        if notional < spec.min_notional or notional <= 0:
            raise SimReject("min_notional", "Filter failure: NOTIONAL")

    # --- inside: money

    def _fee_factor(self) -> Decimal:
        """What a buy must have ready per unit of cost: fees charged in quote come on top."""
        return 1 + self.listing.taker_fee if self.listing.fee_in == "quote" else Decimal(1)

    def _needed(self, order: SimOrder) -> Decimal:
        """What an open order must keep locked for its remainder."""
        if order.side == "sell":
            return order.remaining
        return order.remaining * (order.price or ZERO) * self._fee_factor()

    def _lock(self, order: SimOrder, taken: list[Level]) -> None:
        spec = self.specs[order.symbol]
        needed = self._needed(order)
        if order.side == "buy" and order.price is None:
            needed = sum((price * part for price, part in taken), ZERO) * self._fee_factor()
        if not self._wallets.lock(order, spec, needed):
            raise SimReject("insufficient_funds", "Account has insufficient balance for requested action.")

    def _settle(self, order: SimOrder, taken: list[Level], *, maker: bool, now: int) -> None:
        for price, part in taken:
            self._fill(order, price=price, part=part, maker=maker, now=now)

    def _fill(self, order: SimOrder, *, price: Decimal, part: Decimal, maker: bool, now: int) -> None:
        spec = self.specs[order.symbol]
        cost = price * part
        rate = self.listing.maker_fee if maker else self.listing.taker_fee
        in_base = order.side == "buy" and self.listing.fee_in == "received"
        fee = floor_to_scale((part if in_base else cost) * rate, _FEE_SCALE)
        order.fills.append(
            SimFill(self._next_trade_id, price, part, fee, spec.base if in_base else spec.quote, now, maker)
        )
        self._next_trade_id += 1
        order.filled_quantity += part
        order.cost += cost
        order.updated_ms = now
        order.status = "partially_filled" if order.remaining else "filled"
        if order.side == "buy":
            spent = cost if in_base else cost + fee
            self._wallets.row(order.account, spec.base)[0] += part - fee if in_base else part
        else:
            spent = part
            self._wallets.row(order.account, spec.quote)[0] += cost - fee
        bounded = order.price is not None or order.side == "sell"
        keep = self._needed(order) if bounded else order.locked - spent
        self._wallets.settle(order, spec, spent=spent, keep=ZERO if order.status == "filled" else keep)
        if order.status == "filled":
            self._shelf.close(order)

    def _finish(self, order: SimOrder, status: Execution, now: int) -> None:
        order.status = "expired" if status == "expired" else "cancelled"
        order.updated_ms = now
        self._shelf.close(order)
        self._wallets.settle(order, self.specs[order.symbol], spent=ZERO, keep=ZERO)

    # --- inside: prices reach resting orders

    def _after_price(self, market: SimMarket, *, alive: bool = False) -> None:
        now = self.now_ms()
        for order in self._shelf.resting(market.spec.symbol):
            self._match_resting(order, market, now)
        if not market.silent:
            self._emit(Traded(market.spec.symbol, market.print_trade(self._next_public_trade_id, now)))
            self._next_public_trade_id += 1
        self._publish_book(market, alive=alive)

    def _match_resting(self, order: SimOrder, market: SimMarket, now: int) -> None:
        taken = market.walk(order.side, limit=order.price, quantity=order.remaining)
        if not taken or order.price is None:
            return
        market.eat(order.side, taken)
        before = len(order.fills)
        self._settle(order, [(order.price, sum((part for _, part in taken), ZERO))], maker=True, now=now)
        self._remember(order, order.account)
        self._announce(order, new=False, fills=order.fills[before:], now=now)

    # --- inside: ids, events, memory

    def _latest(
        self,
        account: str,
        *,
        venue_order_id: int | None,
        client_order_id: str | None,
        open_only: bool = False,
    ) -> SimOrder | None:
        found = self._shelf.latest(account, venue_order_id=venue_order_id, client_order_id=client_order_id)
        now = self.now_ms()
        visible = [o for o in found if o.visible_from_ms <= now and (o.is_open or not open_only)]
        return visible[-1] if visible else None

    def _announce(self, order: SimOrder, *, new: bool, fills: list[SimFill], now: int) -> None:
        if new:
            self._emit(OrderChanged(order, "new", None, now))
        for fill in fills:
            self._emit(OrderChanged(order, "trade", fill, now))
        if order.status == "cancelled" or order.status == "expired":  # noqa: PLR1714 - narrows the literal
            self._emit(OrderChanged(order, order.status, None, now))

    def _publish_book(self, market: SimMarket, *, alive: bool = False) -> None:
        """Show the live levels; with `alive` a market that is not silent says something even if unchanged."""
        if not market.differs() and (market.silent or not alive):
            return
        if self.faults.take(self.venue, "book", _STALE):
            return
        change = market.publish(self.now_ms())
        if self._subscribers and self.faults.take(self.venue, "stream", _SEQUENCE_GAP, pushed=True):
            return
        if self._subscribers and self.faults.take(self.venue, "stream", _CUTTING, pushed=True):
            self._emit(StreamsCut("fault"))
            return
        self._emit(change)

    def _emit(self, event: VenueEvent) -> None:
        for subscriber in list(self._subscribers):
            subscriber(event)

    def _remember(self, order: SimOrder | None, account: str, moves: list[dict[str, Any]] | None = None) -> None:
        if self._storage is None:
            return
        self._storage.append(
            {
                "order": encode_order(order) if order else None,
                "account": account,
                "balances": self._wallets.account(account),
                "next_order_id": self._next_order_id,
                "next_trade_id": self._next_trade_id,
                "moves": moves or [],
            }
        )

    def _replay(self) -> None:
        if self._storage is None:
            return
        orders: dict[int, SimOrder] = {}
        for record in self._storage.replay():
            if record["order"] is not None:
                order = decode_order(record["order"])
                orders[order.venue_order_id] = order
            self._wallets.restore(record["account"], record["balances"])
            for one in record.get("moves", ()):
                self.moves.restore(one)
            self._next_order_id = record["next_order_id"]
            self._next_trade_id = record["next_trade_id"]
        for order in orders.values():
            self._shelf.add(order)
