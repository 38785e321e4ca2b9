"""What the processes are made of: routers, parts that live as long as the API, conditions of readiness, event consumers, schedules.

An explicit list, so that a reader finds here everything that runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
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
from identity.audit import chain
from identity.audit.api import router as audit
from identity.eligibility import tasks as eligibility
from identity.eligibility.api import router as country_rules
from identity.kyc import files as kyc_files
from identity.kyc import uploads as kyc_uploads
from identity.kyc.api import router as kyc
from identity.oauth.api import router as oauth
from identity.oauth.connections_api import router as oauth_connections
from identity.oidc.api import router as staff_logins
from identity.people import carrying, closing
from identity.people.api import router as people
from identity.recovery.api import router as recovery
from identity.registration.api import router as registration
from identity.roles.api import router as roles
from identity.screening.api import router as screenings
from identity.security.api import router as security
from identity.sessions.api import router as sessions
from identity.tenants import tasks as tenant_tasks
from identity.tenants.api import router as tenants
from kernel import commands, db, feeds, log, outbox
from kernel.calls import service as calls
from kernel.db import Tx
from kernel.http import LargerBodies
from kernel.outbox import BatchConsumer, Consumer
from kernel.resealing import Sealed
from kernel.schedules import Schedule
from kernel.settings import settings
from kernel.wakes import Wakes
from markets.candles import service as candles
from markets.candles.api import router as market_candles
from markets.instruments.api import router as markets
from markets.price_alerts import service as price_alerts
from markets.price_alerts.api import router as alerts
from markets.quotes.api import router as market_quotes
from markets.stats.api import router as market_stats
from markets.trades import service as trades
from markets.trades.api import router as market_trades
from markets.udf.api import router as udf
from notices import tasks as telling
from notices.chat import service as chat
from notices.chat import tasks as chat_tasks
from notices.chat.api import router as channels
from notices.inbox import service as inbox
from notices.inbox.api import router as notices
from notices.mails import service as mails
from notices.preferences.api import router as notice_preferences
from notices.webhooks import service as webhook_service
from notices.webhooks.api import router as webhooks
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
from rivermouth import audited, checks, earn_parts, exported, lending_parts, wallet_parts
from rivermouth.sandbox.api import router as sandbox
from rivermouth.sandbox.control import Engine, Simulator
from rivermouth.sandbox.play import Player
from rivermouth.stream.api import router as stream
from rivermouth.stream.binance_api import router as binance_streams
from rivermouth.stream.hub import Hub
from venues import fee_reports
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.api import router as treasury
from wallet_bridge.funds.reported import VenueBalances, WalletBalances

_AT_ONCE = 5_000
LEARN_EVERY_S = 60.0
_log = log.get("registry")


Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

ROUTERS: tuple[APIRouter, ...] = (
    security,
    sessions,
    registration,
    recovery,
    people,
    api_keys,
    oauth,
    oauth_connections,
    staff_logins,
    approvals,
    audit,
    kyc,
    screenings,
    country_rules,
    tenants,
    roles,
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
    *lending_parts.ROUTERS,
    *earn_parts.ROUTERS,
    *wallet_parts.ROUTERS,
    revenue,
    exposure,
    venue_fees,
    venue_health,
    notices,
    notice_preferences,
    webhooks,
    channels,
    stream,
    binance_streams,
    binance,
)
SANDBOX_ROUTERS: tuple[APIRouter, ...] = (sandbox,)
LARGER_BODIES = (LargerBodies(kyc_uploads.PATH, kyc_files.MAX_BYTES + kyc_uploads.AROUND),)


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
    Consumer(
        "country_rules",
        {"identity.approval_granted.v1": eligibility.granted, "identity.approval_ended.v1": eligibility.ended},
    ),
    Consumer(
        "tickets",
        {"identity.approval_granted.v1": reconciling.granted, "identity.approval_ended.v1": reconciling.ended},
    ),
    *lending_parts.CONSUMERS,
    *earn_parts.CONSUMERS,
    *wallet_parts.CONSUMERS,
    Consumer("people", {"identity.approval_granted.v1": carrying.granted}),
    Consumer(
        "policies",
        {"identity.approval_granted.v1": tenant_tasks.granted, "identity.approval_ended.v1": tenant_tasks.ended},
    ),
)
SEALED: tuple[Sealed, ...] = (
    Sealed("identity.api_keys", "sealed_secret"),
    Sealed("identity.second_factors", "totp_secret", row="principal_id"),
    Sealed("identity.second_factors", "totp_offered", row="principal_id"),
    Sealed("identity.kyc_cases", "sealed_applicant"),
    Sealed("identity.kyc_files", "sealed", row="document_id"),
    Sealed("notices.webhooks", "sealed_secret"),
    Sealed("notices.channels", "sealed_address"),
)
"""Every column that holds sealed secrets: what a new master key has to reach. A column that is missing here fails a test."""
FORGOTTEN_CALLS = (mails.KIND, webhook_service.KIND, chat.KIND)
"""Calls that nothing asks about once they are settled and old; those to venues are evidence and stay."""
STREAMS: tuple[BatchConsumer, ...] = (BatchConsumer("stream", activity.TOPICS, activity.tell),)
"""What fills the channels of own events; an owner of its own, because somebody waits for these."""
NOTICES: tuple[BatchConsumer, ...] = (
    BatchConsumer("notices", telling.TOPICS, telling.tell_people),
    BatchConsumer("webhooks", telling.MACHINE_TOPICS, telling.tell_machines),
    BatchConsumer("chat", chat_tasks.TOPICS, chat_tasks.tell_channels),
)
"""What is told to people and machines; an owner of its own, because nobody's order should wait for it."""


def _tidy_up(_due: datetime) -> None:
    """Delete what nobody will ask for any more: events everybody has read, old idempotency keys, dead sessions and what belongs to them."""
    outbox.forget_old()
    for purge in (commands.purge, *identity.PURGES):
        purged = _AT_ONCE
        while purged == _AT_ONCE:
            with db.transaction() as tx:
                purged = purge(tx, limit=_AT_ONCE)
    toxicity.forget_old()
    inbox.forget_old()
    webhook_service.forget_old()
    calls.forget_old(FORGOTTEN_CALLS)
    chat.forget_old()
    more = True
    while more:
        with db.transaction() as tx:
            more = feeds.forget_old(tx)


def _send_mails_again(_due: datetime) -> None:
    mails.send_due()


def _ask_webhooks_again(_due: datetime) -> None:
    webhook_service.ask_due()


def _tell_channels(_due: datetime) -> None:
    chat.send_waiting()


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


_audit_keeper = chain.Keeper()


def _chain_the_audit(_due: datetime) -> None:
    _audit_keeper.work()


def _publish_audit_head(_due: datetime) -> None:
    chain.publish_head(settings().data_dir / "audit")


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
        Schedule("audit", timedelta(seconds=1), _chain_the_audit),
        Schedule("audit_check", timedelta(minutes=5), checks.check_audit),
        Schedule("audit_head", timedelta(days=1), _publish_audit_head),
        Schedule("tidy", timedelta(hours=1), _tidy_up),
        Schedule("tidy_markets", timedelta(hours=1), _tidy_up_markets),
        Schedule("decisions", timedelta(seconds=2), _carry_out_decisions),
        Schedule("approvals", timedelta(seconds=5), _expire_approvals),
        Schedule("policies", timedelta(seconds=5), tenant_tasks.apply_due),
        Schedule("holds", timedelta(seconds=5), _sweep_holds),
        Schedule("mails", timedelta(seconds=5), _send_mails_again),
        Schedule("webhooks", timedelta(seconds=2), _ask_webhooks_again),
        Schedule("chat", timedelta(seconds=2), _tell_channels),
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
        *lending_parts.SCHEDULES,
        *earn_parts.SCHEDULES,
        *wallet_parts.SCHEDULES,
    )
}

# Every command of a process that knows this list is written down.
audited.begin()
exported.begin()

# What can be reconciled, by name. A source's parts run in this order: single trades explain what a balance shows as a whole.
sources.register("balances", Projection())
sources.register("venue", OpenOrders(), VenueTrades(), VenueBalances())
sources.register("wallet", WalletBalances())
sources.register("statement", PartnerStatements())
sources.register("funding", *lending_parts.COMPARISONS)

# What keeps a customer's account from being closed for good.
for name, runs in (earn_parts.RUNNING | lending_parts.RUNNING | wallet_parts.RUNNING).items():
    closing.register(name, runs)

# Who hears what the custodian says.
wallet_parts.listen()
