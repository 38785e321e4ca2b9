"""What a bot asks for, read from Binance's parameters and said in our own words.

The list of parameters is closed: a stop price that would silently be ignored turns a stop into a plain order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from broker.compat import words
from broker.compat.errors import Refusal, missing
from broker.compat.parameters import Parameters
from broker.orders.service import DEFAULT_TOLERANCE, Trail, Wish
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
_TRAILING = Kind("trailing_stop", ("quantity", "trailingDelta"))
_TIMES = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
_READ = frozenset(
    {"symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "newClientOrderId"}
    | {"trailingDelta", "icebergQty", "newOrderRespType", "selfTradePreventionMode"}
)
_MAY = {
    "LIMIT": frozenset({"icebergQty"}),
    "MARKET": frozenset({"quantity", "quoteOrderQty"}),
    "STOP_LOSS_LIMIT": frozenset({"icebergQty"}),
    "TAKE_PROFIT_LIMIT": frozenset({"icebergQty"}),
}
RESPONSES = ("ACK", "RESULT", "FULL")


def order_types() -> Sequence[str]:
    """The types that the order desk takes."""
    return list(_KINDS)


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
    kind = _kind(name, parameters)
    parameters.only(_READ | more)
    for needed in kind.needs:
        parameters.must(needed)
    if kind.type == "market" and (parameters.text("quantity") is None) == (parameters.text("quoteOrderQty") is None):
        raise missing("quantity")
    _nothing_beside(parameters, name, kind)
    quantity = parameters.amount("quantity")
    price, stop_price = parameters.amount("price"), parameters.amount("stopPrice")
    shown = parameters.amount("icebergQty")
    _on_grid(quantity, instrument.lot, "LOT_SIZE")
    _on_grid(shown, instrument.lot, "LOT_SIZE")
    _on_grid(price, instrument.tick, "PRICE_FILTER")
    _on_grid(stop_price, instrument.tick, "PRICE_FILTER")
    if quantity is not None and price is not None and quantity * price < instrument.min_notional:
        raise Refusal(-1013, "Filter failure: NOTIONAL")
    wish = Wish(
        symbol=instrument.symbol,
        side=side,
        type=kind.type,
        quantity=quantity,
        quote_quantity=parameters.amount("quoteOrderQty"),
        limit_price=price,
        venue="best",
        expected_price=None,
        tolerance=DEFAULT_TOLERANCE,
        time_in_force=_time_in_force(parameters, kind),
        client_order_id=parameters.client_order_id("newClientOrderId"),
        stop_price=stop_price,
        trail=_trail(parameters),
        post_only=kind.post_only,
        display_quantity=shown,
    )
    return Ask(wish, _response(parameters, name))


def _kind(name: str, parameters: Parameters) -> Kind:
    if name == "STOP_LOSS" and parameters.text("trailingDelta") is not None:
        return _TRAILING
    kind = _KINDS.get(name)
    if kind is None:
        raise Refusal(-1116, "Invalid orderType.")
    return kind


def _trail(parameters: Parameters) -> Trail | None:
    """Binance trails by hundredths of a per cent."""
    bips = parameters.number("trailingDelta")
    if bips is None:
        return None
    least, most = words.TRAILING_BIPS
    if not least <= bips <= most:
        raise Refusal(-1013, "Filter failure: TRAILING_DELTA")
    return Trail(fraction=Decimal(bips) / 10_000)


def _nothing_beside(parameters: Parameters, name: str, kind: Kind) -> None:
    """What an order type does not use must not be sent with it."""
    possible = _MAY.get(name, frozenset()).union(kind.needs)
    for given in ("timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "trailingDelta", "icebergQty"):
        if parameters.text(given) is not None and given not in possible:
            raise Refusal(-1106, f"Parameter '{given}' sent when not required.")


def _time_in_force(parameters: Parameters, kind: Kind) -> str:
    told = parameters.text("timeInForce")
    if told is None:
        return "ioc" if kind.type == "market" else "gtc"
    meant = _TIMES.get(told)
    if meant is None or (kind.type != "limit" and meant != "gtc"):
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
