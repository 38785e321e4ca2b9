"""Two processes share one budget through Valkey; the last 30 % are for trading; a Valkey that dies slows us down and breaks nothing."""

import asyncio

import redis.asyncio

from venues.accounts import VenueAccount
from venues.budgets import Budget
from venues.capabilities import of


def account(key="k"):
    return VenueAccount(venue="okx", label="main", tenant_id=None, api_key=key, secret="s")


async def spend(budgets, purpose):
    count = 0
    while await budgets[count % len(budgets)].take(purpose) == 0:
        count += 1
    return count


def test_two_processes_share_one_bucket(valkey_url):
    async def run():
        async with redis.asyncio.Redis.from_url(valkey_url) as one, redis.asyncio.Redis.from_url(valkey_url) as two:
            budgets = [Budget(account(), one), Budget(account(), two)]
            read = await spend(budgets, "reading")
            refused = await budgets[0].take("reading")
            traded = await spend(budgets, "trading")
            other = await Budget(account("another key"), one).take("reading")
            return read, refused, traded, other

    read, refused, traded, other = asyncio.run(run())
    size = of("okx").burst
    assert 0.7 * size <= read < 0.7 * size + 10  # a few come back while the loop runs
    assert refused > 0
    assert 0.3 * size - 1 <= traded < 0.3 * size + 10
    assert other == 0, "another key has a bucket of its own"


def test_tokens_come_back(valkey_url):
    async def run():
        async with redis.asyncio.Redis.from_url(valkey_url) as client:
            budget = Budget(account(), client)
            await spend([budget], "trading")
            wait = await budget.take("trading")
            await asyncio.sleep(wait + 0.01)
            return wait, await budget.take("trading")

    wait, after = asyncio.run(run())
    assert 0 < wait <= 1 / of("okx").per_s
    assert after == 0


def test_flushed_valkey_starts_a_full_bucket(valkey_url):
    async def run():
        async with redis.asyncio.Redis.from_url(valkey_url) as client:
            budget = Budget(account(), client)
            await spend([budget], "trading")
            await client.flushall()
            return await budget.take("trading")

    assert asyncio.run(run()) == 0
