"""Words of stock: why units moved."""

from __future__ import annotations

from enum import StrEnum


class MoveReason(StrEnum):
    STOCKED = "stocked"
    REMOVED = "removed"
    SOLD = "sold"
    RETURNED = "returned"
