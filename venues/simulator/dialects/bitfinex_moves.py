"""Bitfinex's movements. A withdrawal may carry a note, which the history shows; a refusal is a notice with the number 0.

The fee comes on top of the amount and is one per currency, whatever the method.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from aiohttp import web

from venues.simulator.core import VenueCore
from venues.simulator.dialects import bitfinex_rows as rows
from venues.simulator.dialects.numbers import decimal_or_none
from venues.simulator.moves import MoveRefused, SimDeposit, SimWithdrawal

METHODS = {
    ("BTC", "bitcoin"): "BITCOIN",
    ("ETH", "ethereum"): "ETHEREUM",
    ("USDT", "ethereum"): "TETHERUSE",
    ("USDT", "tron"): "TETHERUSX",
}
_RAILS = {method.lower(): rail for rail, method in METHODS.items()}
_STATES = {"pending": "SENDING", "done": "COMPLETED", "failed": "CANCELED"}
_PLACES = 22
_REFUSALS = {
    "insufficient_funds": "Insufficient balance.",
    "below_minimum": "Amount is below the minimum.",
    "network_closed": "Withdrawals are disabled for this method.",
    "unknown_network": "Invalid withdrawal method.",
    "bad_address": "Invalid withdrawal address.",
}
Body = dict[str, Any]
Act = Callable[[str, web.Request, Body], Any]


class BitfinexMoves:
    def __init__(self, core: VenueCore) -> None:
        self._core, self._moves = core, core.moves

    def table(self) -> dict[str, Act]:
        return {
            "/auth/w/withdraw": self.withdraw,
            "/auth/w/deposit/address": self.address,
            "/auth/r/movements/hist": self.movements,
            "/auth/r/movements/{currency}/hist": self.movements,
        }

    def config(self, label: str) -> list[Any] | None:
        """The labels of the configuration that tell of moves; None for all others."""
        rails = self._moves.rails()
        if label == "pub:map:tx:method":
            return [[METHODS[rail.asset, rail.network], [rows.code(rail.asset)]] for rail in rails]
        if label == "pub:info:tx:status":
            return [
                [METHODS[rail.asset, rail.network], int(self._moves.is_open("deposit", rail)), int(self._moves.is_open("withdraw", rail))]
                for rail in rails
            ]  # fmt: skip
        if label == "pub:map:currency:tx:fee":
            return [[rows.code(rail.asset), [0, self._moves.fee(rail)]] for rail in rails]
        return None

    def withdraw(self, account: str, _request: web.Request, body: Body) -> Any:
        amount = decimal_or_none(body.get("amount"))
        asset, network = _RAILS.get(str(body.get("method")), ("", ""))
        try:
            made = self._moves.withdraw(
                account, asset=asset, network=network, amount=amount or Decimal(0), address=str(body.get("address", "")),
                memo=body.get("payment_id"), client_id=body.get("note"),
            )  # fmt: skip
        except MoveRefused as refused:
            return self._notice("acc_wd-req", [0, *[None] * 8], _REFUSALS[refused.kind], status="ERROR")
        row = [made.number, None, str(body.get("method")), made.memo, "exchange", made.amount, None, None, made.fee]
        return self._notice("acc_wd-req", row, "Your withdrawal request has been successfully submitted")

    def address(self, account: str, _request: web.Request, body: Body) -> Any:
        asset, network = _RAILS.get(str(body.get("method")), ("", ""))
        address = self._moves.address(account, network)
        return self._notice(
            "acc_dep", [None, str(body.get("method")), rows.code(asset), None, address, None], "success"
        )

    def movements(self, account: str, request: web.Request, body: Body) -> Any:
        name, since = request.match_info.get("currency"), int(body.get("start", 0))
        asset = (
            None
            if name is None
            else {rows.code(rail.asset): rail.asset for rail in self._moves.rails()}.get(name, name)
        )
        found: list[tuple[int, Any]] = [
            *((one.created_ms, _withdrawal(one)) for one in self._moves.sent(account, asset=asset, since_ms=since)),
            *((one.time_ms, _deposit(one)) for one in self._moves.came(account, asset=asset, since_ms=since)),
        ]
        found.sort(key=lambda pair: pair[0], reverse=True)
        return [row for _, row in found[: int(body.get("limit", 25))]]

    def _notice(self, kind: str, content: Any, text: str, *, status: str = "SUCCESS") -> list[Any]:
        return [self._core.now_ms(), kind, None, None, content, None, status, text]


def _row(asset: str, network: str, number: int, at_ms: int) -> list[Any]:
    row: list[Any] = [None] * _PLACES
    row[0], row[1], row[2] = number, rows.code(asset), METHODS[asset, network]
    row[5] = row[6] = at_ms
    return row


def _withdrawal(one: SimWithdrawal) -> list[Any]:
    row = _row(one.asset, one.network, one.number, one.created_ms)
    row[9], row[12], row[13], row[16] = _STATES[one.state], -one.amount, -one.fee, one.address
    row[17], row[20], row[21] = one.memo, one.txid if one.state != "failed" else None, one.client_id
    return row


def _deposit(one: SimDeposit) -> list[Any]:
    row = _row(one.asset, one.network, one.number, one.time_ms)
    row[9], row[12], row[13], row[16], row[20] = "COMPLETED", one.amount, 0, one.address, one.txid
    return row
