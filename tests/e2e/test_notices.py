"""A fact on the running product reaches its person: the inbox, and the sandbox's mail server, in the person's language."""

import time

import pytest


def _until(read, within_s=60):
    deadline = time.monotonic() + within_s
    while not (found := read()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found
    return found


@pytest.mark.stack
def test_a_price_alert_reaches_inbox_and_mailbox(stack):
    me = stack.retail
    wishes = {"language": "zh", "kinds": {"price_alert": {"mail": True}}}
    assert me.call("PUT", "/v1/notice-preferences", wishes).status_code == 200
    alert = me.post("/v1/price-alerts", {"symbol": "BTC-USDT", "direction": "above", "price": "60100"})
    try:
        _until(lambda: me.get(f"/v1/price-alerts/{alert['id']}")["status"] == "armed")
        stack.price("BTC-USDT", "60200")
        title = "BTC-USDT 达到或高于 60100"  # other alerts of this customer may fire too: the demo is shared
        [notice] = _until(lambda: [n for n in me.get("/v1/notices?unread=true")["items"] if n["title"] == title])
        assert notice["kind"] == "price_alert"

        def mails():
            return stack.admin.get(f"/v1/sandbox/mails?to={me.email}")["items"]

        [mail] = [m for m in _until(mails) if m["subject"] == notice["title"]]
        assert notice["body"] in mail["body"]
        assert me.post(f"/v1/notices/{notice['id']}/read", {})["read_at"] is not None
        assert notice["id"] not in {n["id"] for n in me.get("/v1/notices?unread=true")["items"]}
    finally:
        me.call("DELETE", f"/v1/price-alerts/{alert['id']}")
        me.call("PUT", "/v1/notice-preferences", {"language": "en"})
