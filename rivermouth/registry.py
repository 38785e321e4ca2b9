"""What the processes are made of: routers, parts that live as long as the API, conditions of readiness, event consumers, schedules.

An explicit list, so that a reader finds here everything that runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import DBAPIError

from broker.activity import service as activity
from broker.algos import tasks as algos
from broker.compat.api import router as binance
from broker.controls import memory as controls_memory
from broker.controls.api import maintenance
from broker.controls.api import router as controls
from broker.decisions import service as decisions
from broker.decisions.api import router as decision_routes
from broker.exposure import service as exposure_service
from broker.exposure.api import router as exposure
from broker.fees.api import router as fees
from broker.firm_quotes import tasks as firm_quotes_tasks
from broker.firm_quotes.api import router as firm_quotes
from broker.listings import tasks as listings
from broker.listings.comparison import OpenOrders
from broker.orders import tasks as orders_tasks
from broker.orders.api import router as orders
from broker.orders.events import OrderFilled
from broker.orders.waiting import Outcomes
from broker.revenue import service as accounting
from broker.revenue.api import router as revenue
from broker.routing import tasks as routing
from broker.routing.api import router as execution_reports
from broker.toxicity import service as toxicity
from broker.venue_fees.api import router as venue_fees
from broker.venue_health.api import router as venue_health
from broker.venue_trades.comparison import VenueTrades
from identity import service as identity
from identity.api_keys.api import router as api_keys
from identity.approvals import service as approval_service
from identity.approvals.api import router as approvals
from identity.security.api import router as security
from identity.sessions.api import router as sessions
from kernel import commands, db, feeds, log, outbox
from kernel.db import Tx
from kernel.outbox import BatchConsumer, Consumer
from kernel.schedules import Schedule
from kernel.settings import settings
from kernel.wakes import Wakes
from markets.candles import service as candles
from markets.candles.api import router as market_candles
from markets.composite.states import CompositeState
from markets.instruments import service as instruments
from markets.instruments.api import router as markets
from markets.price_alerts import service as price_alerts
from markets.price_alerts.api import router as alerts
from markets.quotes import service as quotes
from markets.quotes.api import router as market_quotes
from markets.stats.api import router as market_stats
from markets.trades import service as trades
from markets.trades.api import router as market_trades
from markets.udf.api import router as udf
from payments.accounts.api import router as accounts
from payments.balances import service as projection
from payments.balances.api import router as balances
from payments.days import service as days
from payments.exports import tasks as exports
from payments.exports.api import router as ledger_exports
from payments.holds import service as holds
from payments.imports import tasks as imports
from payments.imports.api import router as ledger_imports
from payments.journal.api import router as journals
from payments.journal.group import GroupCommit
from payments.orders import tasks as payment_orders_tasks
from payments.orders.api import router as payment_orders
from payments.partitions import service as partitions
from payments.partner_statements.api import router as partner_statements
from payments.partner_statements.comparison import PartnerStatements
from payments.products.api import router as products
from payments.reconciliation import sources
from payments.reconciliation import tasks as reconciling
from payments.reconciliation.api import router as reconciliation
from payments.reconciliation.projection import Projection
from payments.reports.api import router as reports
from payments.seals import service as seals
from payments.seals.api import router as ledger
from payments.statements.api import router as statements
from payments.transfers import service as transfer_service
from payments.transfers import tasks as transfer_tasks
from payments.transfers.api import router as transfers
from rivermouth import checks
from rivermouth.sandbox.api import router as sandbox
from rivermouth.sandbox.control import Engine, Simulator
from rivermouth.sandbox.play import Player
from rivermouth.stream.api import router as stream
from rivermouth.stream.binance_api import router as binance_streams
from rivermouth.stream.hub import Hub
from venues import fee_reports
from venues.books import BookState
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.api import router as treasury
from wallet_bridge.funds.reported import VenueBalances, WalletBalances

ENOUGH_VENUES = 3
_AT_ONCE = 5_000
LEARN_EVERY_S = 60.0
_log = log.get("registry")


@dataclass(frozen=True, slots=True)
class Readiness:
    """One condition of `/readyz`: None when it holds, else the reason; runs in a thread, in milliseconds."""

    name: str
    check: Callable[[], str | None]


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

ROUTERS: tuple[APIRouter, ...] = (
    security,
    sessions,
    api_keys,
    approvals,
    markets,
    market_quotes,
    market_candles,
    market_trades,
    market_stats,
    alerts,
    udf,
    orders,
    firm_quotes,
    controls,
    maintenance,
    decision_routes,
    execution_reports,
    balances,
    ledger,
    statements,
    accounts,
    journals,
    transfers,
    products,
    payment_orders,
    reports,
    ledger_exports,
    ledger_imports,
    treasury,
    checks.router,
    reconciliation,
    partner_statements,
    fees,
    revenue,
    exposure,
    venue_fees,
    venue_health,
    stream,
    binance_streams,
    binance,
)
SANDBOX_ROUTERS: tuple[APIRouter, ...] = (sandbox,)


@asynccontextmanager
async def _listening(app: FastAPI) -> AsyncIterator[None]:
    """One subscription per process: outcomes of orders, what live streams carry, and in a sandbox the engine's replies."""
    wakes = Wakes()
    app.state.outcomes = Outcomes(wakes)
    wakes.on(controls_memory.CHANNEL, lambda _message: controls_memory.forget())
    simulator = Simulator()
    if settings().sandbox:
        app.state.simulator, app.state.sandbox_engine = simulator, Engine(wakes)
        app.state.player = Player(simulator, app.state.sandbox_engine)
    listener = asyncio.create_task(wakes.run(), name="wakes")
    app.state.stream = Hub(wakes)
    try:
        async with app.state.stream.running():
            yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
        await simulator.close()


@asynccontextmanager
async def _posting(app: FastAPI) -> AsyncIterator[None]:
    """Transfers of this process share commits."""
    app.state.postings = GroupCommit()
    await app.state.postings.start()
    try:
        yield
    finally:
        await app.state.postings.stop()


@asynccontextmanager
async def _planning(_app: FastAPI) -> AsyncIterator[None]:
    """Orders are planned here too, so this process learns what venues charge us."""

    async def learn() -> None:
        while True:
            try:
                await asyncio.to_thread(fee_reports.learn, settings().house_tenant)
            except DBAPIError as error:
                _log.warning("database_away", error=str(error.orig))
            await asyncio.sleep(LEARN_EVERY_S)

    learner = asyncio.create_task(learn(), name="fees")
    try:
        yield
    finally:
        learner.cancel()
        with suppress(asyncio.CancelledError):
            await learner


LIFESPANS: tuple[Lifespan, ...] = (_listening, _posting, _planning)
"""Opened in this order when the API starts, closed in the other order when it ends; what they make goes into `app.state`."""


def _markets_have_prices() -> str | None:
    for instrument in instruments.list_markets():
        view = quotes.load(instrument.symbol)
        synced = sum(v.state is BookState.SYNCED for v in view.venues)
        if view.composite.state is not CompositeState.NORMAL or synced < ENOUGH_VENUES:
            return f"{instrument.symbol} is {view.composite.state} with {synced} venues synced"
    return None


def _owners_are_alive() -> str | None:
    """Every market and every venue's lane has an owner."""
    venues = [name.strip() for name in settings().venues.split(",")]
    wanted = {f"lane:{venue}:{settings().house_tenant}" for venue in venues} | {"fold", "events", "stream"}
    wanted |= {f"market:{instrument.symbol}" for instrument in instruments.list_markets()}
    with db.read_only() as tx:
        held = {row.name for row in tx.all("SELECT name FROM kernel.leases WHERE expires_at > clock_timestamp()")}
    missing = sorted(wanted - held)
    return f"nobody owns {', '.join(missing)}" if missing else None


def _funds_are_known() -> str | None:
    with db.read_only(tenant=settings().house_tenant) as tx:
        venues = funds.known_venues(tx)
    return None if venues else "no venue has reported its balances"


READINESS: tuple[Readiness, ...] = (
    Readiness("owners", _owners_are_alive),
    Readiness("funds", _funds_are_known),
    Readiness("prices", _markets_have_prices),
)


def _read_balances_after_a_fill(tx: Tx, fact: OrderFilled) -> None:
    funds.want_refresh(tx, fact.venue)


CONSUMERS: tuple[Consumer, ...] = (
    Consumer("treasury", {"broker.order_filled.v1": _read_balances_after_a_fill}),
    Consumer("markouts", {"broker.order_filled.v1": toxicity.follow}),
    Consumer(
        "transfers",
        {"identity.approval_granted.v1": transfer_tasks.granted, "identity.approval_ended.v1": transfer_tasks.ended},
    ),
    Consumer(
        "imports",
        {"identity.approval_granted.v1": imports.granted, "identity.approval_ended.v1": imports.ended},
    ),
)
STREAMS: tuple[BatchConsumer, ...] = (BatchConsumer("stream", activity.TOPICS, activity.tell),)
"""What fills the channels of own events; an owner of its own, because somebody waits for these."""


def _tidy_up(_due: datetime) -> None:
    """Delete what nobody will ask for any more: events everybody has read, old idempotency keys, dead sessions and what belongs to them."""
    outbox.forget_old()
    for purge in (commands.purge, *identity.PURGES):
        purged = _AT_ONCE
        while purged == _AT_ONCE:
            with db.transaction() as tx:
                purged = purge(tx, limit=_AT_ONCE)
    toxicity.forget_old()
    more = True
    while more:
        with db.transaction() as tx:
            more = feeds.forget_old(tx)


def _carry_out_decisions(_due: datetime) -> None:
    decisions.carry_out()


def _watch_the_fold(_due: datetime) -> None:
    projection.watch_lag(alarm_s=settings().fold_alarm_s)


def _make_partitions(_due: datetime) -> None:
    partitions.make_ahead()


def _close_days(_due: datetime) -> None:
    days.close_due()


def _publish_head(_due: datetime) -> None:
    seals.publish_head(settings().data_dir / "seals")


def _post_due_transfers(_due: datetime) -> None:
    transfer_service.post_due()


def _expire_approvals(_due: datetime) -> None:
    approval_service.expire_due()


def _sweep_holds(_due: datetime) -> None:
    """Holds that capture themselves today, then those whose time has passed."""
    holds.capture_due()
    holds.expire_due()


def _account_fills(_due: datetime) -> None:
    """Fresh marks, what each new fill earned and cost, and whether the house bears a price it should not."""
    accounting.refresh_marks()
    accounting.account_waiting()
    exposure_service.watch_gaps()


def _report_exposure(_due: datetime) -> None:
    exposure_service.report_days()


def _tidy_up_markets(_due: datetime) -> None:
    """Days of trades ahead and away, fine candles and spent alerts of long ago."""
    trades.keep_days()
    candles.tidy_up()
    price_alerts.forget_old()


SCHEDULES: dict[str, Schedule] = {
    schedule.name: schedule
    for schedule in (
        Schedule("plans", timedelta(minutes=5), routing.recompute_latest),
        Schedule("invariants", timedelta(minutes=5), checks.check_on_schedule),
        Schedule("fold_lag", timedelta(seconds=5), _watch_the_fold),
        Schedule("partitions", timedelta(hours=6), _make_partitions),
        Schedule("days", timedelta(minutes=10), _close_days),
        Schedule("seal_head", timedelta(days=1), _publish_head),
        Schedule("tidy", timedelta(hours=1), _tidy_up),
        Schedule("tidy_markets", timedelta(hours=1), _tidy_up_markets),
        Schedule("decisions", timedelta(seconds=2), _carry_out_decisions),
        Schedule("approvals", timedelta(seconds=5), _expire_approvals),
        Schedule("holds", timedelta(seconds=5), _sweep_holds),
        Schedule("transfers", timedelta(seconds=5), _post_due_transfers),
        Schedule("payment_orders_expire", timedelta(seconds=2), payment_orders_tasks.expire),
        Schedule("orders_expire", timedelta(seconds=1), orders_tasks.expire),
        Schedule("slices", timedelta(seconds=1), algos.start_due),
        Schedule("firm_quotes", timedelta(minutes=10), firm_quotes_tasks.forget),
        Schedule("exports", timedelta(seconds=20), exports.wake_waiting),
        Schedule("imports", timedelta(seconds=20), imports.wake_waiting),
        Schedule("reconciliation-steps", timedelta(seconds=3), reconciling.work_off),
        Schedule("accounting", timedelta(seconds=1), _account_fills),
        Schedule("exposure-reports", timedelta(minutes=15), _report_exposure),
        Schedule("reconciliation-orders", timedelta(minutes=1), listings.compare_orders),
        Schedule("reconciliation-trades", timedelta(minutes=5), listings.compare_trades),
        Schedule("reconciliation-days", timedelta(hours=1), reconciling.start_days),
    )
}

# What can be reconciled, by name. A source's parts run in this order: single trades explain what a balance shows as a whole.
sources.register("balances", Projection())
sources.register("venue", OpenOrders(), VenueTrades(), VenueBalances())
sources.register("wallet", WalletBalances())
sources.register("statement", PartnerStatements())
