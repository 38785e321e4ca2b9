"""The schedule that forgets quotes nobody took."""

from __future__ import annotations

from datetime import datetime

from broker.firm_quotes import service


def forget(_due: datetime) -> None:
    service.forget_old()
