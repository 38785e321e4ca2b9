"""The words of lines: how they are counted, and how a balance stands to them."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    AMOUNT = "amount"
    HOURS = "hours"  # of what leaves the place in an hour


class BalanceLevel(StrEnum):
    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"  # nobody has said for too long what lies there
