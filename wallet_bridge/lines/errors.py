"""Why a line is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class LineUnfit(DomainError):
    """Such a line cannot be: the critical one above the warning one, below zero, or more hours or decimals than make sense."""

    code: ClassVar[str] = "line_unfit"
    status: ClassVar[int] = 422


class LocationUnknown(DomainError):
    """None of our venues and wallets has this name."""

    code: ClassVar[str] = "location_unknown"
    status: ClassVar[int] = 422
