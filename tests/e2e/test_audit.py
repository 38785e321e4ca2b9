"""The audit of a running product: an order is written down, chained by the engine, and the command proves it."""

import hashlib
import hmac
import subprocess
import sys
import time
from urllib.parse import urlencode

import psycopg
import pytest

from kernel import roles
from tests.e2e.trading import PATIENCE_S, trade


def _verify(stack):
    return subprocess.run(
        [sys.executable, "-m", "rivermouth", "audit", "verify"],
        check=False, capture_output=True, text=True, env=stack.env,
    )  # fmt: skip


def _chained(stack, resource):
    """The entry about a thing, once the engine has given it its place."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = stack.client("auditor").get(f"/v1/audit?resource={resource}")["items"]
        if found and found[0]["seq"] is not None:
            return found[0]
        assert time.monotonic() < deadline, "the engine does not chain"
        time.sleep(0.2)


@pytest.mark.stack
def test_an_order_is_in_the_chain_within_seconds_and_the_command_proves_it(stack):
    order = trade(stack, quantity="0.001")
    entry = _chained(stack, f"order:{order['id']}")
    assert (entry["action"], entry["via"], entry["roles"]) == ("order.placed", "session", ["retail"])
    deadline = time.monotonic() + PATIENCE_S
    while (done := _verify(stack)).returncode != 0 and "unsigned" in done.stdout:
        assert time.monotonic() < deadline, done.stdout
        time.sleep(1)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "intact"), done.stdout + done.stderr
    assert stack.retail.call("GET", "/v1/audit").status_code == 403


@pytest.mark.stack
def test_an_order_of_a_bot_names_its_key(stack):
    key = stack.retail.post("/v1/api-keys", {"name": "audited", "scopes": ["read", "trade"]})
    query = urlencode(
        {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "MARKET",
            "quantity": "0.001",
            "timestamp": int(time.time() * 1000),
        }
    )
    signature = hmac.new(key["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
    path = f"/compat/binance/api/v3/order?{query}&signature={signature}"
    placed = stack.retail.call("POST", path, headers={"X-MBX-APIKEY": key["key"]})
    assert placed.status_code == 200, placed.text
    (newest,) = stack.client("auditor").get("/v1/audit?action=order.placed&limit=1")["items"]
    assert (newest["via"], newest["credential"], newest["address"]) == ("api_key", key["id"], "127.0.0.1")


_UNTOLD = """
SELECT count(*) FROM broker.orders o WHERE o.owner_kind = 'customer' AND NOT EXISTS (
    SELECT FROM identity.audit_entries a WHERE a.tenant_id = o.tenant_id AND a.resource_id IN (o.id::text, o.group_id::text))
"""


@pytest.mark.stack
def test_no_order_is_without_its_entry(stack):
    """Whatever other tests have placed on this demo, and these."""
    limit = {"symbol": "BTC-USDT", "side": "sell", "type": "limit", "quantity": "0.001", "limit_price": "70000"}
    stack.retail.order(**limit)
    stack.retail.post("/v1/orders:batch", {"orders": [limit, limit]})
    pair = {"symbol": "BTC-USDT", "side": "sell", "quantity": "0.001", "limit_price": "70000", "stop_price": "50000"}
    stack.retail.post("/v1/orders/oco", pair)
    with psycopg.connect(roles.conninfo(stack.urls()["engine"])) as engine:
        assert engine.execute("SELECT count(*) FROM broker.orders").fetchone()[0] >= 5
        assert engine.execute(_UNTOLD).fetchone()[0] == 0
    assert stack.retail.call("DELETE", "/v1/orders").status_code == 200
