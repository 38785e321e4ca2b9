"""Attack 37: X-Forwarded-For written by the caller, against rate limits and allow-lists of addresses."""

from __future__ import annotations

import pytest

from identity.sessions import attempts
from kernel import cache
from rivermouth.http import create_app, server_options
from tests.integration.identity.test_signed_requests import headers as signed
from tests.integration.identity.test_signed_requests import make

HERE = "127.0.0.1"
ELSEWHERE = "203.0.113.{}"
NAMES = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP")


def spoofed(number):
    address = ELSEWHERE.format(number)
    return {name: f"for={address}" if name == "Forwarded" else address for name in NAMES}


@pytest.fixture(autouse=True)
def counted_from_nothing(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()
    yield
    cache.client().flushall()


def test_37_another_address_with_each_guess_is_still_one_guesser(house):
    for guess in range(attempts.FAILURES):
        assert house.login("retail@first.example", "wrong", headers=spoofed(guess)).status_code == 401
    blocked = house.login("retail@first.example", "wrong", headers=spoofed(99))
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_attempts")


def test_37_another_address_with_each_request_opens_no_new_window(house, limits):
    limits("logins=3/minute,open=3/minute,strangers=3/minute")
    logins = [house.login(f"nobody{n}@first.example", "wrong", headers=spoofed(n)).status_code for n in range(5)]
    assert logins == [401, 401, 401, 429, 429]
    charts = [house.client.get("/udf/config", headers=spoofed(n)).status_code for n in range(5)]
    assert charts == [200, 200, 200, 429, 429]
    wrong = {"Authorization": "Bearer rms_" + "A" * 43}
    strangers = [house.client.get("/v1/me", headers=wrong | spoofed(n)).status_code for n in range(5)]
    assert strangers == [401, 401, 401, 429, 429]


def test_37_a_key_that_is_good_from_elsewhere_only_is_not_good_here(house):
    key = make(house, ip_allow=[ELSEWHERE.format(7) + "/32"])
    answer = house.client.get("/v1/balances", headers=signed(key, "GET", "/v1/balances") | spoofed(7))
    assert answer.status_code in {401, 403}, answer.text


def test_37_the_session_says_where_the_connection_came_from(house):
    token = house.login("support@first.example", headers=spoofed(7)).json()["access_token"]
    rows = house.client.get("/v1/sessions", headers={"Authorization": f"Bearer {token}"} | spoofed(8)).json()["items"]
    assert {row["address"] for row in rows} == {HERE}


@pytest.fixture
def behind_a_proxy(house, monkeypatch):
    """The application as it runs behind a proxy on this machine, asked by that proxy: it appends whom it talks to."""
    chosen = house.settings(trusted_proxies=HERE)
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    options = server_options(chosen)
    assert options["proxy_headers"] and options["forwarded_allow_ips"] == HERE
    app = ProxyHeadersMiddleware(create_app(chosen), trusted_hosts=options["forwarded_allow_ips"])
    import asyncio

    import httpx

    def ask(method, path, *, client, claimed=(), **more):
        async def once():
            transport = httpx.ASGITransport(app, client=(HERE, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://proxy.example") as asking:
                chain = ", ".join([*claimed, client])
                return await asking.request(method, path, headers={"X-Forwarded-For": chain}, **more)

        return asyncio.run(once())

    return ask


def test_37_behind_a_named_proxy_only_what_the_proxy_wrote_counts(behind_a_proxy, limits):
    limits("open=2/minute")
    liar = [
        behind_a_proxy("GET", "/udf/config", client="198.51.100.1", claimed=[ELSEWHERE.format(n)]).status_code
        for n in range(4)
    ]
    assert liar == [200, 200, 429, 429]
    assert behind_a_proxy("GET", "/udf/config", client="198.51.100.2", claimed=["198.51.100.1"]).status_code == 200


def test_37_an_address_of_a_proxy_that_is_claimed_hides_nobody(behind_a_proxy, limits):
    """The rightmost address that is no proxy of ours is the caller, whatever stands left of it."""
    limits("open=1/minute")
    assert behind_a_proxy("GET", "/udf/config", client="198.51.100.9", claimed=[HERE]).status_code == 200
    assert behind_a_proxy("GET", "/udf/config", client="198.51.100.9", claimed=[HERE, HERE]).status_code == 429
