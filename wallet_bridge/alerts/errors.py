"""Why an answer to an alert is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError, NotFound


class AlertNotFound(NotFound):
    """There is no such alert."""

    code: ClassVar[str] = "alert_not_found"


class AlertOver(DomainError):
    """The alert has cleared by itself: there is nothing left to answer."""

    code: ClassVar[str] = "alert_over"
    status: ClassVar[int] = 409
