"""Treasury on a real database and the simulated venues: two people, approved addresses, the real lanes, and what the venues really did."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from decimal import Decimal

from identity.approvals import service as approvals
from kernel import clock, db, outbox
from kernel.calls.lane import Lane
from kernel.leases import LeaseKeeper
from kernel.outbox import Consumer
from kernel.wakes import Wakes
from rivermouth.engine import treasury
from tests.broker_desk import Desk
from venues.accounts import simulated_withdraw_account
from venues.ccxt_gateway import CcxtGateway
from wallet_bridge.lines import service as lines
from wallet_bridge.lines.rules import Line
from wallet_bridge.lines.states import Unit
from wallet_bridge.moves import addresses, calls, proposing, queries, service, tasks
from wallet_bridge.moves.addresses import NewAddress
from wallet_bridge.moves.service import Wish

D = Decimal
PATIENCE_S = 60.0
RESOLVING = calls.RESOLVING.scaled(0.0005)  # a guard of about a second
LINES = ("BTC", "bitcoin"), ("USDT", "tron"), ("USDT", "ethereum")


class MovesDesk(Desk):
    """Works as the app; what the engine does runs as the engine. `maker` asks, `checker` agrees."""

    def __init__(self, database, valkey_url):
        super().__init__(database, valkey_url)
        self.simulator = None
        self.maker, self.checker = self.staff(role="treasury"), self.staff(role="treasury")
        self.keys = itertools.count(1)

    def at(self, simulator):
        self.simulator = simulator
        return self

    # the engine
    def engine_does(self, work, *venues):
        """`await work(*desks)` with the keys that may withdraw, as the engine's role."""

        async def run():
            async with AsyncExitStack() as stack:
                desks = []
                for venue in venues:
                    gateway = CcxtGateway(simulated_withdraw_account(venue, self.simulator.url), timeout_s=20)
                    stack.push_async_callback(gateway.close)
                    await gateway.load()
                    desks.append(treasury.Desk(gateway))
                return await work(*desks)

        with self.as_engine():
            return asyncio.run(run())

    def read_rails(self, *venues):
        async def work(*desks):
            for venue, desk in zip(venues, desks, strict=True):
                assert await treasury.read_rails(desk, tenant=self.tenant, venue=venue) is treasury.Read.WHOLE

        self.engine_does(work, *venues)

    def decided(self):
        """The engine acts on what was decided."""
        handlers = {"identity.approval_granted.v1": tasks.granted, "identity.approval_ended.v1": tasks.ended}
        with self.as_engine():
            while outbox.consume(Consumer("treasury_moves", handlers)):
                pass

    def run_lane(self, venue, until, *, seconds=PATIENCE_S, wrap=lambda kind: kind):
        """The lane of the venue's withdrawals, owned here, until something holds and its hands are empty."""

        async def work(desk):
            keeper = LeaseKeeper(ttl_s=3600)
            kind = wrap(calls.WithdrawCalls(desk))
            lane = Lane(
                service.lane_of(self.tenant, venue), {service.CALL: kind}, leases=keeper, wakes=Wakes(), max_in_flight=1,
                resolving=RESOLVING, poll_s=0.02,
            )  # fmt: skip
            keeper.renew()
            task = asyncio.create_task(lane.run())
            deadline = clock.monotonic() + seconds
            while clock.monotonic() < deadline:
                if lane._epoch is not None and await asyncio.to_thread(until) and not lane._flying:
                    break
                await asyncio.sleep(0.02)
            task.cancel()
            keeper.stop()

        self.engine_does(work, venue)
        assert until(), self.states()

    def read_arrivals(self, venue, until=lambda: True, *, seconds=PATIENCE_S):
        async def work(desk):
            deadline = clock.monotonic() + seconds
            while clock.monotonic() < deadline:
                await treasury.read_arrivals(desk, tenant=self.tenant, venue=venue)
                if await asyncio.to_thread(until):
                    break
                await asyncio.sleep(0.05)

        self.engine_does(work, venue)
        assert until(), self.states()

    def propose(self):
        with self.as_engine():
            tasks.propose(None)
        return proposing.standing(self.tenant)

    # people
    def agree(self, approval_id, *, by=None):
        digest = approvals.read(tenant=self.tenant, reader=self.checker, approval_id=approval_id).digest
        approvals.approve(
            tenant=self.tenant, by=by or self.checker, approval_id=approval_id, digest=digest, key=f"k{next(self.keys)}"
        )
        self.decided()

    def approve_address(self, venue, asset="USDT", network="tron", *, key_name="treasury"):
        with self.tx() as tx:
            rail = queries.rail(tx, venue=venue, asset=asset, network=network)
        wish = NewAddress(
            venue=venue, asset=asset, network=network, address=rail.address, memo=rail.memo, key_name=key_name
        )
        self.agree(addresses.ask(tenant=self.tenant, actor=self.maker, wish=wish, key=None))

    def ready(self, *venues):
        """Rails read, and every venue has its addresses."""
        self.read_rails(*venues)
        for venue in venues:
            for asset, network in LINES:
                self.approve_address(venue, asset, network)

    def ask(self, source="binance", destination="okx", *, asset="USDT", network="tron", amount="1000", **more):
        wish = Wish(source=source, destination=destination, asset=asset, network=network, amount=D(amount), **more)
        return service.ask(tenant=self.tenant, actor=self.maker, wish=wish, key=None).id

    def agreed(self, *args, **kwargs):
        transfer_id = self.ask(*args, **kwargs)
        self.agree(self.approval_of(transfer_id))
        return transfer_id

    def approval_of(self, transfer_id):
        return service.read(self.tenant, transfer_id)[1].transfer

    # what is seen
    def transfer(self, transfer_id):
        return service.read(self.tenant, transfer_id)[0]

    def state(self, transfer_id):
        return self.transfer(transfer_id).state.value

    def states(self):
        return [(row.state, row.reason) for row in service.page(self.tenant, states=None, before=None, limit=50)]

    def at_state(self, transfer_id, *states):
        def holds():
            with db.read_only(tenant=self.tenant) as tx:
                return queries.get(tx, transfer_id).state.value in states

        return holds

    def left(self, venue):
        """What really left, whatever anybody says."""
        return self.simulator.control("GET", f"/control/venues/{venue}/withdrawals")["items"]

    def total(self, asset="USDT"):
        """What the house owns at venues and on the way."""
        row = self.engine.execute(
            """SELECT coalesce(-sum(e.amount), 0) FROM payments.entries e JOIN payments.accounts a USING (account_id)
                WHERE a.tenant_id = %s AND split_part(a.path, ':', 2) = %s AND (a.path LIKE 'venue.%%' OR a.path LIKE 'in_transit.treasury:%%')""",
            [self.tenant, asset],
        ).fetchone()
        return row[0]

    def transit(self, asset="USDT"):
        return -self.sum_of(f"in_transit.treasury:{asset}")

    def line(self, venue, asset, line):
        with self.tx() as tx:
            lines.step(tx, location=f"venue:{venue}", asset=asset, line=Line(Unit.AMOUNT, D(line), D(0)))

    def told(self, transfer_id):
        rows = self.engine.execute(
            "SELECT topic FROM kernel.outbox WHERE payload->>'transfer_id' = %s ORDER BY id", [str(transfer_id)]
        ).fetchall()
        return [row[0].removeprefix("wallet.treasury_transfer_").removesuffix(".v1") for row in rows]
