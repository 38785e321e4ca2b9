"""The statement of one loan: every movement of its money with its parts and what was owed after it, from the timeline's journals."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.money import canonical
from lending.desk.shown import Shown

ZERO = Decimal(0)
_PARTS = ("principal", "interest", "fee", "penalty")
HEAD = ("at", "kind", "asset", "amount", *_PARTS, "principal_left", "collateral", "journal_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`amount` came to the customer, or (negative) was paid by them; the parts say for what. Collateral moves have none."""

    at: datetime
    kind: str
    asset: str
    amount: Decimal
    principal: Decimal
    interest: Decimal
    fee: Decimal
    penalty: Decimal
    principal_left: Decimal
    collateral: str
    journal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    loan: Shown
    rows: Sequence[Row]
    on: date

    @property
    def paid(self) -> dict[str, Decimal]:
        """What was paid in all, by its parts."""
        return {part: sum((getattr(row, part) for row in self.rows if row.amount < 0), ZERO) for part in _PARTS}


def statement_of(shown: Shown) -> Statement:
    """From a loan with its whole timeline; only what moved money or collateral is in it."""
    rows: list[Row] = []
    left = ZERO
    for entry in shown.gathered.entries:
        if entry.journal_id is None:
            continue
        payload = entry.payload
        parts = _parts(entry.kind, payload)
        if entry.kind == "opened":
            left, amount = parts["principal"], Decimal(payload["paid_out"])
        else:
            left -= parts["principal"]
            amount = -sum(parts.values(), ZERO)
        rows.append(
            Row(
                at=entry.at,
                kind=entry.kind,
                asset=str(shown.gathered.loan.asset),
                amount=amount,
                principal_left=left,
                collateral=_collateral(payload),
                journal_id=entry.journal_id,
                **parts,
            )
        )
    return Statement(loan=shown, rows=rows, on=shown.gathered.on)


def as_csv(statement: Statement) -> bytes:
    """UTF-8, a head and a line per movement."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for row in statement.rows:
        writer.writerow([_text(getattr(row, name)) for name in HEAD])
    return out.getvalue().encode()


def _parts(kind: str, payload: Mapping[str, Any]) -> dict[str, Decimal]:
    """What was paid for what. A sale's end pays the debt and its own fee; where the loan goes on, a payment of its own says the former."""
    parts = {part: Decimal(payload.get(part, "0")) for part in _PARTS}
    if kind == "liquidation_settled" and "left" not in payload:
        for part, amount in payload["paid"].items():
            parts[part] += Decimal(amount)
    if kind == "extended":
        parts["fee"] += Decimal(payload["extension_fee"])
    return parts


def _collateral(payload: Mapping[str, Any]) -> str:
    moved = payload.get("collateral", payload.get("returned"))
    if moved is not None:
        return " ".join(f"{asset} {quantity}" for asset, quantity in sorted(moved.items()))
    return f"{payload['asset']} {payload['quantity']}" if "quantity" in payload else ""


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return canonical(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
