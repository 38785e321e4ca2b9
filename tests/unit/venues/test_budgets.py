"""The budget keeps a share for trading, refills with time, and falls back to a smaller local bucket without Valkey."""

import asyncio

import pytest
import redis

from venues.accounts import VenueAccount, simulated_account
from venues.budgets import Budget
from venues.capabilities import of


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def real_account():
    return VenueAccount(venue="okx", label="main", tenant_id=None, api_key="k", secret="s")


def spend(budget, purpose):
    count = 0
    while asyncio.run(budget.take(purpose)) == 0:
        count += 1
    return count


def test_reading_leaves_thirty_percent_for_trading():
    budget = Budget(real_account(), None, monotonic=Clock())
    local = of("okx").burst / 4
    assert spend(budget, "reading") == int(local * 0.7)
    assert spend(budget, "trading") > 0
    assert asyncio.run(budget.take("reading")) > 0


def test_refill():
    clock = Clock()
    budget = Budget(real_account(), None, monotonic=clock)
    spend(budget, "trading")
    wait = asyncio.run(budget.take("trading"))
    clock.now += wait * 0.9
    assert asyncio.run(budget.take("trading")) > 0
    clock.now += wait * 0.11
    assert asyncio.run(budget.take("trading")) == 0


class Away:
    calls = 0

    async def eval(self, *_):
        self.calls += 1
        raise redis.ConnectionError


def test_valkey_away_falls_back_and_is_not_asked_again_at_once():
    clock, away = Clock(), Away()
    budget = Budget(real_account(), away, monotonic=clock)
    assert asyncio.run(budget.take("trading")) == 0
    assert asyncio.run(budget.take("trading")) == 0
    assert away.calls == 1
    clock.now += 5
    asyncio.run(budget.take("trading"))
    assert away.calls == 2


def test_a_simulated_venue_does_not_slow_us_down():
    budget = Budget(simulated_account("kraken", "http://127.0.0.1:1"), None, monotonic=Clock())
    assert spend(budget, "trading") >= 1000


@pytest.mark.parametrize("venue", ["binance", "bitfinex", "kraken", "okx"])
def test_secrets_are_not_shown(venue):
    account = simulated_account(venue, "http://127.0.0.1:1")
    assert "secret" not in repr(account).replace("sim-", "")
    assert account.api_key not in repr(account)
