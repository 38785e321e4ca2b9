"""Funding lines over HTTP: who may see and change them, and what the answers say."""

import uuid

import pytest

LINES = "/v1/lending/funding-lines"


def made(house, who="product", key=None, **changes):
    body = {
        "name": f"line {uuid.uuid4()}"[:40],
        "adapter": "ledger",
        "source": "partner",
        "asset": "USDT",
        "limit": "1000",
        "rate": "0.05",
    }
    headers = house.auth(who) | {"Idempotency-Key": key or str(uuid.uuid4())}
    return house.client.post(LINES, json=body | changes, headers=headers)


def test_product_staff_open_lines_and_everybody_who_reads_lending_sees_them(house):
    answer = made(house, name="a partner")
    assert answer.status_code == 201, answer.text
    line = answer.json()
    assert (line["drawn"], line["free"], line["cost_owed"]) == ("0", "1000", "0")
    listed = house.client.get(LINES, headers=house.auth("treasury")).json()["items"]
    assert line in listed
    story = house.client.get(f"{LINES}/{line['id']}", headers=house.auth("finance")).json()
    assert (story["moves"], story["days"]) == ([], [])


def test_the_same_request_makes_one_line(house):
    key = str(uuid.uuid4())
    first, again = made(house, key=key, name="once"), made(house, key=key, name="once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = made(house, name="once")
    assert (other.status_code, other.json()["code"]) == (409, "funding_line_taken")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"asset": "NOSUCH"}, 400, "asset_unknown"),
        ({"limit": "0.0000001"}, 400, "amount_too_fine"),
        ({"limit": "-1"}, 400, "invalid_request"),
        ({"rate": "11"}, 400, "invalid_request"),
        ({"rate": 0.05}, 400, "invalid_request"),
        ({"adapter": "bank"}, 400, "invalid_request"),
        ({"adapter": "bitfinex", "source": "kraken"}, 400, "funding_source_unfit"),
    ],
)
def test_nonsense_is_refused_with_its_reason(house, changes, status, code):
    answer = made(house, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_limits_and_rates_change_from_today_on_and_who_did_it_is_written_down(house):
    line = made(house).json()
    where = f"{LINES}/{line['id']}"
    answer = house.client.patch(where, json={"limit": "500", "rate": "0.06"}, headers=house.auth("product"))
    assert (answer.json()["limit"], answer.json()["rate"]) == ("500", "0.06")
    with house.sql("superuser") as connection:
        written = connection.execute(
            "SELECT action FROM identity.audit_entries WHERE resource_id = %s ORDER BY id", (line["id"],)
        ).fetchall()
    assert [action for (action,) in written] == ["funding_line.opened", "funding_line.changed"]


def test_who_may_not_sees_and_changes_nothing(house):
    line = made(house).json()
    for who in ("retail", "other"):
        assert house.client.get(LINES, headers=house.auth(who)).status_code == 403
        assert house.client.get(f"{LINES}/{line['id']}", headers=house.auth(who)).status_code == 403
    assert made(house, who="finance").status_code == 403
    assert house.client.get(f"{LINES}/{uuid.uuid4()}", headers=house.auth("product")).status_code == 404
    assert house.client.get("/v1/lending/spread", headers=house.auth("retail")).status_code == 403
    assert house.client.get("/v1/lending/spread", headers=house.auth("treasury")).json()["items"] == []
    nobody = house.client.get(f"/v1/lending/loans/{uuid.uuid4()}/spread", headers=house.auth("treasury"))
    assert (nobody.status_code, nobody.json()["code"]) == (404, "loan_not_found")
