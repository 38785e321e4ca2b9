"""JSON as charting libraries expect it: prices are numbers there. They are written from exact decimals and never become floats here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.money import canonical

Value = str | int | bool | Decimal | None | Sequence["Value"] | Mapping[str, "Value"]


def encode(value: Value) -> str:
    if isinstance(value, Decimal):
        return canonical(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{encode(part)}" for name, part in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value)
