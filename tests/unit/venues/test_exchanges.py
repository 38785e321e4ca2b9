"""The library is set up so that it cannot repeat a request, lose a digit or reach a host that nobody named."""

import asyncio

import pytest

from venues import exchanges, wire
from venues.accounts import VENUES, VenueAccount, simulated_account


def addresses(urls):
    if isinstance(urls, dict):
        return [address for value in urls.values() for address in addresses(value)]
    return [urls]


async def _with_all(account):
    session = wire.session(encrypted=False)
    made = [
        exchanges.rest_exchange(account, timeout_s=1.5, session=session),
        exchanges.public_exchange(account, timeout_s=1.5, session=session),
        exchanges.streaming_exchange(account, timeout_s=1.5),
    ]
    for exchange in made:
        exchange.session = None
    await session.close()
    return made


def everything(account):
    return asyncio.run(_with_all(account))


@pytest.mark.parametrize("venue", VENUES)
def test_every_address_is_replaced(venue):
    account = simulated_account(venue, "http://127.0.0.1:8111")
    for exchange in everything(account):
        assert list(exchange.urls) == ["api"]
        for address in addresses(exchange.urls):
            assert address.startswith(("http://127.0.0.1:", "ws://127.0.0.1:"))


@pytest.mark.parametrize("venue", VENUES)
def test_exact_and_once(venue):
    signed, *public = everything(simulated_account(venue, "http://127.0.0.1:8111"))
    for exchange in (signed, *public):
        assert exchange.options["maxRetriesOnFailure"] == 0
        assert exchange.number is str
        assert exchange.enableRateLimit is False
        assert exchange.timeout == 1500
    assert signed.apiKey == f"sim-{venue}-key"
    assert not any(exchange.apiKey for exchange in public), "market data needs no key"


@pytest.mark.parametrize("venue", VENUES)
def test_without_an_own_address_it_is_the_venue_itself(venue):
    account = VenueAccount(venue=venue, label="main", tenant_id=None, api_key="k", secret="s", password="p")
    for exchange in everything(account):
        hosts = " ".join(addresses(exchange.urls["api"])).replace("{hostname}", exchange.hostname or "")
        assert f"{venue}.com" in hosts
        assert "127.0.0.1" not in hosts
