"""The reports of earn over HTTP, as treasury and finance get them, and as others do not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kernel import db
from tests.earn_desk import EarnDesk
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        postings.deposit(
            tx, customer_id=house.ids["retail"], asset="ETH", amount=Decimal(100), key="s/test:earn-reports"
        )
        postings.fund_venue(tx, venue="kraken", asset="ETH", amount=Decimal(5), key="earn-reports")
    return made


@pytest.fixture(scope="module")
def bought(desk):
    """10 ETH at 36.5 % for 30 days: 0.3 at the end."""
    made = desk.draft(
        name="reported",
        asset="ETH",
        apr="0.365",
        tenor="30D",
        payout="at_maturity",
        minimum="1",
        step="1",
        daily_quota="100",
    )
    desk.publish(made["id"])
    offers = desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
    offer = next(one for one in offers if one["template"] == made["id"])
    wish = {
        "instance_id": offer["id"],
        "principal": "10",
        "expected_apr": "0.365",
        "expected_version": offer["version"],
    }
    answer = desk.call("retail", "POST", "/subscriptions", wish, **{"Idempotency-Key": "earn-reports"})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("who", ["treasury", "finance", "product", "auditor"])
def test_the_ladder(desk, bought, who):
    (one,) = desk.call(who, "GET", "/ladder?asset=ETH").json()["assets"]
    assert {name: one[name] for name in ("asset", "principal", "interest", "total")} == {
        "asset": "ETH", "principal": "10", "interest": "0.3", "total": "10.3",
    }  # fmt: skip
    assert one["days"] == [{"date": bought["maturity"], "principal": "10", "interest": "0.3"}]
    assert [set(each) for each in one["buckets"]] == [{"from", "to", "principal", "interest"}] * 7
    assert (one["buckets"][0]["from"], one["buckets"][-1]["to"]) == (None, None)
    held = [each for each in one["buckets"] if each["principal"] != "0"]
    assert [(each["principal"], each["interest"]) for each in held] == [("10", "0.3")]
    assert held[0]["from"] <= bought["maturity"] <= held[0]["to"]


@pytest.mark.usefixtures("bought")
def test_the_coverage(desk):
    found = desk.call("treasury", "GET", "/coverage").json()
    one = next(each for each in found["assets"] if each["asset"] == "ETH")
    assert one == {
        "asset": "ETH", "principal": "10", "interest": "0", "liabilities": "10", "venues": "5", "wallets": "0", "loans": "0",
        "assets": "5", "ratio": "0.5",
    }  # fmt: skip


def test_the_costs(desk):
    today = datetime.now(UTC).date()
    found = desk.call("finance", "GET", f"/costs?from={today - timedelta(days=3)}&to={today}&asset=ETH")
    assert found.status_code == 200
    assert found.json() == {"items": [], "totals": []}, "no day has passed"
    for bad in (
        "from=2031-01-02&to=2031-01-01", "from=2029-01-01&to=2031-01-01", "from=yesterday", "asset=eth", "from=0000-01-01&to=9999-12-31",
    ):  # fmt: skip
        assert desk.call("finance", "GET", f"/costs?{bad}").status_code == 400, bad
    assert desk.call("finance", "GET", "/costs?from=0001-01-01&to=0001-01-02").status_code == 200
    assert desk.call("finance", "GET", "/costs?from=9999-12-31&to=9999-12-31").status_code == 200


@pytest.mark.parametrize("path", ["/ladder", "/coverage", "/costs"])
@pytest.mark.parametrize("who", ["retail", "support"])
def test_who_may_not_read_earn_sees_none_of_it(desk, who, path):
    assert desk.call(who, "GET", path).status_code == 403
