"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.moves import tasks as moves
from wallet_bridge.moves.api import router as treasury_moves
from wallet_bridge.networks.api import router as networks

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
    treasury_moves,
)
CONSUMERS: tuple[Consumer, ...] = (
    Consumer(
        "treasury_moves", {"identity.approval_granted.v1": moves.granted, "identity.approval_ended.v1": moves.ended}
    ),
)
RUNNING: dict[str, Runs] = {}
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("treasury_proposals", timedelta(minutes=2), moves.propose),
    Schedule("treasury_transfers_late", timedelta(minutes=1), moves.look_for_late),
)


def listen() -> None:
    """Who hears what the custodian says; called by every process that knows the registry."""
