"""Why a report is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class ChartTooWide(DomainError):
    """There are too many accounts at this depth; ask for less depth or for one branch."""

    code: ClassVar[str] = "chart_too_wide"
    status: ClassVar[int] = 400
