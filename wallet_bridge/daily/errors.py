"""Why a day has no report."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class DayNotBegun(DomainError):
    """This day has not begun yet, or lies before everything."""

    code: ClassVar[str] = "day_not_begun"
    status: ClassVar[int] = 422
