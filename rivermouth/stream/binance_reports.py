"""Own events in Binance's words: `executionReport` for an order's beginning, each of its fills and an end without one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from broker.activity.service import FILLS
from broker.compat import words
from kernel import clock

_ENDS = {"cancelled": "CANCELED", "expired": "EXPIRED", "rejected": "REJECTED"}
_AT_ONCE = {"ioc", "fok"}


def execution(channel: str, told: dict[str, Any]) -> dict[str, Any] | None:
    """The report of an entry of `orders` or `fills`; None for what Binance does not tell, such as a state between."""
    if channel == FILLS:
        return _trade(told)
    if told["event"] == "accepted":
        return _report(told, "NEW", "NEW", order=told) | _amounts("0", "0")
    end = _ENDS.get(told["status"]) if told["event"] == "changed" else None
    if end is None:
        return None
    if end == "CANCELED" and told["time_in_force"] in _AT_ONCE and not told["cancel_requested"]:
        end = "EXPIRED"  # what is left of an order that wanted everything at once
    cost = Decimal(told["average_price"] or 0) * Decimal(told["filled_quantity"])
    report = _report(told, end, end, order=told) | _amounts(
        told["filled_quantity"], str(cost.quantize(Decimal("1e-8")))
    )
    if end == "CANCELED":
        report |= {"c": f"cancel-{told['number']}", "C": told["client_order_id"]}
    return report | {"r": told["reason"] if end == "REJECTED" else "NONE"}


def _trade(fill: dict[str, Any]) -> dict[str, Any]:
    done = Decimal(fill["filled_quantity"]) >= Decimal(fill["order_quantity"])
    order = {
        "client_order_id": fill["client_order_id"],
        "number": fill["order_number"],
        "type": fill["order_type"],
        "quantity": fill["order_quantity"],
    }
    report = _report(fill, "TRADE", "FILLED" if done else "PARTIALLY_FILLED", order=fill | order)
    report |= _amounts(fill["filled_quantity"], fill["filled_cost"])
    return report | {
        "l": _text(fill["quantity"]),
        "L": _text(fill["price"]),
        "Y": _text(fill["cost"]),
        "n": _text(fill["fee"]),
        "N": fill["fee_asset"],
        "t": fill["number"],
        "T": words.ms(datetime.fromisoformat(fill["executed_at"])),
        "w": not done,
        "m": fill.get("maker", False),
    }


def _report(told: dict[str, Any], execution_type: str, status: str, *, order: dict[str, Any]) -> dict[str, Any]:
    now = words.ms(clock.wall())
    created = words.ms(datetime.fromisoformat(told["created_at"])) if "created_at" in told else now
    trail = told.get("trail") or {}
    limit, kind = told["limit_price"], order["type"]
    report = {
        "e": "executionReport",
        "E": now,
        "s": words.symbol_of(told["symbol"]),
        "c": order["client_order_id"],
        "S": told["side"].upper(),
        "o": words.order_type(kind, limited=limit is not None, post_only=told.get("post_only", False)),
        "f": words.time_in_force(kind, told["time_in_force"]),
        "q": _text(order["quantity"]),
        "p": _text(limit),
        "P": _text(trail.get("stop_price") or told.get("stop_price")),
        "F": _text(told.get("display_quantity")),
        "g": -1,
        "C": "",
        "x": execution_type,
        "X": status,
        "r": "NONE",
        "i": order["number"],
        "l": _text(None),
        "L": _text(None),
        "n": _text(None),
        "N": None,
        "T": now,
        "t": -1,
        "I": order["number"],
        "w": execution_type == "TRADE" or (execution_type == "NEW" and kind in {"market", "limit"}),
        "m": False,
        "M": False,
        "O": created,
        "Y": _text(None),
        "Q": _text(told.get("quote_quantity")),
        "W": created,
        "V": "NONE",
    }
    delta = words.trailing_delta(None if trail.get("fraction") is None else Decimal(trail["fraction"]))
    return report if delta is None else report | {"d": delta}


def _amounts(filled: str, cost: str) -> dict[str, Any]:
    return {"z": _text(filled), "Z": _text(cost)}


def position(rows: list[dict[str, Any]]) -> dict[str, Any]:
    now = words.ms(clock.wall())
    told = [{"a": row["asset"], "f": _text(row["available"]), "l": _text(row["held"])} for row in rows]
    return {"e": "outboundAccountPosition", "E": now, "u": now, "B": told}


def _text(amount: str | None) -> str:
    return words.text(None if amount is None else Decimal(amount))
