"""What the wallet bridge and treasury bring along, for the registry: routes, work on events and on time, and who hears the custodian."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from identity.people.closing import Runs
from kernel.outbox import Consumer
from kernel.schedules import Schedule
from lending.loans.service import margin_called
from wallet_bridge.address_book.api import router as address_book
from wallet_bridge.alerts import watch as alert_watch
from wallet_bridge.alerts.api import router as treasury_alerts
from wallet_bridge.cold import tasks as cold_tasks
from wallet_bridge.cold.api import router as cold_spends
from wallet_bridge.cold.listening import Spends
from wallet_bridge.custody import listeners
from wallet_bridge.custody.api import router as custodian_hooks
from wallet_bridge.custody.refs import RefKind
from wallet_bridge.daily import tasks as treasury_days
from wallet_bridge.daily.api import router as treasury_report
from wallet_bridge.deposit_addresses.api import router as deposit_addresses
from wallet_bridge.deposit_addresses.service import Made
from wallet_bridge.deposits import claiming, refunding, releasing
from wallet_bridge.deposits.api import router as deposits
from wallet_bridge.deposits.api import suspense_router
from wallet_bridge.deposits.arriving import Arrivals
from wallet_bridge.deposits.service import runs as deposits_run
from wallet_bridge.levels import service as level_service
from wallet_bridge.levels import tasks as levels
from wallet_bridge.levels.api import router as treasury_balances
from wallet_bridge.lines.api import router as treasury_lines
from wallet_bridge.moves import deciding as moves_deciding
from wallet_bridge.moves import hearing, wallets
from wallet_bridge.moves import service as moves_service
from wallet_bridge.moves import tasks as moves
from wallet_bridge.moves.api import router as treasury_moves
from wallet_bridge.moves.paying import Payments
from wallet_bridge.networks.api import router as networks
from wallet_bridge.refunds import listening as refund_listening
from wallet_bridge.refunds import service as refunds
from wallet_bridge.refunds.api import router as deposit_refunds
from wallet_bridge.reserves import tasks as reserves
from wallet_bridge.reserves.api import router as reserves_routes
from wallet_bridge.withdrawals import obstacles
from wallet_bridge.withdrawals import tasks as withdrawing
from wallet_bridge.withdrawals.api import router as withdrawals
from wallet_bridge.withdrawals.deciding import Decisions
from wallet_bridge.withdrawals.listening import Withdrawals
from wallet_bridge.withdrawals.service import runs as withdrawals_run

ROUTERS: tuple[APIRouter, ...] = (
    networks,
    custodian_hooks,
    deposit_addresses,
    deposits,
    deposit_refunds,
    suspense_router,
    address_book,
    withdrawals,
    treasury_balances,
    treasury_lines,
    treasury_alerts,
    treasury_report,
    treasury_moves,
    cold_spends,
    reserves_routes,
)
CONSUMERS: tuple[Consumer, ...] = (
    Consumer("deposit_releases", {"identity.approval_granted.v1": releasing.granted}),
    Consumer("deposit_refunds", {"identity.approval_granted.v1": refunds.granted}),
    Consumer("suspense_claims", {"identity.approval_granted.v1": claiming.granted}),
    Consumer(
        "cold_spends",
        {"identity.approval_granted.v1": cold_tasks.granted, "identity.approval_ended.v1": cold_tasks.ended},
    ),
    Consumer("withdrawals", {"identity.approval_granted.v1": withdrawing.granted}),
    Consumer(
        "treasury_moves", {"identity.approval_granted.v1": moves.granted, "identity.approval_ended.v1": moves.ended}
    ),
)
RUNNING: dict[str, Runs] = {"deposits": deposits_run, "withdrawals": withdrawals_run}
SCHEDULES: tuple[Schedule, ...] = (
    Schedule("reserves_days", timedelta(days=1), reserves.day),
    Schedule("reserves", timedelta(seconds=5), reserves.work_off),
    Schedule("treasury_watch", timedelta(seconds=5), alert_watch.watch),
    Schedule("treasury_samples", level_service.SAMPLED_EVERY, levels.sample),
    Schedule("treasury_forget", timedelta(hours=1), levels.forget),
    Schedule("treasury_days", timedelta(minutes=10), treasury_days.tell),
    Schedule("treasury_wallets", timedelta(minutes=1), wallets.read),
    Schedule("treasury_house_deposits", timedelta(seconds=10), hearing.work_off),
    Schedule("treasury_proposals", timedelta(minutes=2), moves.propose),
    Schedule("treasury_transfers_late", timedelta(minutes=1), moves.look_for_late),
)


def listen() -> None:
    """Who hears what the custodian says, and what keeps money in; called by every process that knows the registry."""
    listeners.on_addresses(Made(), wallets.HouseAddresses())
    listeners.on_deposits(Arrivals())
    listeners.on_house_deposits(hearing.HouseDeposits())
    listeners.on_transfers(RefKind.WITHDRAWAL, Withdrawals())
    listeners.on_transfers(RefKind.REFUND, refund_listening.Refunds())
    refunding.on_taken_back(refund_listening.stop)
    spends = Spends()
    listeners.on_transfers(RefKind.COLD, spends)
    listeners.on_cold(spends)
    listeners.on_transfers(RefKind.TREASURY, Payments())
    listeners.on_lookups(Decisions(), moves_deciding.Decisions())
    obstacles.register("margin_call", margin_called)
    level_service.on_its_way(moves_service.on_its_way)
