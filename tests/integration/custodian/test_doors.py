"""The custodian over HTTP: nobody unsigned, nothing twice, and clear refusals."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time

import httpx
import pytest

from kernel import signing as keys
from kernel.signing import Signer
from tests.custodian_desk import NETWORK
from wallet_bridge.custodian.process import create_app
from wallet_bridge.custodian.settings import Settings
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message

BRIDGE = Signer("bridge", os.urandom(32))


@pytest.fixture
def client(desk, custody_url):
    settings = Settings.model_validate(
        {
            "database_url": custody_url, "networks": desk.file, "seed": base64.b64encode(desk.seed.secret).decode(),
            "signing_key": f"custodian:{base64.b64encode(os.urandom(32)).decode()}",
            "clients": keys.shown({"bridge": keys._public(BRIDGE.seed)}),
        }
    )  # fmt: skip
    app = create_app(settings, loops=False)

    def send(method, target, **more):
        async def once():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://custodian") as made:
                return await made.request(method, target, **more)

        return asyncio.run(once())

    return send


def ask(client, method, target, body=None, *, signer=BRIDGE, now=None, headers=None):
    content = b"" if body is None else json.dumps(body).encode()
    signed = signing.sign(signer, Message("custodian", method, target, content), now=now or time.time())
    return client(
        method, target, content=content, headers={**signed, "Content-Type": "application/json", **(headers or {})}
    )


def test_an_address_a_transfer_and_its_event_over_http(client, desk):
    wanted = {"client_ref": "a/1", "owner_ref": "customer-1", "asset": "ETH", "network": NETWORK}
    made = ask(client, "POST", "/v1/addresses", wanted)
    assert made.status_code == 200
    assert ask(client, "POST", "/v1/addresses", wanted).json() == made.json()

    wish = desk.wish(ref="w/1").model_dump(mode="json")
    first, again = ask(client, "POST", "/v1/transfers", wish), ask(client, "POST", "/v1/transfers", wish)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    found = ask(client, "GET", "/v1/transfers?client_ref=w%2F1")
    assert found.json()["state"] == "accepted"
    ended = ask(client, "POST", f"/v1/transfers/{first.json()['id']}/cancel")
    assert ended.json()["state"] == "cancelled"
    (event,) = ask(client, "GET", "/v1/events?after=0").json()["items"]
    assert (event["seq"], event["type"], event["data"]["client_ref"]) == (1, "transfer.cancelled", "w/1")


def test_a_reference_with_other_content_is_refused(client, desk):
    ask(client, "POST", "/v1/transfers", desk.wish(ref="w/1").model_dump(mode="json"))
    other = ask(client, "POST", "/v1/transfers", desk.wish("2", ref="w/1").model_dump(mode="json"))
    assert (other.status_code, other.json()["code"]) == (409, "client_ref_conflict")


def test_nobody_unsigned_and_no_message_twice(client):
    assert client("GET", "/v1/events").json()["code"] == "wire_unsigned"
    assert client("GET", "/v1/events").status_code == 401
    stranger = Signer("bridge", os.urandom(32))
    assert ask(client, "GET", "/v1/events", signer=stranger).status_code == 401
    assert ask(client, "GET", "/v1/events", now=time.time() - 60).status_code == 401
    signed = signing.sign(BRIDGE, Message("custodian", "GET", "/v1/events", b""), now=time.time())
    assert [client("GET", "/v1/events", headers=signed).status_code for _ in range(3)] == [200, 401, 401]


def test_what_nobody_can_mean_is_refused_with_a_code(client, desk):
    wish = desk.wish(ref="w/1").model_dump(mode="json")
    for changed in (
        {"amount": "NaN"}, {"amount": "1e400"}, {"amount": 1}, {"amount": "１"}, {"amount": None}, {"client_ref": "a b"},
        {"destination": {"type": "address", "address": "\u0000"}}, {"extra": 1}, {"purpose": "theft"}, {"approvals": [{}] * 11},
    ):  # fmt: skip
        answer = ask(client, "POST", "/v1/transfers", wish | changed)
        assert 400 <= answer.status_code < 500 and answer.json()["code"], (changed, answer.text)
    assert ask(client, "GET", "/v1/transfers?client_ref=w%2F1").json()["code"] == "transfer_not_found"
    assert ask(client, "GET", "/v1/transfers/not-an-id").status_code == 400
    assert ask(client, "GET", "/v1/events?after=-1").status_code == 400


def test_balances_and_how_far_the_chain_is_read(client, desk):
    desk.fund_hot("12.5")
    (hot,) = ask(client, "GET", "/v1/balances").json()["items"]
    assert (hot["wallet"], hot["asset"], hot["confirmed"], hot["pending_out"]) == ("hot", "ETH", "12.5", "0")
    (state,) = ask(client, "GET", "/v1/chain-state").json()["items"]
    assert (state["network"], state["kind"], state["open_transfers"]) == (NETWORK, "evm", 0)


def test_large_sums_go_where_two_people_and_a_day_agreed(client, desk):
    to = desk.anvil.ask("eth_accounts")[3]
    wanted = {"client_ref": "l/1", "network": NETWORK, "address": to, "label": "cold store", "proposed_by": "anna"}
    entry = ask(client, "POST", "/v1/whitelist", wanted).json()
    path = f"/v1/whitelist/{entry['id']}"
    alone = ask(client, "POST", f"{path}/approve", {"approved_by": "anna"})
    assert (alone.status_code, alone.json()["code"]) == (409, "same_person")
    assert ask(client, "POST", f"{path}/approve", {"approved_by": "ben"}).json()["approved_by"] == "ben"
    wish = desk.wish(destination={"type": "whitelist", "whitelist_id": entry["id"]}).model_dump(mode="json")
    early = ask(client, "POST", "/v1/transfers", wish)
    assert (early.status_code, early.json()["code"]) == (400, "destination_unfit")
    assert ask(client, "DELETE", path).json()["removed_at"] is not None


def test_a_body_of_many_brackets_is_refused_and_ends_nothing(client):
    """A library of Ethereum raises the recursion limit where it is imported; see chains/eth.py."""
    assert sys.getrecursionlimit() < 10_000
    content = b"[" * 200_000
    signed = signing.sign(BRIDGE, Message("custodian", "POST", "/v1/transfers", content), now=time.time())
    answer = client("POST", "/v1/transfers", content=content, headers={**signed, "Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
