"""Entries of the schedules. The day's work runs once a day without leaving one out, and every hour for what became possible since."""

from __future__ import annotations

from datetime import datetime

from lending.life import accruing, repricing, selling_out, service


def day(_due: datetime) -> None:
    """First the books, then the loans: what is charged today belongs to days that are booked."""
    accruing.book_days()
    repricing.announce()
    repricing.tell()
    service.remind()
    service.work_off()
    selling_out.sell_out()
