"""On time: a snapshot of every house once a day, and whatever was asked for within seconds."""

from __future__ import annotations

from datetime import datetime

from wallet_bridge.reserves import building


def day(_due: datetime) -> None:
    building.start_all()


def work_off(_due: datetime) -> None:
    building.work_off()
