"""Why a month stays where it is."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class MonthNotArchivable(DomainError):
    """The month cannot leave the tables yet: too young, not folded or sealed, a hold of it is open, or its last day is not closed."""

    code: ClassVar[str] = "month_not_archivable"
    status: ClassVar[int] = 409
