"""Invariants as running code: one SQL count each that must be 0, all taken in one snapshot.

Each package lists its own in `invariants.py`; `rivermouth/registry.py` puts the lists together for `rivermouth check`, the schedule,
finance's console and the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sql` selects one count of violations; run as *engine* it sees all tenants, as *app* its own."""

    name: str
    title: str
    sql: str


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    title: str
    count: int

    @property
    def ok(self) -> bool:
        return self.count == 0


def check(tx: Tx, invariants: Iterable[Invariant]) -> list[Result]:
    """Count the violations; `tx` should be a repeatable-read snapshot, so that all counts speak of one moment."""
    return [Result(i.name, i.title, int(tx.scalar(i.sql) or 0)) for i in invariants]
