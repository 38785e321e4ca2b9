"""Freezes and entered prices over HTTP: two people, evidence of two venues, and a bounded time."""

import pytest

from identity.permissions import Role
from kernel import db, outbox
from kernel.ids import uuid7
from lending.watch.standing import read_standing
from rivermouth import lending_parts
from tests.notice_board import as_engine

CONSUMER = next(one for one in lending_parts.CONSUMERS if one.name == "entered_prices")
PRICE = {
    "asset": "BTC", "quote": "USDT", "price": "24610", "minutes": 10, "reason": "two venues answer by telephone",
    "venues": [{"venue": "kraken", "price": "24600"}, {"venue": "okx", "price": "24620"}],
}  # fmt: skip


def enter(house, body, who=Role.PRODUCT, **headers):
    made = {"Idempotency-Key": str(uuid7()), **headers, **house.auth(who)}
    return house.client.post("/v1/lending/entered-prices", json=body, headers=made)


def decide(house, verb="approve", **body):
    """What the other person does in the inbox, and the engine after it."""
    items = house.client.get(
        "/v1/approvals", params={"kind": "lending.entered_price", "box": "to_decide"}, headers=house.auth(Role.ADMIN)
    ).json()["items"]
    asked = items[0]
    body = body or {"digest": asked["digest"]}
    headers = {**house.auth(Role.ADMIN), "Idempotency-Key": str(uuid7())}
    answer = house.client.post(f"/v1/approvals/{asked['id']}/{verb}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    with as_engine(house.database, back_to=house.database.app):
        while outbox.consume(CONSUMER):
            pass
        with db.read_only() as tx:
            found = read_standing(tx)
    return asked, found


def test_a_price_stands_once_a_second_person_agreed(house):
    made = enter(house, PRICE)
    assert made.status_code == 202, made.text
    assert (made.json()["status"], made.json()["in_force"]) == ("proposed", False)
    asked, found = decide(house)
    assert asked["summary"]["venues"] == ["kraken 24600", "okx 24620"]
    seen = found.prices[house.first, ("BTC", "USDT")]
    assert str(seen.seen.price) == "24610"
    assert seen.seen.venues == 2
    assert seen.evidence["entered_id"] == made.json()["id"]
    listed = house.client.get("/v1/lending/entered-prices", headers=house.auth(Role.PRODUCT)).json()["items"]
    assert (listed[0]["status"], listed[0]["in_force"]) == ("standing", True)


def test_without_a_price_the_freeze_may_last(house):
    body = {"asset": "ETH", "quote": "USDT", "minutes": 5, "reason": "the venues say they are back soon"}
    assert enter(house, body).status_code == 202
    _, found = decide(house)
    assert (house.first, ("ETH", "USDT")) in found.prolonged


def test_what_nobody_agrees_to_never_counts(house):
    made = enter(house, {**PRICE, "price": "24605"}).json()
    _, found = decide(house, "reject", reason="the market is back")
    assert str(found.prices.get((house.first, ("BTC", "USDT")), "")).find("24605") < 0
    listed = house.client.get("/v1/lending/entered-prices", headers=house.auth(Role.PRODUCT)).json()["items"]
    assert next(one for one in listed if one["id"] == made["id"])["status"] == "refused"


@pytest.mark.parametrize(
    "change",
    [
        {"venues": PRICE["venues"][:1]},
        {"venues": [PRICE["venues"][0]] * 2},
        {"price": "24621"},
        {"price": "24599.99"},
        {"asset": "DOGE"},
        {"price": "0", "venues": [{"venue": "a", "price": "0"}, {"venue": "b", "price": "0"}]},
    ],
)
def test_a_price_that_two_venues_do_not_show_is_refused(house, change):
    answer = enter(house, {**PRICE, **change})
    assert answer.status_code == 400
    assert answer.json()["code"] == "entered_price_unfit"


def test_who_may(house):
    assert enter(house, PRICE, who=Role.RETAIL).status_code == 403
    for path in ("freezes", "entered-prices"):
        assert house.client.get(f"/v1/lending/{path}", headers=house.auth(Role.RETAIL)).status_code == 403
        assert house.client.get(f"/v1/lending/{path}", headers=house.auth(Role.PRODUCT)).status_code == 200


def test_a_freeze_is_listed_with_what_was_seen(house):
    with house.sql("engine") as connection:
        connection.execute(
            """INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count, accrued_through,
                                                  created_at)
               VALUES (%(t)s, %(i)s, 'l', 'ledger', 'h', 'USDT', 1, 0, 'actual/365', now(), now());""",
            {"t": house.first, "i": (line := uuid7())},
        )
        connection.execute(
            """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by, created_at)
               VALUES (%(t)s, %(p)s, 1, 'published', 'BTC loan', 'USDT', %(i)s, '{"freeze_s": 120}', %(p)s, now())""",
            {"t": house.first, "i": line, "p": (product := uuid7())},
        )
        connection.execute(
            """INSERT INTO lending.freezes VALUES (%s, %s, 1, 'BTC', now() - interval '3 minutes', '{"state": "SINGLE"}')""",
            (house.first, product),
        )
    found = house.client.get("/v1/lending/freezes", headers=house.auth(Role.PRODUCT)).json()["items"]
    assert [(one["product"], one["asset"], one["late"], one["loans"], one["seen"]) for one in found] == [
        ("BTC loan", "BTC", True, 0, {"state": "SINGLE"})
    ]
