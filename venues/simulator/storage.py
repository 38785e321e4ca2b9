"""A venue's memory on disk: one JSON line per accepted change, replayed at start.

Venues do not forget when a process dies, so neither does the simulator: a line is handed to the operating
system before the answer goes out. A line torn by a kill belongs to a change nobody was told about: dropped.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from venues.simulator.shapes import SimFill, SimOrder

_ORDER_DECIMALS = ("price", "quantity", "filled_quantity", "cost", "locked", "requested_cost")
_FILL_DECIMALS = ("price", "quantity", "fee")


class Storage:
    """Append-only lines of one venue."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def replay(self) -> Iterator[dict[str, Any]]:
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._file, whole)
        for line in content[:whole].splitlines():
            yield json.loads(line)

    def append(self, record: dict[str, Any]) -> None:
        line = json.dumps(record, default=str, separators=(",", ":")).encode() + b"\n"
        os.write(self._file, line)

    def close(self) -> None:
        os.close(self._file)


def encode_order(order: SimOrder) -> dict[str, Any]:
    return asdict(order)


def decode_order(record: dict[str, Any]) -> SimOrder:
    fields = _with_decimals(record, _ORDER_DECIMALS)
    fields["fills"] = [SimFill(**_with_decimals(fill, _FILL_DECIMALS)) for fill in record["fills"]]
    return SimOrder(**fields)


def _with_decimals(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: Decimal(value) if name in names and value is not None else value for name, value in record.items()}
