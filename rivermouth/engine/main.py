"""The engine's process: builds the owners, runs them side by side, restarts one that fails, and stops cleanly on SIGTERM.

`--only market:BTC-USDT`, `--only lane:binance`, `--only lane:smtp`, `--only fold`, `--only events`, `--only stream`, `--only notices`,
`--only webhooks`, `--only schedules`, `--only balances`, `--only trades`, `--only fees`, `--only listings`, `--only controls-work`,
`--only lending-watch`, `--only liquidations`, `--only funding`, `--only lane:custodian`, `--only custodian-events` run a part
of it; copies of the engine share the work by leases.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import uvloop
from prometheus_client import start_http_server

from broker.controls.service import venue_open
from broker.execution.children import PLACE, lane_of
from broker.execution.place import PlaceCalls
from broker.venue_health import service as venue_health
from kernel import cache, cancellation, db, log
from kernel.calls.lane import Kind, Lane, Resolving
from kernel.leases import LeaseKeeper
from kernel.outbox import BatchConsumer
from kernel.settings import settings
from kernel.wakes import Wakes
from lending.funding.sources import BID, RETURN
from lending.funding.states import Adapter
from lending.funding.venue_calls import BidCalls, ReturnCalls
from markets.instruments import service as instruments
from rivermouth import readiness, registry
from rivermouth.engine import controls, custody, lending, owners, sandbox
from rivermouth.engine.outlets import ChatLanes, WebhookLanes, mail_lane
from rivermouth.engine.rerouting import Copies, rerouter
from rivermouth.engine.shard import MarketShard
from rivermouth.engine.tape import MarketTape
from venues import accounts, capabilities
from venues.bitfinex_funding import BitfinexFunding
from venues.books import VenueBook
from venues.budgets import Budget
from venues.ccxt_feed import Feed
from venues.ccxt_gateway import CcxtGateway
from venues.gateway import VenueUnreachable
from venues.health import VenueHealth
from venues.public_trades import PublicTrade
from wallet_bridge.custody import client as custody_client

RELOAD_EVERY_S = 1800.0
END_WITHIN_S = 15.0
_log = log.get("engine")


@dataclass(slots=True)
class Parts:
    """Everything this process may own; each part decides by its lease whether it acts."""

    leases: LeaseKeeper
    wakes: Wakes
    only: Sequence[str]
    shards: dict[str, MarketShard] = field(default_factory=dict)
    tapes: dict[str, MarketTape] = field(default_factory=dict)
    copies: Copies = field(init=False)
    gateways: dict[str, CcxtGateway] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    healths: dict[str, VenueHealth] = field(default_factory=dict)
    work: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.copies = Copies(self.shards)

    def wanted(self, name: str) -> bool:
        return not self.only or any(name == part or name.startswith(part + ":") for part in self.only)

    def add(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.work[name] = work


def main(only: Sequence[str] = ()) -> None:
    """Run until SIGTERM or SIGINT."""
    log.configure("engine", settings().log_level)
    url, redis_url = settings().database_url, settings().redis_url
    assert url is not None, "the CLI sets RIVERMOUTH_DATABASE_URL"
    assert redis_url is not None, "the CLI sets RIVERMOUTH_REDIS_URL"
    db.configure(url, pool_size=settings().database_pool_size, application_name="rivermouth-engine")
    cache.configure(redis_url)
    if settings().metrics_port is not None:
        start_http_server(settings().metrics_port or 0, addr="127.0.0.1")
    try:
        uvloop.run(_run(only))
    finally:
        db.dispose()


async def _run(only: Sequence[str]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parts = Parts(leases=LeaseKeeper(ttl_s=settings().lease_ttl_s), wakes=Wakes(), only=only)
    await asyncio.to_thread(_build, parts)
    parts.leases.start()
    tasks = [asyncio.create_task(_keep(name, work), name=name) for name, work in parts.work.items()]
    tasks.append(asyncio.create_task(parts.wakes.run(), name="wakes"))
    _log.info("engine_started", parts=sorted(parts.work))
    readiness.announce()
    await stop.wait()
    _end_in_any_case()
    await cancellation.end(tasks)
    await asyncio.to_thread(parts.leases.stop)
    await asyncio.gather(*(gateway.close() for gateway in parts.gateways.values()), return_exceptions=True)
    _log.info("engine_stopped")


def _end_in_any_case() -> None:
    """What does not end by itself is shown and left: whatever it was doing, the next start finds it in Postgres, as after a kill."""

    def leave() -> None:
        _log.error("engine_did_not_end", after_s=END_WITHIN_S)
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)  # not clean, and whoever watches must see it

    timer = threading.Timer(END_WITHIN_S, leave)
    timer.daemon = True
    timer.start()


async def _keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run one part for ever; a failure is logged and the part starts again, slower each time."""
    pause_s = 0.2
    while True:
        try:
            await work()
        except VenueUnreachable as error:
            _log.warning("venue_unreachable", part=name, error=str(error)[:200])
        except Exception as error:  # noqa: BLE001  one part must not take the others down
            _log.error("part_failed", part=name, error=repr(error), exc_info=True)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 5.0)


def _build(parts: Parts) -> None:
    venue_accounts = accounts.accounts(tenant_id=settings().house_tenant)
    for instrument in instruments.list_markets():
        shard = MarketShard(
            instrument.symbol, leases=parts.leases, wakes=parts.wakes, venues=[a.venue for a in venue_accounts]
        )
        tape = MarketTape(instrument.symbol, shard=shard, leases=parts.leases, feeds=parts.feeds)
        parts.shards[instrument.symbol], parts.tapes[instrument.symbol] = shard, tape
        if parts.wanted(f"market:{instrument.symbol}"):
            parts.add(f"market:{instrument.symbol}", shard.run)
            parts.add(f"tape:{instrument.symbol}", tape.run)
            parts.add(f"candles:{instrument.symbol}", tape.fill_in)
        shard.closed = lambda: _closed(parts)
    for account in venue_accounts:
        health = parts.healths[account.venue] = VenueHealth(
            account.venue
        )  # shared: a ban on orders must stop the polling too
        parts.gateways[account.venue] = CcxtGateway(
            account, health=health, budget=Budget(account, cache.async_client())
        )
        if any(parts.wanted(f"market:{symbol}") for symbol in parts.shards):
            _add_feed(parts, account, health)
        if parts.wanted(f"lane:{account.venue}"):
            _add_lane(parts, account)
    _add_owners(parts)
    _add_outlets(parts)
    _add_custody(parts)
    _add_controls(parts)


def _closed(parts: Parts) -> frozenset[str]:
    """Venues that have told us to wait, whose orders fail, or whose markets our lane has not read yet: nothing is planned there.

    After a start during a ban the prices of a venue are back before its lane can send: what was planned there would be turned away.
    """
    return frozenset(
        venue
        for venue, gateway in parts.gateways.items()
        if not gateway.health.ready("place") or (f"lane:{venue}" in parts.work and not gateway.loaded)
    )


def _add_feed(parts: Parts, account: accounts.VenueAccount, health: VenueHealth) -> None:
    def on_book(book: VenueBook) -> None:
        parts.shards[book.symbol].on_book(book)

    def on_trades(trades: Sequence[PublicTrade]) -> None:
        parts.tapes[trades[0].symbol].on_trades(trades)

    feed = Feed(account, list(parts.shards), on_book, health=health, on_trades=on_trades)
    parts.feeds[account.venue] = feed
    parts.add(f"feed:{account.venue}", feed.run)


def _add_lane(parts: Parts, account: accounts.VenueAccount) -> None:
    venue, gateway = account.venue, parts.gateways[account.venue]
    row = capabilities.of(venue)
    kind = PlaceCalls(
        gateway,
        reroute=rerouter(parts.shards, parts.copies),
        ready=lambda: gateway.ready() and venue_open(venue),
    )
    lane = Lane(
        lane_of(settings().house_tenant, venue),
        {PLACE: kind, **_funding_kinds(gateway)},
        leases=parts.leases,
        wakes=parts.wakes,
        max_in_flight=row.max_in_flight,
        poll_s=settings().lane_poll_s,
        resolving=Resolving(guard_s=row.guard_s, answer_s=settings().venue_timeout_s + 2).scaled(
            settings().resolver_scale
        ),
    )

    async def run() -> None:
        """A venue that is away has a lane all the same: what waits for it is withdrawn, so that its orders can go elsewhere or end."""
        try:
            await gateway.load()
        except VenueUnreachable as error:
            _log.warning("venue_unreachable", part=lane.name, error=str(error)[:200])
        await lane.run()

    async def keep_fresh() -> None:
        """Grids and clocks of venues change; read them again now and then, and soon where they could not be read yet."""
        while True:
            await asyncio.sleep(RELOAD_EVERY_S if gateway.loaded else 0.5)
            await gateway.load()

    async def tell() -> None:
        """Treasury sees how the venue's breakers stand with whoever owns its lane."""
        while True:
            if parts.leases.epoch(f"lane:{lane.name}") is not None:
                with suppress(*cache.ERRORS):
                    open_now = gateway.health.ready("place") and kind.ready()
                    await asyncio.to_thread(venue_health.tell, settings().house_tenant, gateway.health, ready=open_now)
            await asyncio.sleep(1.0)

    parts.add(f"lane:{venue}", run)
    parts.add(f"health:{venue}", tell)
    parts.add(f"markets:{venue}", keep_fresh)


def _funding_kinds(gateway: CcxtGateway) -> dict[str, Kind]:
    """A venue that lends to us takes those requests in the same lane: its key has one nonce."""
    if gateway.venue != Adapter.BITFINEX.value:
        return {}
    desk = BitfinexFunding(gateway)
    return {BID: BidCalls(desk), RETURN: ReturnCalls(desk)}


def _add_owners(parts: Parts) -> None:
    leases, wakes = parts.leases, parts.wakes
    if any(parts.wanted(f"lane:{venue}") for venue in parts.gateways):
        parts.add("copies", parts.copies.run)
    if parts.wanted("fold"):
        parts.add("fold", lambda: owners.fold_ledger(leases, every_s=settings().fold_interval_s))
    if parts.wanted("events"):
        parts.add(
            "events", lambda: owners.consume_events(leases, wakes, registry.CONSUMERS, poll_s=settings().lane_poll_s)
        )
    if parts.wanted("stream"):
        parts.add("stream", lambda: _in_batches(parts, "stream", registry.STREAMS))
    if parts.wanted("schedules"):
        parts.add("schedules", lambda: owners.run_schedules(leases, wakes, registry.SCHEDULES, poll_s=0.5))
    if parts.wanted("balances"):
        parts.add(
            "balances",
            lambda: owners.watch_balances(leases, wakes, tenant=settings().house_tenant, gateways=parts.gateways),
        )
    if parts.wanted("trades"):
        parts.add(
            "trades",
            lambda: owners.watch_trades(
                leases, tenant=settings().house_tenant, gateways=parts.gateways, symbols=list(parts.shards)
            ),
        )
    if parts.wanted("fees"):
        parts.add(
            "fees",
            lambda: owners.watch_fees(
                leases, tenant=settings().house_tenant, gateways=parts.gateways, symbols=list(parts.shards)
            ),
        )
    _add_lending(parts)
    if parts.wanted("listings"):
        parts.add(
            "listings",
            lambda: controls.read_listings(
                leases, tenant=settings().house_tenant, gateways=parts.gateways, symbols=list(parts.shards)
            ),
        )
    if settings().sandbox:
        parts.add("sandbox", sandbox.SandboxEngine(parts.shards, parts.feeds, parts.gateways, wakes).run)


def _add_lending(parts: Parts) -> None:
    leases, wakes = parts.leases, parts.wakes
    if parts.wanted("lending-watch"):
        parts.add("lending-watch", lambda: lending.watch_loans(leases, wakes))
    if parts.wanted("liquidations"):
        parts.add("liquidations", lambda: owners.sell_collateral(leases, wakes, poll_s=0.5))
    lender = parts.gateways.get(Adapter.BITFINEX.value)
    if lender is not None and parts.wanted("funding"):
        desk = BitfinexFunding(lender)
        parts.add("funding", lambda: lending.read_funding(leases, tenant=settings().house_tenant, desk=desk))


def _add_outlets(parts: Parts) -> None:
    """What is told to people and machines."""
    if parts.wanted("notices"):
        parts.add("notices", lambda: _in_batches(parts, "notices", registry.NOTICES))
    mails = mail_lane(parts.leases, parts.wakes) if parts.wanted("lane:smtp") else None
    if mails is not None:
        parts.add("lane:smtp", mails.run)
    if parts.wanted("webhooks"):
        parts.add("webhooks", WebhookLanes(parts.leases, parts.wakes).run)
    if parts.wanted("chat"):
        parts.add("chat", ChatLanes(parts.leases, parts.wakes).run)


def _add_custody(parts: Parts) -> None:
    custodian = custody_client.client(settings())
    if custodian is None:
        return
    if parts.wanted("lane:custodian"):
        parts.add("lane:custodian", custody.lane(custodian, parts.leases, parts.wakes).run)
    if parts.wanted(custody.EVENTS):
        parts.add(custody.EVENTS, lambda: custody.read_events(custodian, parts.leases, parts.wakes))


def _in_batches(parts: Parts, name: str, consumers: tuple[BatchConsumer, ...]) -> Awaitable[None]:
    return owners.consume_in_batches(name, parts.leases, parts.wakes, consumers, poll_s=settings().lane_poll_s)


def _add_controls(parts: Parts) -> None:
    """Every process watches; the first look comes before anything is sent, for a ban outlives the process that was told."""
    watch = controls.ControlsWatch(parts.wakes, parts.healths, tenant=settings().house_tenant)
    watch.look()
    parts.add("controls", watch.run)
    if parts.wanted("controls-work"):
        parts.add(
            "controls-work", lambda: controls.carry_out(parts.leases, parts.wakes, tenant=settings().house_tenant)
        )
