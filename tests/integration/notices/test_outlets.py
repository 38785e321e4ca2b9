"""The owner of webhook lanes: one lane per target with work, ended when idle, handed over with the lease."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kernel import clock, db
from kernel.leases import LeaseKeeper
from kernel.settings import settings
from kernel.wakes import Wakes
from notices.mails.rules import SmtpUrlMalformed
from notices.webhooks import service
from rivermouth.engine import outlets
from tests.integration.notices.test_webhook_posting import Receiver
from tests.integration.notices.test_webhooks import Integrator
from tests.notice_board import advance, consume, publish


@pytest.fixture
def two(house, monkeypatch):
    """Two customers with a receiver each."""
    receivers = [Receiver(), Receiver()]
    targets = ",".join(receiver.here for receiver in receivers)
    given = settings().model_copy(update={"webhook_private_targets": targets})
    monkeypatch.setattr(service, "settings", lambda: given)
    monkeypatch.setattr(outlets, "LOOK_S", 0.05)
    monkeypatch.setattr(outlets, "POLL_S", 0.05)
    yield [Integrator(house, receiver) for receiver in receivers]
    for receiver in receivers:
        receiver.close()


def run(until, *, seconds=60.0):
    """An engine's owner with leases of its own, until something holds."""

    async def work():
        keeper = LeaseKeeper(ttl_s=0.9)
        owner = outlets.WebhookLanes(keeper, Wakes())
        task = asyncio.create_task(owner.run())
        await asyncio.sleep(0)
        keeper.start()
        deadline = clock.monotonic() + seconds
        while not await asyncio.to_thread(until, owner) and clock.monotonic() < deadline:
            await asyncio.sleep(0.02)
        held = await asyncio.to_thread(until, owner)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.to_thread(keeper.stop)
        assert held
        assert owner._lanes == {}

    asyncio.run(work())


def test_a_target_that_hangs_makes_no_other_wait(two):
    slow, quick = two
    release = threading.Event()
    slow.receiver.answer = lambda _handler: (release.wait(90), (200, {}, b""))[1]
    for one in two:
        one.make()
    try:
        with slow.engine():
            publish(slow.house.first, *(slow.closed() for _ in range(20)), quick.closed())
            consume()
            run(lambda _owner: len(quick.receiver.got) == 1 and len(slow.receiver.got) == 4)
            release.set()
            run(lambda _owner: len({headers["webhook-id"] for _, headers, _ in slow.receiver.got}) == 20)
    finally:
        release.set()
    assert len(quick.receiver.got) == 1


def test_a_lane_without_work_ends_and_comes_back(two, monkeypatch):
    monkeypatch.setattr(outlets, "IDLE_S", 0.2)
    one, _ = two
    one.make()
    with one.engine():
        publish(one.house.first, one.closed())
        consume()
        seen = []

        def came_and_went(owner):
            seen.append(len(owner._lanes))
            return len(one.receiver.got) == 1 and 1 in seen and not owner._lanes

        run(came_and_went)
        publish(one.house.first, one.closed())
        consume()
        run(lambda _owner: len(one.receiver.got) == 2)


def test_a_lane_asks_again_when_business_time_has_come(two):
    one, _ = two
    one.make()
    one.receiver.answer = (500, {}, b"")
    moved = []

    def delivered(owner):
        if len(one.receiver.got) == 1 and not moved and failed():
            assert service.ask_due() == 0
            one.receiver.answer = (200, {}, b"")
            advance("5 seconds")
            moved.append(service.ask_due())
        return len(one.receiver.got) == 2

    def failed():
        with db.transaction() as tx:
            return tx.scalar("SELECT count(*) FROM kernel.calls WHERE kind = 'webhook' AND state = 'unknown'") == 1

    with one.engine():
        with db.transaction() as tx:
            tx.execute("DELETE FROM notices.deliveries")
            tx.execute("UPDATE kernel.calls SET state = 'refused', next_ask_at = NULL")
        publish(one.house.first, one.closed())
        consume()
        run(delivered)
    assert moved == [1]


def test_who_lost_the_lease_lets_go_of_its_lanes(two):
    one, _ = two
    one.make()
    one.receiver.answer = (500, {}, b"")
    with one.engine():
        publish(one.house.first, one.closed())
        consume()

        def taken_away(owner):
            if owner._lanes and one.receiver.got:
                with db.transaction() as tx:
                    tx.execute(
                        "UPDATE kernel.leases SET holder = 'another', expires_at = now() + interval '1 hour' WHERE name = 'webhooks'"
                    )
            return bool(one.receiver.got) and not owner._lanes

        run(taken_away)
        with db.transaction() as tx:
            tx.execute("UPDATE kernel.leases SET expires_at = now() WHERE name = 'webhooks'")


def test_a_deployment_without_a_server_has_no_lane_for_mails(monkeypatch):
    assert settings().smtp_url is None
    assert outlets.mail_lane(LeaseKeeper(ttl_s=1), Wakes()) is None
    monkeypatch.setenv("RIVERMOUTH_SMTP_URL", "smtp://me:secret@relay.example")
    settings.cache_clear()
    try:
        with pytest.raises(SmtpUrlMalformed):
            outlets.mail_lane(LeaseKeeper(ttl_s=1), Wakes())
    finally:
        monkeypatch.delenv("RIVERMOUTH_SMTP_URL")
        settings.cache_clear()
