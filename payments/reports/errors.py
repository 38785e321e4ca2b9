"""Why a report is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class NotFinalYet(DomainError):
    """A transaction that belongs to this moment may still commit; ask again later."""

    code: ClassVar[str] = "not_final_yet"
    status: ClassVar[int] = 409


class ChartTooWide(DomainError):
    """There are too many accounts at this depth; ask for less depth or for one branch."""

    code: ClassVar[str] = "chart_too_wide"
    status: ClassVar[int] = 400
