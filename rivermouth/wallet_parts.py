"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from wallet_bridge.alerts import watch as alert_watch
from wallet_bridge.alerts.api import router as treasury_alerts
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.daily import tasks as treasury_days
from wallet_bridge.daily.api import router as treasury_report
from wallet_bridge.levels import service as level_service
from wallet_bridge.levels import tasks as levels
from wallet_bridge.levels.api import router as treasury_balances
from wallet_bridge.lines.api import router as treasury_lines
from wallet_bridge.networks.api import router as networks

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
    treasury_balances,
    treasury_lines,
    treasury_alerts,
    treasury_report,
)
CONSUMERS: tuple[Consumer, ...] = ()
RUNNING: dict[str, Runs] = {}
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("treasury_watch", timedelta(seconds=5), alert_watch.watch),
    Schedule("treasury_samples", level_service.SAMPLED_EVERY, levels.sample),
    Schedule("treasury_forget", timedelta(hours=1), levels.forget),
    Schedule("treasury_days", timedelta(minutes=10), treasury_days.tell),
)


def listen() -> None:
    """Who hears what the custodian says; called by every process that knows the registry."""
