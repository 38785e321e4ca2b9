"""Controls over HTTP: set, read, lift, repeat; limits, guards and classes; what is wrong is refused with its code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from kernel.ids import uuid7


def call(house, method, path, body=None, *, who="treasury", key=None):
    headers = house.auth(who) | ({"Idempotency-Key": key} if key else {})
    return house.client.request(method, path, json=body, headers=headers)


def stop(house, key=None, **changes):
    body = {"scope": "market", "target": "ETH-BTC", "mode": "no_new", "reason": "a test"} | changes
    return call(house, "POST", "/v1/controls", body, key=key)


def test_a_switch_is_set_once_per_key_read_and_lifted(house):
    key = str(uuid7())
    made = stop(house, key)
    assert made.status_code == 201, made.text
    again = stop(house, key)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    assert stop(house, key, reason="another").json()["code"] == "idempotency_conflict"
    path = f"/v1/controls/{made.json()['id']}"
    assert call(house, "GET", path, who="compliance").json()["mode"] == "no_new"
    live = call(house, "GET", "/v1/controls", who="support").json()
    assert [s["id"] for s in live["switches"]] == [made.json()["id"]]
    assert {v["venue"]: v["open"] for v in live["venues"]} == dict.fromkeys(
        ("binance", "bitfinex", "kraken", "okx"), True
    )
    lifted = call(house, "POST", path + "/lift", {"reason": "over"}, who="admin")
    assert (lifted.status_code, lifted.json()["lift_reason"]) == (200, "over")
    assert call(house, "POST", path + "/lift", {"reason": "over"}).json()["code"] == "control_over"
    assert call(house, "GET", "/v1/controls").json()["switches"] == []
    past = call(house, "GET", "/v1/controls/history?limit=1").json()
    assert past["items"][0]["id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"target": "NO-SUCH"}, 400, "target_unknown"),
        ({"scope": "global"}, 400, "target_unknown"),
        ({"scope": "customer", "target": "not-an-id"}, 400, "target_unknown"),
        ({"until": "2020-01-01T00:00:00Z"}, 400, "period_invalid"),
        ({"mode": "all"}, 400, "invalid_request"),
        ({"reason": "  "}, 400, "invalid_request"),
        ({"reason": "a\u0000b c"}, 400, "invalid_request"),
    ],
)
def test_a_switch_that_makes_no_sense(house, changes, status, code):
    answer = stop(house, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_other_tenants_customers_and_controls_do_not_exist(house):
    assert stop(house, scope="customer", target=str(house.ids["other"])).json()["code"] == "target_unknown"
    answer = call(house, "GET", f"/v1/controls/{uuid7()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "control_not_found")
    denied = call(house, "PUT", f"/v1/controls/toxicity/{house.ids['other']}", {"class": "wide", "reason": "a test"})
    assert (denied.status_code, denied.json()["code"]) == (404, "customer_not_found")


def test_a_maintenance_is_announced_to_everybody_and_ended(house):
    ends = (clock.wall() + timedelta(days=2)).isoformat()
    body = {"scope": "venue", "target": "okx", "ends_at": ends, "reason": "announced by the venue"}
    made = call(house, "POST", "/v1/controls/windows", body)
    assert made.status_code == 201, made.text
    assert [w["target"] for w in call(house, "GET", "/v1/maintenance", who="retail").json()["items"]] == ["okx"]
    assert not {v["venue"]: v["open"] for v in call(house, "GET", "/v1/controls").json()["venues"]}["okx"]
    assert call(house, "POST", f"/v1/controls/windows/{made.json()['id']}/end").status_code == 200
    assert call(house, "GET", "/v1/maintenance", who="retail").json()["items"] == []
    wrong = call(house, "POST", "/v1/controls/windows", body | {"starts_at": ends})
    assert wrong.json()["code"] == "period_invalid"


def test_limits_guards_and_classes(house):
    set_ = call(house, "PUT", "/v1/controls/limits", {"scope": "customer", "per_order": "1000"})
    assert [(row["target"], row["per_order"], row["per_day"]) for row in set_.json()["items"]] == [("", "1000", None)]
    assert (
        call(house, "PUT", "/v1/controls/limits", {"scope": "venue", "target": "okx", "per_day": "5"}).json()["code"]
        == "limit_invalid"
    )
    assert call(house, "PUT", "/v1/controls/limits", {"scope": "customer"}).json()["items"] == []
    changed = call(house, "PATCH", "/v1/controls/markets/ETH-BTC", {"widening": "0.5", "max_quote_age_ms": 900})
    assert (changed.json()["widening"], changed.json()["max_quote_age_ms"], changed.json()["band"]) == (
        "0.5",
        900,
        "0.02",
    )
    assert call(house, "PATCH", "/v1/controls/markets/ETH-BTC", {"band": "2"}).json()["code"] == "guards_invalid"
    assert call(house, "PATCH", "/v1/controls/markets/XX-YY", {"band": "0.01"}).json()["code"] == "unknown_symbol"
    path = f"/v1/controls/toxicity/{house.ids['retail']}"
    row = call(house, "PUT", path, {"class": "wide", "reason": "watched"})
    assert (row.status_code, row.json()["class"], row.json()["override_by"]) == (
        200,
        "wide",
        str(house.ids["treasury"]),
    )
    listed = call(house, "GET", "/v1/controls/toxicity?class=wide", who="compliance").json()["items"]
    assert [r["customer_id"] for r in listed] == [str(house.ids["retail"])]
    assert call(house, "PUT", path, {"class": None, "reason": "measured again"}).json()["class"] == "normal"
