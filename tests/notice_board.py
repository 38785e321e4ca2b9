"""What tests of notices share: the engine's work done by hand, and people to tell something."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from kernel import clock, db, outbox
from kernel.calls.lane import Lane, Resolving
from kernel.leases import LeaseKeeper
from kernel.wakes import Wakes
from rivermouth.registry import NOTICES


@contextmanager
def as_engine(database, back_to: str | None = None) -> Iterator[None]:
    """The product's database role for owners and consumers; afterwards the role of before."""
    db.configure(database.engine, pool_size=8)
    try:
        yield
    finally:
        db.dispose()
        if back_to is not None:
            db.configure(back_to, pool_size=20)


@contextmanager
def as_app(database) -> Iterator[None]:
    """In the middle of the engine's work something that the API does."""
    db.configure(database.app, pool_size=2)
    try:
        yield
    finally:
        db.configure(database.engine, pool_size=8)


def consume() -> None:
    """Everything that was published until now."""
    for consumer in NOTICES:
        while outbox.consume_together(consumer):
            pass


def publish(tenant, *facts) -> None:
    with db.transaction(tenant=tenant) as tx:
        for fact in facts:
            outbox.publish(tx, fact, key="test")


def advance(by: str) -> None:
    """Business time goes on."""
    with db.transaction() as tx:
        tx.execute('UPDATE kernel.clock SET "offset" = "offset" + CAST(:by AS interval)', by=by)


def states_of_calls() -> dict[str, str]:
    with db.transaction() as tx:
        return {row.ref: row.state for row in tx.all("SELECT ref, state FROM kernel.calls")}


def run_lane(name, kinds, until, *, resolving: Resolving, seconds: float = 60.0, at_once: int = 2) -> None:
    """A lane of its own, owned here, until something holds and its hands are empty; taking over, it asks about everything open."""
    keeper = LeaseKeeper(ttl_s=3600)
    lane = Lane(
        name, kinds, leases=keeper, wakes=Wakes(), max_in_flight=at_once, resolving=resolving, poll_s=0.02
    )  # fmt: skip
    keeper.renew()

    async def work() -> None:
        task = asyncio.create_task(lane.run())
        deadline = clock.monotonic() + seconds
        while clock.monotonic() < deadline:
            if lane._epoch is not None and await asyncio.to_thread(until) and not lane._flying:
                break
            await asyncio.sleep(0.02)
        task.cancel()

    asyncio.run(work())
    keeper.stop()
    assert until()
