"""Funds and orders of a venue's accounts: what is free, what is locked, and which order has which id."""

from collections.abc import Iterable
from decimal import Decimal

from venues.simulator.listings import START_BALANCES
from venues.simulator.shapes import ZERO, Side, SimOrder, SymbolSpec

Row = list[Decimal]  # free, locked


class Wallets:
    """Free and locked funds per account; an account opens with the start balances when it is first seen."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {}

    def account(self, account: str) -> dict[str, Row]:
        if account not in self._rows:
            self._rows[account] = {asset: [free, ZERO] for asset, free in START_BALANCES.items()}
        return self._rows[account]

    def row(self, account: str, asset: str) -> Row:
        return self.account(account).setdefault(asset, [ZERO, ZERO])

    def accounts(self) -> Iterable[str]:
        return tuple(self._rows)

    def restore(self, account: str, rows: dict[str, list[str]]) -> None:
        self._rows[account] = {asset: [Decimal(free), Decimal(locked)] for asset, (free, locked) in rows.items()}

    def lock(self, order: SimOrder, spec: SymbolSpec, needed: Decimal) -> bool:
        """Move `needed` from free to locked; False, and nothing moved, when there is too little."""
        row = self.row(order.account, paying_asset(spec, order.side))
        if row[0] < max(needed, order.requested_cost or ZERO):
            return False
        row[0] -= needed
        row[1] += needed
        order.locked = needed
        return True

    def settle(self, order: SimOrder, spec: SymbolSpec, *, spent: Decimal, keep: Decimal) -> None:
        """Spend from what the order has locked, keep the rest's need, return what is over."""
        row = self.row(order.account, paying_asset(spec, order.side))
        row[1] += keep - order.locked
        row[0] += order.locked - spent - keep
        order.locked = keep


def paying_asset(spec: SymbolSpec, side: Side) -> str:
    return spec.base if side == "sell" else spec.quote


class OrderShelf:
    """Every accepted order, found by its own id, its account or its client order id."""

    def __init__(self) -> None:
        self._orders: dict[int, SimOrder] = {}
        self._by_account: dict[str, list[SimOrder]] = {}
        self._by_coid: dict[tuple[str, str], list[SimOrder]] = {}
        self._open: dict[int, SimOrder] = {}

    def add(self, order: SimOrder) -> None:
        self._orders[order.venue_order_id] = order
        self._by_account.setdefault(order.account, []).append(order)
        if order.client_order_id is not None:
            self._by_coid.setdefault((order.account, order.client_order_id), []).append(order)
        if order.is_open:
            self._open[order.venue_order_id] = order

    def close(self, order: SimOrder) -> None:
        self._open.pop(order.venue_order_id, None)

    def twins(self, account: str, client_order_id: str) -> list[SimOrder]:
        return self._by_coid.get((account, client_order_id), [])

    def latest(self, account: str, *, venue_order_id: int | None, client_order_id: str | None) -> list[SimOrder]:
        """Candidates for one of the two ids, oldest first."""
        if venue_order_id is not None:
            one = self._orders.get(venue_order_id)
            return [one] if one is not None and one.account == account else []
        return self.twins(account, client_order_id or "")

    def of_account(self, account: str, *, open_only: bool) -> list[SimOrder]:
        if open_only:
            return [order for order in self._open.values() if order.account == account]
        return self._by_account.get(account, [])

    def resting(self, symbol: str) -> list[SimOrder]:
        return [order for order in self._open.values() if order.symbol == symbol]

    def newest_first(self) -> Iterable[SimOrder]:
        return reversed(self._orders.values())
