"""A subscription whose last row is due and that is to be renewed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ToRenew:
    """`due_at`: the beginning of its maturity, in its own zone."""

    due_at: datetime
    id: UUID


START = ToRenew(datetime.fromisoformat("0001-01-01T00:00:00+00:00"), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Tried:
    """How many rows were paid with it; `left` is 1 where it stays due for a reason of ours."""

    paid: int = 0
    left: int = 0
