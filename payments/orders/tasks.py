"""The schedule of payment orders: end those whose time has passed."""

from __future__ import annotations

from datetime import datetime

from kernel import log
from payments.orders import service

_log = log.get("payment_orders")


def expire(_due: datetime) -> None:
    ended = service.expire_due()
    if ended:
        _log.info("payment_orders_expired", count=ended)
