"""Templates: drafted, agreed to by a second person, published from a day on, replaced; what is refused and why."""

import pytest

from tests.earn_desk import SECOND, EarnDesk, wish

NOBODY = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture(scope="module")
def desk(house):
    return EarnDesk(house)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_two_people_publish_it_and_its_days_are_there(desk):
    made = desk.draft(name="two people")
    asked = desk.ask(made["id"])
    assert asked.status_code == 202
    approval = asked.json()["approval_id"]
    assert problem(desk.agree(approval, "product")) == (403, "approval_own_request")
    assert desk.agree(approval).status_code == 200
    assert desk.template(made["id"])["status"] == "draft", "the engine publishes, not the click"
    desk.run_events()
    published = desk.template(made["id"])
    assert (published["status"], published["version"]) == ("published", 1)
    offers = desk.call("retail", "GET", "/instances?open=true").json()["items"]
    mine = [one for one in offers if one["template"] == made["id"]]
    assert [one["sale_date"] for one in mine] == [published["effective_from"]]
    assert (mine[0]["apr"], mine[0]["quota_left"], mine[0]["version"]) == ("0.05", "10000", 1)
    assert mine[0]["apy"] == "0.051162"


def test_an_edit_takes_back_what_was_asked(desk):
    made = desk.draft(name="edited")
    approval = desk.ask(made["id"]).json()["approval_id"]
    edited = desk.call("product", "PUT", f"/templates/{made['id']}", wish(name="edited", apr="0.06"))
    assert edited.status_code == 200, edited.text
    assert edited.json()["terms"]["tiers"] == [{"above": "0", "apr": "0.06"}]
    assert problem(desk.agree(approval)) == (409, "approval_void")
    desk.run_events()
    assert desk.template(made["id"])["status"] == "draft"


def test_a_next_version_waits_for_its_day_and_ends_those_it_overtakes(desk):
    made = desk.draft(name="versions")
    desk.publish(made["id"])
    second = desk.draft(name="versions", template_id=made["id"], apr="0.04", effective_from="2099-01-01")
    assert (second["version"], second["status"]) == (2, "draft")
    again = desk.call("product", "POST", "/templates", wish(name="versions", template_id=made["id"]))
    assert problem(again) == (409, "earn_template_draft_exists")
    desk.publish(made["id"])
    listed = [one for one in desk.call("product", "GET", "/templates").json()["items"] if one["id"] == made["id"]]
    assert [(one["version"], one["status"]) for one in listed] == [(2, "published"), (1, "published")]
    third = desk.draft(name="versions", template_id=made["id"], apr="0.03")
    desk.publish(third["id"])
    listed = [one for one in desk.call("product", "GET", "/templates").json()["items"] if one["id"] == made["id"]]
    assert [(one["version"], one["status"]) for one in listed] == [(3, "published"), (2, "retired"), (1, "retired")]
    assert listed[0]["effective_from"] == listed[2]["effective_from"]


def test_one_key_makes_one_draft(desk):
    first = desk.call("product", "POST", "/templates", wish(name="once"), **{"Idempotency-Key": "earn-once"})
    again = desk.call("product", "POST", "/templates", wish(name="once"), **{"Idempotency-Key": "earn-once"})
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    other = desk.call("product", "POST", "/templates", wish(name="twice"), **{"Idempotency-Key": "earn-once"})
    assert problem(other) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"apr": "1.01"}, "terms.apr", "terms_impossible"),
        ({"apr": "-0.01"}, "terms.apr", "terms_impossible"),
        ({"apr": None, "tiers": [{"above": "5", "apr": "0.1"}]}, "terms.tiers", "terms_impossible"),
        ({"tenor": "20Y"}, "terms.tenor", "earn_template_unfit"),
        ({"penal_rate": "0.01"}, "terms.penal_rate", "terms_impossible"),
        ({"daily_quota": "0"}, "terms.daily_quota", "earn_template_unfit"),
        ({"daily_quota": "10005"}, "terms.daily_quota", "earn_template_unfit"),
        ({"daily_quota": "50"}, "terms.daily_quota", "earn_template_unfit"),
        ({"minimum": "105"}, "terms.minimum", "earn_template_unfit"),
        ({"step": "0.0000001"}, "terms.step", "earn_template_unfit"),
        ({"step": "-10"}, "terms.step", "earn_template_unfit"),
        ({"customer_cap": "90"}, "terms.customer_cap", "earn_template_unfit"),
        ({"asset": "NONE"}, "asset", "earn_template_unfit"),
        ({"opens": "09:00", "closes": "08:00", "lag_days": 0}, "terms.closes", "earn_template_unfit"),
        ({"holidays": ["2026-12-25", "2026-12-25"]}, "terms.holidays", "earn_template_unfit"),
        ({"renewals": ["pay_out", "pay_out"]}, "terms.renewals", "earn_template_unfit"),
        ({"renewals": ["move"]}, "terms.move_to", "earn_template_unfit"),
        ({"renewals": ["move"], "move_to": NOBODY}, "terms.move_to", "earn_template_unfit"),
    ],
)
def test_what_nobody_can_have_meant_is_refused_with_its_field(desk, changes, field, code):
    answer = desk.call("product", "POST", "/templates", wish(name="refused", **changes))
    assert problem(answer) == (400, code), answer.text
    assert answer.json()["field"] == field
    assert any(one["field"] == field for one in answer.json()["errors"])


@pytest.mark.parametrize(
    "changes",
    [
        {"tenor": "-3M"}, {"tenor": "0D"}, {"zone": "Mars/Olympus"}, {"opens": "25:00"}, {"apr": None}, {"apr": 0.05},
        {"tiers": [{"above": "0", "apr": "0.1"}]}, {"payout": "hourly"}, {"lag_days": -1}, {"name": " "}, {"renewals": []},
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused(desk, changes):
    assert problem(desk.call("product", "POST", "/templates", wish(**{"name": "no", **changes}))) == (
        400,
        "invalid_request",
    )


def test_a_template_keeps_its_asset(desk):
    made = desk.draft(name="keeps")
    answer = desk.call(
        "product", "PUT", f"/templates/{made['id']}", wish(name="keeps", asset="BTC", step="0.01", minimum="1")
    )
    assert (problem(answer), answer.json()["field"]) == ((400, "earn_template_unfit"), "asset")


def test_a_draft_is_given_up_and_a_version_retired_once(desk):
    made = desk.draft(name="given up")
    retire = f"/templates/{made['id']}/retire"
    assert problem(desk.call("product", "POST", retire, {"version": 2})) == (404, "earn_template_not_found")
    assert desk.call("product", "POST", retire, {"version": 1}).json()["status"] == "retired"
    assert problem(desk.call("product", "POST", retire, {"version": 1})) == (409, "earn_template_retired")
    assert problem(desk.ask(made["id"])) == (409, "earn_template_no_draft")
    assert problem(desk.ask(NOBODY)) == (404, "earn_template_not_found")


def test_a_preview_is_the_plan_of_a_subscription(desk):
    made = desk.draft(
        name="previewed", asset="BTC", daily_quota="10", minimum="0.1", step="0.1", apr="0.05", zone="Europe/Berlin"
    )
    path = f"/templates/{made['id']}/preview"
    shown = desk.call("product", "POST", path, {"principal": "1", "date": "2027-01-30"}).json()
    assert (shown["value_date"], shown["maturity"]) == ("2027-01-31", "2027-04-30")
    assert [row["due_date"] for row in shown["rows"]] == ["2027-02-28", "2027-03-31", "2027-04-30"]
    assert [row["interest"] for row in shown["rows"]] == ["0.00383561", "0.00424658", "0.00410959"]
    assert [row["principal"] for row in shown["rows"]] == ["0", "0", "1"]
    assert shown["total_interest"] == "0.01219178"
    assert shown["opens_at"] == "2027-01-29T23:00:00Z"
    assert problem(desk.call("product", "POST", path, {"principal": "0.15", "date": "2027-01-30"})) == (
        400,
        "invalid_request",
    )
    assert problem(desk.call("product", "POST", path, {"principal": "1", "date": "9999-12-30"})) == (
        400,
        "invalid_request",
    )


def test_whose_it_is_not_may_not(desk):
    assert problem(desk.call("retail", "POST", "/templates", wish())) == (403, "forbidden")
    assert problem(desk.call("finance", "POST", "/templates", wish())) == (403, "forbidden")
    assert desk.call("finance", "GET", "/templates").status_code == 200
    assert problem(desk.call("support", "GET", "/templates")) == (403, "forbidden")


def test_pages_follow_each_other(desk):
    for number in range(3):
        desk.draft(name=f"page {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = desk.call(SECOND, "GET", f"/templates?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [(one["id"], one["version"]) for one in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=True)
    assert len(seen) >= 3
