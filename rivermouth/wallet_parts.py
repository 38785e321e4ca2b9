"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.networks.api import router as networks
from wallet_bridge.reserves import tasks as reserves
from wallet_bridge.reserves.api import router as reserves_routes

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
    reserves_routes,
)
CONSUMERS: tuple[Consumer, ...] = ()
RUNNING: dict[str, Runs] = {}
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("reserves_days", timedelta(days=1), reserves.day),
    Schedule("reserves", timedelta(seconds=5), reserves.work_off),
)


def listen() -> None:
    """Who hears what the custodian says; called by every process that knows the registry."""
