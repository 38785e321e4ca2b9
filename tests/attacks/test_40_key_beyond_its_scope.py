"""Attack 40: a read-only key trades or moves money, or a key is used from another address. 403, and the owner is told."""

from __future__ import annotations

import json

import pytest

from identity.api_keys import service as api_keys
from identity.api_keys.errors import ApiKeyRefused
from identity.api_keys.states import Scope
from identity.audit import refusals
from tests.integration.identity.test_signed_requests import ALERT, headers, make, refusal
from tests.notice_board import as_engine, consume


@pytest.fixture(autouse=True)
def nothing_refused_yet(monkeypatch):
    monkeypatch.setattr(refusals, "_bound", refusals.Bound())


def told(house):
    """What the owner of the keys was told of them, the newest first."""
    with as_engine(house.database, house.database.app):
        consume()
    items = house.client.get("/v1/notices", headers=house.auth("retail")).json()["items"]
    return [n["params"] for n in items if n["kind"] == "api_key_misused"]


def written(house, key):
    with house.sql("superuser") as connection:
        return connection.execute(
            "SELECT details->>'what', actor::text FROM identity.audit_entries WHERE action = 'api_key.refused' AND resource_id = %s",
            [key["id"]],
        ).fetchall()


def signed(house, key, method, path, body=b"", **changes):
    given = headers(key, method, path, body=body) | ({"Content-Type": "application/json"} if body else {}) | changes
    return house.client.request(method, path, content=body, headers=given)


@pytest.mark.parametrize(
    ("scopes", "method", "path", "body"),
    [
        (["read"], "POST", "/v1/orders", {"symbol": "BTC-USDT", "side": "buy", "quantity": "1", "venue": "best"}),
        (["read"], "POST", "/v1/price-alerts", ALERT),
        (["read"], "DELETE", "/v1/orders", None),
        (["read", "trade"], "POST", "/v1/transfers", {"amount": "1", "asset": "USDT", "to": "x"}),
        (["read", "trade"], "POST", "/v1/api-keys", {"name": "another", "scopes": ["trade"]}),
    ],
)
def test_40_a_key_does_what_its_scopes_hold_and_its_owner_is_told(house, scopes, method, path, body):
    key = make(house, scopes=scopes)
    content = b"" if body is None else json.dumps(body).encode()
    for _ in range(8):
        assert refusal(signed(house, key, method, path, content)) == (403, "forbidden")
    [params] = [p for p in told(house) if p["name"] == key["name"]]
    assert (params["reason"], params["address"]) == ("scope", "127.0.0.1")
    assert written(house, key) == [("scope", str(house.ids["retail"]))] * refusals.PER_SUBJECT, (
        "written down, with a bound"
    )


def test_40_a_key_from_another_address_is_refused_and_its_owner_is_told(house):
    key = make(house, ip_allow=["203.0.113.7"])
    spoofed = {"X-Forwarded-For": "203.0.113.7"}
    for more in ({}, spoofed):
        assert refusal(signed(house, key, "GET", "/v1/balances", **more)) == (403, "api_key_address_refused")
    [params] = [p for p in told(house) if p["name"] == key["name"]]
    assert (params["reason"], params["address"]) == ("address", "127.0.0.1")
    assert {what for what, _ in written(house, key)} == {"address"}


def test_40_a_key_that_moves_money_out_names_where_it_is_used_from(house):
    """…and from there it may; from elsewhere, or in a dialect whose signature covers no path, it may nothing."""
    wish = {"name": "payer", "scopes": ["withdraw"]}
    for wide in ([], ["0.0.0.0/0"], ["10.0.0.0/15"], ["127.0.0.1", "::/0"]):
        answer = house.client.post("/v1/api-keys", json=wish | {"ip_allow": wide}, headers=house.auth("retail"))
        assert refusal(answer) == (400, "ip_allow_required"), wide
    body = json.dumps({"amount": "1", "asset": "USDT", "to": "nobody"}).encode()
    here = make(house, scopes=["withdraw"], ip_allow=["127.0.0.1"])
    past_the_gate = signed(house, here, "POST", "/v1/transfers", body)
    assert past_the_gate.status_code in {400, 404, 422}, past_the_gate.text
    elsewhere = make(house, scopes=["withdraw"], ip_allow=["203.0.113.7"])
    assert refusal(signed(house, elsewhere, "POST", "/v1/transfers", body)) == (403, "api_key_address_refused")
    assert [p["reason"] for p in told(house) if p["name"] == elsewhere["name"]] == ["address"]
    dialect = house.client.get("/compat/binance/api/v3/account", headers={"X-MBX-APIKEY": here["key"]})
    assert dialect.status_code in {400, 401}
    with pytest.raises(ApiKeyRefused):
        api_keys.authenticate_key(key=here["key"], address="127.0.0.1", scope=Scope.READ)


def test_40_who_cannot_sign_tells_nobody_anything(house):
    key = make(house, scopes=["read"], ip_allow=["203.0.113.7"])
    forged = key | {"secret": "x" * 64}
    assert refusal(signed(house, forged, "DELETE", "/v1/orders")) == (401, "signature_invalid")
    assert [p for p in told(house) if p["name"] == key["name"]] == []
    assert written(house, key) == []
