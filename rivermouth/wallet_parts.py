"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from lending.loans.service import margin_called
from wallet_bridge.address_book.api import router as address_book
from wallet_bridge.custody import listeners
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.custody.refs import RefKind
from wallet_bridge.networks.api import router as networks
from wallet_bridge.withdrawals import obstacles
from wallet_bridge.withdrawals import tasks as withdrawing
from wallet_bridge.withdrawals.api import router as withdrawals
from wallet_bridge.withdrawals.listening import Withdrawals
from wallet_bridge.withdrawals.service import runs as withdrawals_run

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
    address_book,
    withdrawals,
)
CONSUMERS: tuple[Consumer, ...] = (Consumer("withdrawals", {"identity.approval_granted.v1": withdrawing.granted}),)
RUNNING: dict[str, Runs] = {"withdrawals": withdrawals_run}
SCHEDULES: tuple[Schedule, ...] = ()


def listen() -> None:
    """Who hears what the custodian says, and what keeps money in; called by every process that knows the registry."""
    listeners.on_transfers(RefKind.WITHDRAWAL, Withdrawals())
    obstacles.register("margin_call", margin_called)
