"""New trades on the channel `rm:trades:<symbol>`: `{"symbol", "trades": [{"id", "venue", "price", "quantity", "side", "at"}]}`.

Oldest first. A lossy copy: whoever needs every trade pages through the table by id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from kernel.money import canonical
from markets.trades.queries import Trade


def encode(symbol: str, trades: Sequence[Trade]) -> str:
    rows = [
        {
            "id": t.id,
            "venue": t.venue,
            "price": canonical(t.price),
            "quantity": canonical(t.quantity),
            "side": t.side,
            "at": t.at.isoformat(),
        }
        for t in trades
    ]
    return json.dumps({"symbol": symbol, "trades": rows}, separators=(",", ":"))


def decode(message: str | bytes) -> tuple[str, list[Trade]]:
    body = json.loads(message)
    return body["symbol"], [
        Trade(
            id=t["id"],
            venue=t["venue"],
            price=Decimal(t["price"]),
            quantity=Decimal(t["quantity"]),
            side=t["side"],
            at=datetime.fromisoformat(t["at"]),
        )
        for t in body["trades"]
    ]
