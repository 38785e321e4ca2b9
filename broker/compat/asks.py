"""What a bot asks for, read from Binance's parameters and said in our own words.

The list of parameters is closed: a stop price that would silently be ignored turns a stop into a plain order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from broker.compat.errors import Refusal, missing
from broker.compat.parameters import Parameters
from broker.orders.service import DEFAULT_TOLERANCE, Wish
from markets.instruments import service as instruments
from markets.instruments.service import Instrument


@dataclass(frozen=True, slots=True)
class Kind:
    """One of Binance's order types: what it is here, and what it must say."""

    type: str
    needs: tuple[str, ...]
    post_only: bool = False


_KINDS = {
    "LIMIT": Kind("limit", ("timeInForce", "quantity", "price")),
    "MARKET": Kind("market", ()),
    "LIMIT_MAKER": Kind("limit", ("quantity", "price"), post_only=True),
    "STOP_LOSS": Kind("stop", ("quantity", "stopPrice")),
    "STOP_LOSS_LIMIT": Kind("stop_limit", ("timeInForce", "quantity", "price", "stopPrice")),
    "TAKE_PROFIT": Kind("take_profit", ("quantity", "stopPrice")),
    "TAKE_PROFIT_LIMIT": Kind("take_profit", ("timeInForce", "quantity", "price", "stopPrice")),
}
_DESK = frozenset(Wish.__dataclass_fields__)
_TIMES = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
_READ = frozenset(
    {"symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "newClientOrderId"}
    | {"newOrderRespType", "selfTradePreventionMode"}
)
RESPONSES = ("ACK", "RESULT", "FULL")


def order_types() -> Sequence[str]:
    """The types that the order desk takes."""
    return [name for name, kind in _KINDS.items() if _taken(kind)]


def _taken(kind: Kind) -> bool:
    return kind.type in {"market", "limit"} and not kind.post_only if "stop_price" not in _DESK else True


@dataclass(frozen=True, slots=True)
class Ask:
    """An order as it was asked for, and how its answer should look."""

    wish: Wish
    response: str


def instrument_of(parameters: Parameters, name: str = "symbol") -> Instrument:
    """The market of a request.

    Raises:
        Refusal: there is no such symbol.
    """
    return instrument_named(parameters.must(name))


def instrument_named(symbol: str) -> Instrument:
    for instrument in instruments.list_markets():
        if instrument.symbol.replace("-", "") == symbol:
            return instrument
    raise Refusal(-1121, "Invalid symbol.")


def read(parameters: Parameters, *, more: frozenset[str] = frozenset()) -> Ask:
    """An order from a request.

    Args:
        more: parameters that the caller reads itself.

    Raises:
        Refusal: something is missing, malformed, not offered, or off the market's grid.
    """
    instrument = instrument_of(parameters)
    side = parameters.must("side").lower()
    if side not in {"buy", "sell"}:
        raise Refusal(-1117, "Invalid side.")
    name = parameters.must("type")
    kind = _KINDS.get(name)
    if kind is None or not _taken(kind):
        raise Refusal(-1116, "Invalid orderType.")
    parameters.only(_READ | more)
    for needed in kind.needs:
        parameters.must(needed)
    if kind.type == "market" and (parameters.text("quantity") is None) == (parameters.text("quoteOrderQty") is None):
        raise missing("quantity")
    _nothing_beside(parameters, name, kind)
    quantity = parameters.amount("quantity")
    price, stop_price = parameters.amount("price"), parameters.amount("stopPrice")
    _on_grid(quantity, instrument.lot, "LOT_SIZE")
    _on_grid(price, instrument.tick, "PRICE_FILTER")
    _on_grid(stop_price, instrument.tick, "PRICE_FILTER")
    if quantity is not None and price is not None and quantity * price < instrument.min_notional:
        raise Refusal(-1013, "Filter failure: NOTIONAL")
    wish = _wish(
        symbol=instrument.symbol,
        side=side,
        type=kind.type,
        quantity=quantity,
        quote_quantity=parameters.amount("quoteOrderQty"),
        limit_price=price,
        time_in_force=_time_in_force(parameters, kind),
        client_order_id=parameters.client_order_id("newClientOrderId"),
        stop_price=stop_price,
        post_only=kind.post_only or None,
    )
    return Ask(wish, _response(parameters, name))


def _wish(**fields: Any) -> Wish:
    """What is not given is left to the order desk's own defaults."""
    given = {name: value for name, value in fields.items() if name in _DESK or value is not None}
    return Wish(venue="best", expected_price=None, tolerance=DEFAULT_TOLERANCE, **given)


def _nothing_beside(parameters: Parameters, name: str, kind: Kind) -> None:
    """What an order type does not use must not be sent with it."""
    optional = {"MARKET": {"quantity", "quoteOrderQty"}}.get(name, set())
    for given in ("timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice"):
        if parameters.text(given) is not None and given not in kind.needs and given not in optional:
            raise Refusal(-1106, f"Parameter '{given}' sent when not required.")


def _time_in_force(parameters: Parameters, kind: Kind) -> str:
    told = parameters.text("timeInForce")
    if told is None:
        return "ioc" if kind.type == "market" else "gtc"
    meant = _TIMES.get(told)
    if meant is None or (kind.type != "limit" and meant != "gtc") or (meant == "fok" and "stop_price" not in _DESK):
        raise Refusal(-1115, "Invalid timeInForce.")
    return meant


def _on_grid(value: Decimal | None, step: Decimal, which: str) -> None:
    if value is not None and value % step != 0:
        raise Refusal(-1013, f"Filter failure: {which}")


def _response(parameters: Parameters, name: str) -> str:
    told = parameters.text("newOrderRespType") or ("FULL" if name in {"MARKET", "LIMIT"} else "ACK")
    if told not in RESPONSES:
        raise Refusal(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
    return told
