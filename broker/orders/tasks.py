"""The schedule of dated orders."""

from __future__ import annotations

from datetime import datetime

from broker.orders import expiry


def expire(_due: datetime) -> None:
    expiry.expire_due()
