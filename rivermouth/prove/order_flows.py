"""Random orders of every kind for drills of the order desk: what to ask for, and where it would rest.

Sizes are chosen for thin books: an order over several venues wants more than any one of them offers.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

MARKET, HIGH, LOW = 60_000, "60600", "59400"
SYMBOL = "BTC-USDT"
LEVELS, DEPTH = 3, "0.01"  # of the thin books, per venue and side

Body = dict[str, Any]
Flow = Callable[[random.Random, str], tuple[str, Body]]

_ORDERS = "/v1/orders"


def _side(rng: random.Random) -> str:
    return rng.choice(("buy", "sell"))


def _small(rng: random.Random) -> str:
    return f"0.000{rng.randint(2, 9)}"


def _market(rng: random.Random, _venue: str) -> tuple[str, Body]:
    """At once, wherever it is best; one venue is enough."""
    return _ORDERS, {"type": "market", "side": _side(rng), "quantity": _small(rng), "venue": "best"}


def _named(rng: random.Random, venue: str) -> tuple[str, Body]:
    return _ORDERS, {"type": "market", "side": _side(rng), "quantity": _small(rng), "venue": venue}


def _best(rng: random.Random, _venue: str) -> tuple[str, Body]:
    """More than one venue offers: legs at several of them at once."""
    return _ORDERS, {"type": "market", "side": _side(rng), "quantity": f"0.0{rng.randint(40, 80)}", "venue": "best"}


def _ioc(rng: random.Random, venue: str) -> tuple[str, Body]:
    side = _side(rng)
    limit = MARKET + rng.randint(-20, 120) * (1 if side == "buy" else -1)
    terms = {"type": "limit", "time_in_force": "ioc", "limit_price": str(limit)}
    return _ORDERS, {"side": side, "quantity": _small(rng), "venue": venue, **terms}


def _limit(rng: random.Random, venue: str) -> tuple[str, Body]:
    """Rests, and is started when the price passes."""
    side = _side(rng)
    limit = MARKET + rng.randint(200, 500) * (-1 if side == "buy" else 1)
    terms = {"type": "limit", "limit_price": str(limit)}
    return _ORDERS, {"side": side, "quantity": _small(rng), "venue": rng.choice((venue, "best")), **terms}


def _stop(rng: random.Random, venue: str) -> tuple[str, Body]:
    side = _side(rng)
    stop = MARKET + rng.randint(200, 500) * (1 if side == "buy" else -1)
    terms = {"type": "stop", "stop_price": str(stop)}
    return _ORDERS, {"side": side, "quantity": _small(rng), "venue": rng.choice((venue, "best")), **terms}


def _pair(rng: random.Random, venue: str) -> tuple[str, Body]:
    """A limit and a stop that share one hold, both within the way of the price."""
    side = _side(rng)
    sign = -1 if side == "buy" else 1
    limit, stop = MARKET + sign * rng.randint(200, 500), MARKET - sign * rng.randint(200, 500)
    terms = {"limit_price": str(limit), "stop_price": str(stop)}
    return f"{_ORDERS}/oco", {"side": side, "quantity": _small(rng), "venue": rng.choice((venue, "best")), **terms}


def _iceberg(rng: random.Random, venue: str) -> tuple[str, Body]:
    """Rests, and goes out slice by slice."""
    path, body = _limit(rng, venue)
    return path, {**body, "quantity": "0.0012", "display_quantity": "0.0004"}


FLOWS: dict[str, Flow] = {
    "market": _market,
    "named": _named,
    "best": _best,
    "ioc": _ioc,
    "limit": _limit,
    "stop": _stop,
    "oco": _pair,
    "iceberg": _iceberg,
}


def passed(order: Body, price: int) -> bool:
    """Whether a resting order should have been started by this price."""
    bound = order["stop_price"] if order["stopped_at"] is None and order["stop_price"] else order["limit_price"]
    upwards = (order["side"] == "sell") != bool(order["stop_price"])
    return bound is not None and (price >= float(bound) if upwards else price <= float(bound))
