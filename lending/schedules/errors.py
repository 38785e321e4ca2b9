"""Why no schedule can be made."""

from __future__ import annotations

from kernel.errors import DomainError


class ScheduleImpossible(DomainError):
    """No schedule can be made from these terms."""

    code = "schedule_impossible"
    status = 400
