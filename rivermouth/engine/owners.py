"""Small owners: the folder of the ledger, the consumers of events, the schedules, the readers of venue balances.

Each is an endless loop under a lease. A database or a venue that is away is logged and tried again; nothing here decides about money.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from broker.revenue import service as accounting
from broker.revenue.rules import REPORTING
from broker.venue_trades import service as venue_trades
from kernel import clock, failpoints, log, outbox, schedules
from kernel.leases import LeaseKeeper
from kernel.metrics import FOLD_LAG
from kernel.outbox import BatchConsumer, Consumer
from kernel.schedules import Schedule
from kernel.wakes import Wakes
from lending.liquidation import tasks as liquidations
from payments.balances import service as balances
from payments.inventory import service as inventory
from payments.partitions import service as partitions
from venues import fee_reports
from venues.gateway import VenueGateway, VenueUnreachable
from wallet_bridge.funds import service as funds

BALANCES_EVERY_S = 15.0
TRADES_EVERY_S = 60.0
FEES_EVERY_S, FEES_AGAIN_S, LEARN_EVERY_S = 86_400.0, 300.0, 60.0
_log = log.get("engine")
failpoints.declare("fold.after_commit")


async def _owned(leases: LeaseKeeper, name: str, step: Callable[[], object], pause: Callable[[], object]) -> None:
    """Run `step` in a thread while this process holds the lease; `pause` waits between steps."""
    leases.want(name)
    while True:
        if leases.epoch(name) is not None:
            try:
                await asyncio.to_thread(step)
            except DBAPIError as error:
                _log.warning("database_away", owner=name, error=str(error.orig))
                await asyncio.sleep(0.5)
        waiting = pause()
        if asyncio.iscoroutine(waiting):
            await waiting


async def fold_ledger(leases: LeaseKeeper, *, every_s: float) -> None:
    """Add what was committed to the balances, and seal it; then the moves of stock."""
    whole = False

    def step() -> None:
        nonlocal whole
        if not whole:  # after a long standstill the present month may be missing
            partitions.make_ahead()
            whole = True
        result = balances.fold()
        if result.folded:
            failpoints.hit("fold.after_commit")
        FOLD_LAG.set(result.left)
        inventory.fold()

    await _owned(leases, "fold", step, lambda: asyncio.sleep(every_s))


async def consume_events(leases: LeaseKeeper, wakes: Wakes, consumers: tuple[Consumer, ...], *, poll_s: float) -> None:
    def step() -> None:
        for consumer in outbox.waited_for(consumers):
            while outbox.consume(consumer):
                pass

    await _owned(leases, "events", step, lambda: wakes.wait(outbox.CHANNEL, poll_s))


async def consume_in_batches(
    name: str, leases: LeaseKeeper, wakes: Wakes, consumers: tuple[BatchConsumer, ...], *, poll_s: float
) -> None:
    """Beside the other consumers: what a person waits to see must not stand behind their work."""

    def step() -> None:
        for consumer in outbox.waited_for(consumers):
            while outbox.consume_together(consumer):
                pass

    await _owned(leases, name, step, lambda: wakes.wait(outbox.CHANNEL, poll_s))


async def run_schedules(leases: LeaseKeeper, wakes: Wakes, table: Mapping[str, Schedule], *, poll_s: float) -> None:
    """Run what is due in business time; carry out jumps of the sandbox clock."""
    registered = False

    def step() -> None:
        nonlocal registered
        if not registered:
            schedules.register(table)
            registered = True
        schedules.carry_out_advances(table)
        schedules.run_due(table)

    await _owned(leases, "schedules", step, lambda: wakes.wait(schedules.CHANNEL, poll_s))


async def sell_collateral(leases: LeaseKeeper, wakes: Wakes, *, poll_s: float) -> None:
    """Go on with liquidations: soon after a sale ended, and now and then for those that wait."""
    await _owned(leases, "liquidations", liquidations.step_due, lambda: wakes.wait(liquidations.CHANNEL, poll_s))


async def watch_balances(
    leases: LeaseKeeper, wakes: Wakes, *, tenant: UUID, gateways: Mapping[str, VenueGateway]
) -> None:
    """Read what each venue says we have: every 15 s, and soon after a fill there."""
    name = f"balances:{tenant}"
    leases.want(name)
    due = dict.fromkeys(gateways, 0.0)
    while True:
        if leases.epoch(name) is not None:
            try:
                for venue in await asyncio.to_thread(funds.take_refreshes, tenant):
                    due[venue] = 0.0
                now = clock.monotonic()
                wanted = [venue for venue in gateways if due.get(venue, 0.0) <= now]
                await asyncio.gather(*(_read_balances(tenant, gateways[venue]) for venue in wanted))
                due.update(dict.fromkeys(wanted, now + BALANCES_EVERY_S))
            except DBAPIError as error:
                _log.warning("database_away", owner=name, error=str(error.orig))
        await wakes.wait("rm:balances", 0.5)


async def _read_balances(tenant: UUID, gateway: VenueGateway) -> None:
    try:
        reported = await gateway.balances()
    except VenueUnreachable as error:
        _log.warning("balances_not_read", venue=gateway.venue, error=str(error))
        return
    await asyncio.to_thread(funds.report, tenant, gateway.venue, {a: (b.free, b.total) for a, b in reported.items()})


async def watch_trades(
    leases: LeaseKeeper, *, tenant: UUID, gateways: Mapping[str, VenueGateway], symbols: Sequence[str]
) -> None:
    """Read each venue's own list of our executions, once a minute, for reconciliation."""
    name = f"trades:{tenant}"
    leases.want(name)
    while True:
        if leases.epoch(name) is not None:
            try:
                await asyncio.gather(*(_read_trades(tenant, gateway, symbols) for gateway in gateways.values()))
            except DBAPIError as error:
                _log.warning("database_away", owner=name, error=str(error.orig))
        await asyncio.sleep(TRADES_EVERY_S if leases.epoch(name) is not None else 1.0)


async def _read_trades(tenant: UUID, gateway: VenueGateway, symbols: Sequence[str]) -> None:
    for symbol in symbols:
        since = await asyncio.to_thread(venue_trades.read_since, tenant, venue=gateway.venue, symbol=symbol)
        while True:
            asked_at = clock.wall()
            try:
                trades = await gateway.trades_since(symbol, since)
            except VenueUnreachable as error:
                _log.warning("trades_not_read", venue=gateway.venue, symbol=symbol, error=str(error))
                return
            await asyncio.to_thread(
                venue_trades.store, tenant, venue=gateway.venue, symbol=symbol, since=since, asked_at=asked_at, trades=trades
            )  # fmt: skip
            newest = max((trade.executed_at for trade in trades), default=since)
            if len(trades) < venue_trades.PAGE_FULL or newest <= since:
                break
            since = newest


async def watch_fees(
    leases: LeaseKeeper, *, tenant: UUID, gateways: Mapping[str, VenueGateway], symbols: Sequence[str]
) -> None:
    """Once a day each venue is asked what it charges us; every engine learns it, because every engine plans orders."""
    name = f"fees:{tenant}"
    leases.want(name)
    due = dict.fromkeys(gateways, 0.0)
    while True:
        owned = leases.epoch(name) is not None
        try:
            if owned:
                for venue in [venue for venue, at in due.items() if at <= clock.monotonic()]:
                    told = await _read_fees(tenant, gateways[venue], symbols)
                    due[venue] = clock.monotonic() + (FEES_EVERY_S if told else FEES_AGAIN_S)
                await _read_prices(gateways)
            await asyncio.to_thread(fee_reports.learn, tenant)
        except DBAPIError as error:
            _log.warning("database_away", owner=name, error=str(error.orig))
        await asyncio.sleep(LEARN_EVERY_S if owned else 1.0)


async def _read_fees(tenant: UUID, gateway: VenueGateway, symbols: Sequence[str]) -> bool:
    try:
        told = await gateway.fees(symbols)
    except VenueUnreachable as error:
        _log.warning("fees_not_read", venue=gateway.venue, error=str(error))
        return False
    await asyncio.to_thread(fee_reports.store, tenant, venue=gateway.venue, reported=told)
    return True


async def _read_prices(gateways: Mapping[str, VenueGateway]) -> None:
    """What fees in other assets are worth, from the first venue that lists them."""
    for asset in await asyncio.to_thread(accounting.assets_to_ask):
        for gateway in gateways.values():
            try:
                price = await gateway.last_price(f"{asset}-{REPORTING}")
            except VenueUnreachable as error:
                _log.warning("price_not_read", venue=gateway.venue, asset=asset, error=str(error))
                continue
            if price is not None:
                at = clock.wall()
                await asyncio.to_thread(accounting.note_marks, {asset: price}, source=gateway.venue, at=at)
                break
