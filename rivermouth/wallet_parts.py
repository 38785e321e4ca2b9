"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.networks.api import router as networks

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
)
CONSUMERS: tuple[Consumer, ...] = ()
RUNNING: dict[str, Runs] = {}
SCHEDULES: tuple[Schedule, ...] = ()


def listen() -> None:
    """Who hears what the custodian says; called by every process that knows the registry."""
