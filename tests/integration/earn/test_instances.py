"""Days of sale: made once on whatever day, left alone once something is sold, stopped, never sold by another door."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from earn.instances import service
from kernel import db
from kernel.day_count import add_months
from payments.inventory import service as inventory
from tests.earn_desk import EarnDesk
from tests.ledger_books import as_engine


@pytest.fixture(scope="module")
def desk(house):
    return EarnDesk(house)


@pytest.fixture
def month():
    """The next one: none of its days has begun."""
    return add_months(datetime.now(UTC).date().replace(day=1), 1)


@pytest.fixture
def template(desk, request):
    made = desk.draft(name=request.node.name[:60], zone="Asia/Shanghai", opens="09:00", closes="00:00")
    desk.publish(made["id"])
    return made["id"]


def problem(answer):
    return answer.status_code, answer.json()["code"]


def next_version(desk, template, **changes):
    desk.draft(
        **{"name": "next", "template_id": template, "zone": "Asia/Shanghai", "opens": "09:00", "apr": "0.03"} | changes
    )
    desk.publish(template)


def test_publishing_makes_this_month_and_the_next(desk, template, month):
    there = desk.days(f"{month:%Y-%m}", template)
    assert len(there) == (add_months(month, 1) - month).days
    first = there[month.isoformat()]
    assert (first["status"], first["sold"], first["quota"], first["quota_left"]) == ("planned", "0", "10000", "10000")
    opens = datetime.fromisoformat(first["opens_at"])
    assert (opens, datetime.fromisoformat(first["closes_at"])) == (
        datetime(month.year, month.month, month.day, 1, tzinfo=UTC),
        datetime(month.year, month.month, month.day, 16, tzinfo=UTC),
    )
    assert first["value_date"] == (month + timedelta(days=1)).isoformat()


def test_a_month_is_made_once_however_often_and_by_how_many(desk, template, month):
    later = add_months(month, 2)
    body = {"month": f"{later:%Y-%m}"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: desk.call("product", "POST", "/instances:generate", body).json(), range(4)))
    days = desk.days(body["month"], template)
    assert len(days) == (add_months(later, 1) - later).days
    assert sorted(answer["made"] for answer in answers)[:3] == [0, 0, 0], "one made all of them"
    assert {one["changed"] for one in answers} == {0}
    assert {one["id"] for one in desk.days(body["month"], template).values()} == {one["id"] for one in days.values()}


@pytest.mark.parametrize("far", ["2020-01", "2199-01", "9999-12"])
def test_a_month_too_far_away_is_refused(desk, far):
    assert problem(desk.call("product", "POST", "/instances:generate", {"month": far})) == (400, "invalid_request")


@pytest.mark.parametrize("nonsense", ["2026-13", "26-01", "2026-1", "0000-01", "x"])
def test_a_month_that_is_none_is_refused(desk, nonsense):
    assert problem(desk.call("product", "POST", "/instances:generate", {"month": nonsense})) == (400, "invalid_request")
    assert problem(desk.call("product", "GET", f"/calendar?month={nonsense}")) == (400, "invalid_request")


def test_a_new_version_changes_days_that_nobody_bought_of(desk, template, month):
    before = desk.days(f"{month:%Y-%m}", template)
    bought = before[month.isoformat()]
    with as_engine(desk.house.database), db.transaction(tenant=desk.house.first) as tx:
        inventory.reserve(tx, sku=service.queries.get(tx, bought["id"]).sku, units=1)
    begins = (month + timedelta(days=9)).isoformat()
    next_version(desk, template, effective_from=begins, daily_quota="500")
    after = desk.days(f"{month:%Y-%m}", template)
    assert {day: one["id"] for day, one in after.items()} == {day: one["id"] for day, one in before.items()}
    assert {one["version"] for day, one in after.items() if day < begins} == {1}
    assert {(one["version"], one["quota_left"], one["apr"]) for day, one in after.items() if day >= begins} == {
        (2, "500", "0.03")
    }
    next_version(desk, template, effective_from=month.isoformat())
    last = desk.days(f"{month:%Y-%m}", template)
    assert (last[month.isoformat()]["version"], last[month.isoformat()]["sold"]) == (1, "10"), (
        "something of it is being bought"
    )
    assert {one["version"] for day, one in last.items() if day > month.isoformat()} == {3}


def test_a_version_that_governs_again_finds_its_stock(desk, template, month):
    next_version(desk, template, effective_from=month.isoformat(), daily_quota="500")
    retired = desk.call("product", "POST", f"/templates/{template}/retire", {"version": 2})
    assert retired.status_code == 200
    done = desk.call("product", "POST", "/instances:generate", {"month": f"{month:%Y-%m}"}).json()
    assert done["made"] == 0
    days = desk.days(f"{month:%Y-%m}", template)
    assert {(one["version"], one["quota_left"], one["sold"]) for one in days.values()} == {(1, "10000", "0")}


def test_holidays_have_no_sale(desk, month):
    holiday = (month + timedelta(days=5)).isoformat()
    made = desk.draft(name="holidays", holidays=[holiday])
    desk.publish(made["id"])
    there = desk.days(f"{month:%Y-%m}", made["id"])
    assert len(there) == (add_months(month, 1) - month).days - 1
    assert holiday not in there


def test_a_day_that_becomes_a_holiday_is_not_sold_until_it_is_none_again(desk, template, month):
    holiday = (month + timedelta(days=5)).isoformat()
    sold = (month + timedelta(days=6)).isoformat()
    there = desk.days(f"{month:%Y-%m}", template)
    with as_engine(desk.house.database), db.transaction(tenant=desk.house.first) as tx:
        inventory.reserve(tx, sku=service.queries.get(tx, there[sold]["id"]).sku, units=1)
    next_version(desk, template, effective_from=month.isoformat(), holidays=[holiday, sold])
    days = desk.days(f"{month:%Y-%m}", template)
    assert (days[holiday]["status"], days[sold]["status"]) == ("withdrawn", "planned"), "what is being bought is sold"
    assert desk.call("retail", "GET", f"/instances/{days[holiday]['id']}").json()["status"] == "withdrawn"
    assert {one["status"] for day, one in days.items() if day != holiday} == {"planned"}
    next_version(desk, template, effective_from=month.isoformat())
    back = desk.days(f"{month:%Y-%m}", template)[holiday]
    assert (back["status"], back["version"], back["withdrawn_at"], back["quota_left"]) == ("planned", 3, None, "10000")


def test_a_stopped_sale_is_offered_no_more(desk, template, month):
    one = desk.days(f"{month:%Y-%m}", template)[month.isoformat()]
    stop = f"/instances/{one['id']}/stop"
    assert problem(desk.call("retail", "POST", stop)) == (403, "forbidden")
    assert desk.call("product", "POST", stop).json()["status"] == "withdrawn"
    again = desk.call("product", "POST", stop)
    assert (again.status_code, again.json()["withdrawn_at"] is not None) == (200, True)
    offers = desk.call("retail", "GET", "/instances?limit=200").json()["items"]
    assert one["id"] not in {offer["id"] for offer in offers}
    next_version(desk, template, effective_from=month.isoformat())
    assert desk.days(f"{month:%Y-%m}", template)[month.isoformat()]["status"] == "withdrawn"


def test_a_sale_that_has_ended_cannot_be_stopped(desk, template):
    with desk.house.sql("superuser", desk.house.first) as root:
        ended = root.execute(
            "UPDATE earn.instances SET opens_at = now() - interval '2 hours', closes_at = now() - interval '1 hour'"
            " WHERE id = (SELECT id FROM earn.instances WHERE template_id = %s ORDER BY sale_date LIMIT 1) RETURNING id",
            [template],
        ).fetchone()[0]
    assert problem(desk.call("product", "POST", f"/instances/{ended}/stop")) == (409, "earn_sale_ended")


def test_pages_of_offers_follow_each_other(desk, template):
    seen, cursor = [], ""
    while cursor is not None:
        page = desk.call("retail", "GET", f"/instances?limit=7{cursor and f'&cursor={cursor}'}").json()
        seen += [(one["closes_at"], one["id"]) for one in page["items"]]
        cursor = page["next_cursor"]
    assert len(set(seen)) == len(seen) > 28
    assert [datetime.fromisoformat(closes) for closes, _ in seen] == sorted(
        datetime.fromisoformat(closes) for closes, _ in seen
    )


def test_nobody_buys_it_in_the_shop(desk, template, month):
    with as_engine(desk.house.database), db.read_only(tenant=desk.house.first) as tx:
        sku = next(iter(service.queries.between(tx, month, month, template_id=template))).sku
    assert "earn." not in desk.call("retail", "GET", "/../products?limit=200").text
    answer = desk.call("retail", "POST", "/../payment-orders", {"sku": sku, "quantity": 10})
    assert problem(answer) == (404, "product_not_found")
    assert problem(desk.call("retail", "GET", f"/../products/{sku}")) == (404, "product_not_found")
    assert problem(desk.call("product", "PATCH", f"/../products/{sku}", {"stock_delta": 5})) == (
        404,
        "product_not_found",
    )


def test_a_missed_month_repairs_itself(desk, template):
    """As if nobody had run it since: the daily run makes what is missing of this month and the next, and nothing twice."""
    with desk.house.sql("superuser", desk.house.first) as root:
        gone = root.execute(
            "DELETE FROM earn.instances WHERE template_id = %s AND extract(day FROM sale_date) > 14", [template]
        )
        assert gone.rowcount > 10
    with as_engine(desk.house.database):
        service.generate(desk.house.first)
        assert service.generate(desk.house.first).made == 0
    today = datetime.now(UTC).date()
    there = desk.days(f"{add_months(today.replace(day=1), 1):%Y-%m}", template)
    assert [date.fromisoformat(day).day for day in there] == list(range(1, len(there) + 1))
    assert {one["quota_left"] for one in there.values()} == {"10000"}


def test_a_template_of_another_asset_has_its_own_account(desk):
    made = desk.draft(name="in bitcoin", asset="BTC", daily_quota="10", minimum="0.1", step="0.1")
    desk.publish(made["id"])
    with desk.house.sql("superuser", desk.house.first) as root:
        found = root.execute(
            "SELECT path, normal_side FROM payments.accounts WHERE path LIKE %s", [f"earn.principal.{made['id']}%"]
        ).fetchall()
    assert found == [(f"earn.principal.{made['id']}:BTC", "credit")]
