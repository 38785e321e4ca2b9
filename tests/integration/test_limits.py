"""How much anybody may ask, over real HTTP: by user, by key, by address, with Valkey and without."""

from __future__ import annotations

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from kernel import cache, rates
from kernel.ids import uuid7
from kernel.rates import Rate
from tests.integration.identity.test_signed_requests import headers as signed
from tests.integration.identity.test_signed_requests import make
from tests.stream_clients import StreamClient


def ask(house, who="retail", **more):
    return house.client.get("/v1/me", headers=house.auth(who), **more)


def refused(answer, code="too_many_requests"):
    return (answer.status_code, answer.json()["code"]) == (429, code)


def test_one_too_many_is_told_when_to_come_back(house, limits):
    house.auth("retail")
    limits("reads=3/minute")
    assert [ask(house).status_code for _ in range(3)] == [200] * 3
    one_too_many = ask(house)
    assert refused(one_too_many)
    assert one_too_many.headers["content-type"] == "application/problem+json"
    assert 0 < int(one_too_many.headers["retry-after"]) <= 61
    assert one_too_many.json()["retry_after_s"] == int(one_too_many.headers["retry-after"])


def test_nobody_pays_for_another_one(house, limits):
    for who in ("retail", "support"):
        house.auth(who)
    limits("reads=2/minute")
    assert [ask(house).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(house, "support").status_code == 200


def test_reads_and_writes_are_counted_apart_and_a_second_session_helps_nobody(house, limits):
    first = house.auth("retail")
    second = {"Authorization": f"Bearer {house.login('retail@first.example').json()['access_token']}"}
    limits("reads=1/minute,writes=1/minute")
    assert house.client.get("/v1/me", headers=first).status_code == 200
    assert refused(house.client.get("/v1/me", headers=second))
    assert house.client.put("/v1/notice-preferences", headers=first, json={}).status_code in {200, 400}
    assert refused(house.client.put("/v1/notice-preferences", headers=second, json={}))


def test_a_key_is_counted_by_itself(house, limits):
    keys = [make(house) for _ in range(2)]
    limits("reads=2/minute")
    for key in keys:
        codes = [
            house.client.get("/v1/balances", headers=signed(key, "GET", "/v1/balances")).status_code for _ in range(3)
        ]
        assert codes == [200, 200, 429]
    assert ask(house).status_code == 200  # and its owner beside it


def test_tokens_that_are_none_are_counted_by_address(house, limits):
    limits("strangers=3/minute")
    wrong = {"Authorization": "Bearer rms_" + "A" * 43}
    codes = [house.client.get("/v1/me", headers=wrong).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    assert ask(house).status_code == 200  # who is known is not counted there
    assert house.client.get("/v1/me").status_code == 401  # nor who brings nothing that must be looked up


def test_logins_are_bounded_by_address_whoever_they_name(house, limits):
    limits("logins=4/minute")
    answers = [house.login(f"nobody{number}@first.example", "wrong") for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert refused(answers[-1])


def test_whoever_watches_over_the_process_is_always_answered(house, limits):
    limits("open=1/minute,strangers=1/minute,logins=1/minute")
    assert [house.client.get(path).status_code for path in ("/healthz",) * 5] == [200] * 5
    assert [house.client.get("/udf/config").status_code for _ in range(2)] == [200, 429]


def test_new_sockets_are_bounded_by_address(house, limits):
    limits("streams=2/minute")
    for _ in range(2):
        with StreamClient(house.client.base_url):
            pass
    with pytest.raises(InvalidStatus) as refusal:
        StreamClient(house.client.base_url)
    assert refusal.value.response.status_code == 429
    assert int(refusal.value.response.headers["retry-after"]) > 0


def test_the_window_moves(house, limits):
    limits("reads=2/minute")
    assert [ask(house).status_code for _ in range(3)] == [200, 200, 429]
    rates._refused.clear()
    for key in cache.client().scan_iter("rm:rate*"):  # as if the first two were more than a minute old
        old = [float(moment) - 61 for moment in cache.client().lrange(key, 0, -1)]
        cache.client().delete(key)
        cache.client().rpush(key, *old)
    assert [ask(house).status_code for _ in range(3)] == [200, 200, 429]


def test_without_valkey_this_process_counts_and_never_opens(house, limits, monkeypatch):
    house.auth("retail")
    limits("reads=3/minute")

    class Away(rates.MovingWindowRateLimiter):
        def hit(self, *args, **kwargs):
            raise cache.ERRORS[0]("away")

    monkeypatch.setattr(rates._windows, "_of_all", lambda: Away(rates.MemoryStorage()))
    assert [ask(house).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_crowd_of_addresses_shares_a_window_rather_than_filling_the_memory(monkeypatch):
    monkeypatch.setattr(rates, "REMEMBERED", 5)
    monkeypatch.setattr(cache, "configured", lambda: False)
    rates.forget()
    limit = rates.read("open=2/minute")[Rate.OPEN]
    waits = [rates._windows.wait_s(limit, Rate.OPEN, f"203.0.113.{n}", now=0.0) for n in range(10)]
    assert [wait is None for wait in waits] == [True] * 7 + [False] * 3
    assert len(rates._windows._own.storage.events) == 6
    rates.forget()


def test_who_was_refused_costs_no_look_at_valkey(house, limits, monkeypatch):
    limits("reads=1/minute")
    who = str(uuid7())
    rates.take(Rate.READS, who)
    with pytest.raises(rates.TooManyRequests):
        rates.take(Rate.READS, who)
    monkeypatch.setattr(rates, "_windows", None)  # any look would fail
    with pytest.raises(rates.TooManyRequests):
        rates.take(Rate.READS, who)


@pytest.mark.parametrize(
    "text", ["reads", "reads=", "reads=many", "riots=3/minute", "reads=3/fortnight", "reads=-1/minute"]
)
def test_limits_that_are_not_understood_stop_the_start(text):
    with pytest.raises(rates.RatesMalformed):
        rates.read(text)


def test_a_limit_may_be_switched_off(house, limits):
    limits("reads=off")
    assert rates.read("reads=off")[Rate.READS] is None
    assert ask(house).status_code == 200


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        (None, ""),
        ("unix", "unix"),
    ],
)
def test_whom_an_address_stands_for(address, stands_for):
    assert rates.network(address) == stands_for


def test_the_document_says_that_every_route_may_refuse(house):
    document = httpx.get(f"{house.client.base_url}/openapi.json", timeout=60).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "429" in operation["responses"], (method, path)
