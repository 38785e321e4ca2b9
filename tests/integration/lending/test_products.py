"""Loan products: drafted, agreed to by a second person, published, replaced; what customers see of them, and what is refused and why."""

import pytest

from kernel import db
from lending.products import service
from lending.products.errors import ProductNotFound, ProductNotOffered
from rivermouth import demo_loans
from tests.ledger_books import as_engine
from tests.product_desk import BTC, ETH, SECOND, ProductDesk, wish

NOBODY = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture(scope="module")
def desk(house):
    return ProductDesk(house)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_a_draft_is_for_staff_only(desk):
    made = desk.draft(name="only staff")
    assert (made["status"], made["version"], made["funding_line_id"]) == ("draft", 1, desk.line)
    assert "only staff" in {one["name"] for one in desk.listed()}
    assert "only staff" not in {one["name"] for one in desk.listed("retail")}
    assert "only staff" not in {one["name"] for one in desk.listed("support")}


def test_two_people_publish_it_and_customers_see_two_lines(desk):
    made = desk.draft(name="the brief")
    asked = desk.ask(made["id"])
    assert asked.status_code == 202
    approval = asked.json()["approval_id"]
    assert problem(desk.agree(approval, "product")) == (403, "approval_own_request")
    assert desk.agree(approval).status_code == 200
    assert desk.version(made["id"])["status"] == "draft", "the engine publishes, not the click"
    desk.run_events()
    assert desk.version(made["id"])["status"] == "published"
    shown = desk.call("product", "GET", f"/approvals/{approval}").json()
    assert shown["state"] == "carried_out"
    assert shown["summary"]["collateral"]["BTC"]["hard"] == "0.81"

    seen = next(one for one in desk.listed("retail") if one["id"] == made["id"])
    assert seen["collaterals"] == [
        {
            "asset": "BTC", "basis": "PRICE_FRACTION", "pledge": "0.8", "warning": "0.85", "displayed": "0.83", "haircut": "0",
            "ltv": {"pledge": "0.8", "warning": "0.941176", "displayed": "0.963855"},
        }
    ]  # fmt: skip
    assert not {"terms", "funding_line_id", "approval_id", "created_by"} & seen.keys()
    whole = desk.version(made["id"])["collaterals"][0]
    assert (whole["actual"], whole["hard"], whole["ltv"]["hard"]) == ("0.82", "0.81", "0.987654")


def test_an_edit_takes_back_what_was_asked_and_what_was_agreed_to(desk):
    made = desk.draft(name="edited")
    approval = desk.ask(made["id"]).json()["approval_id"]
    assert desk.agree(approval).status_code == 200
    edited = desk.call("product", "PUT", f"/loan-products/{made['id']}", wish(name="edited", rate="0.2"))
    assert (edited.status_code, edited.json()["rate"], edited.json()["version"]) == (200, "0.2", 1)
    desk.run_events()
    assert desk.version(made["id"])["status"] == "draft"
    assert desk.call("product", "GET", f"/approvals/{approval}").json()["state"] == "void"


def test_a_changed_draft_is_not_published_even_if_nobody_took_the_approval_back(desk):
    made = desk.draft(name="tampered")
    approval = desk.ask(made["id"]).json()["approval_id"]
    assert desk.agree(approval).status_code == 200
    with desk.house.sql("engine", desk.house.first) as engine:
        engine.execute(
            """UPDATE lending.loan_products SET terms = jsonb_set(terms, '{rate}', '"0.06"') WHERE id = %s""",
            [made["id"]],
        )
    desk.run_events()
    assert desk.version(made["id"])["status"] == "draft"
    assert desk.call("product", "GET", f"/approvals/{approval}").json()["state"] == "void"


def test_the_next_version_takes_the_place_of_the_one_before_and_loans_can_still_read_that(desk):
    made = desk.draft(name="versions")
    desk.publish(made["id"])
    second = desk.draft(name="versions", product_id=made["id"], rate="0.15")
    assert (second["id"], second["version"], second["status"]) == (made["id"], 2, "draft")
    assert problem(desk.call("product", "POST", "/loan-products", wish(product_id=made["id"], name="versions"))) == (
        409,
        "loan_product_draft_exists",
    )
    assert desk.version(made["id"], 1)["status"] == "published"
    desk.publish(made["id"])
    assert [desk.version(made["id"], number)["status"] for number in (1, 2)] == ["retired", "published"]
    with db.read_only(tenant=desk.house.first) as tx:
        assert service.published(tx, service.UUID(made["id"])).version == 2
        old = service.version(tx, service.UUID(made["id"]), 1)
    assert (str(old.terms.rate), old.collaterals["BTC"].thresholds.hard) == ("0.12", (80, 81))


def test_a_retired_product_is_not_offered(desk):
    made = desk.draft(name="retired")
    desk.publish(made["id"])
    gone = desk.call("product", "POST", f"/loan-products/{made['id']}/retire", {"version": 1})
    assert (gone.status_code, gone.json()["status"]) == (200, "retired")
    assert made["id"] not in {one["id"] for one in desk.listed("retail")}
    with db.read_only(tenant=desk.house.first) as tx:
        with pytest.raises(ProductNotOffered):
            service.published(tx, service.UUID(made["id"]))
        with pytest.raises(ProductNotFound):
            service.published(tx, service.UUID(NOBODY))
    again = desk.call("product", "POST", f"/loan-products/{made['id']}/retire", {"version": 1})
    assert problem(again) == (409, "loan_product_not_offered")
    assert problem(desk.ask(made["id"])) == (409, "loan_product_no_draft")


def test_a_draft_given_up_takes_its_question_back(desk):
    made = desk.draft(name="given up")
    approval = desk.ask(made["id"]).json()["approval_id"]
    assert desk.call("product", "POST", f"/loan-products/{made['id']}/retire", {"version": 1}).status_code == 200
    assert desk.call(SECOND, "GET", f"/approvals/{approval}").json()["state"] == "void"


def test_a_key_makes_one_draft(desk):
    body, key = wish(name="once"), {"Idempotency-Key": "product-once"}
    first, again = (desk.call("product", "POST", "/loan-products", body, **key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = desk.call("product", "POST", "/loan-products", wish(name="another"), **key)
    assert problem(other) == (409, "idempotency_conflict")


def test_a_floating_product_begins_its_index_when_it_is_published(desk):
    made = desk.draft(name="floating", rate_mode="FLOATING", rate="0", spread="0.03")
    assert made["rate"] == "0.08"
    desk.publish(made["id"])
    with desk.house.sql("engine", desk.house.first) as engine:
        rows = engine.execute(
            "SELECT factor, rate FROM lending.rate_indexes WHERE product_id = %s", [made["id"]]
        ).fetchall()
    assert [(str(factor), str(rate)) for factor, rate in rows] == [("0", "0.08")]


def test_another_house_sees_and_touches_nothing(desk):
    made = desk.draft(name="not yours")
    assert desk.call("other", "GET", "/loan-products").json()["items"] == []
    for method, path, body in (
        ("PUT", f"/loan-products/{NOBODY}", wish()),
        ("POST", f"/loan-products/{NOBODY}/publish", None),
        ("POST", f"/loan-products/{NOBODY}/retire", {"version": 1}),
        ("POST", "/loan-products", wish(product_id=NOBODY)),
        ("POST", f"/loan-products/{made['id']}/retire", {"version": 2}),
    ):
        assert problem(desk.call("product", method, path, body)) == (404, "loan_product_not_found"), path


BAD = {
    "lines in the wrong order": ({"lines": {"displayed": "0.86"}}, "lines_do_not_fit", "collaterals.0.displayed"),
    "price fractions typed as loan-to-values": ({"lines": {"basis": "LTV"}}, "lines_do_not_fit", "collaterals.0.displayed"),
    "loan-to-values typed as price fractions": (
        {"lines": {"pledge": "0.5", "warning": "0.7", "displayed": "0.78", "actual": "0.8", "hard": "0.9"}},
        "lines_do_not_fit",
        "collaterals.0.displayed",
    ),
    "a hard line below the cost of a sale": ({"expected_cost": "0.02", "budget": "0.03"}, "hard_line_too_late", "collaterals.0.hard"),
    "a liquidation fee that the hard line does not bear": (
        {"liquidation_fee_rate": "0.01"}, "hard_line_too_late", "collaterals.0.hard",
    ),
    "frozen lines that interest crosses": ({"rebase": "FROZEN"}, "lines_crossed_by_interest", "terms.rebase"),
    "frozen lines and a floating rate": (
        {"rebase": "FROZEN", "tenors": [1], "rate_mode": "FLOATING", "rate": "0"}, "lines_crossed_by_interest", "terms.rebase",
    ),
    "no market": ({"collaterals": [BTC | {"asset": "DOGE"}]}, "collateral_unfit", "collaterals.0.asset"),
    "the lent asset as collateral": ({"collaterals": [BTC | {"asset": "USDT"}]}, "collateral_unfit", "collaterals.0.asset"),
    "an asset twice": ({"collaterals": [BTC, BTC]}, "collateral_unfit", "collaterals.1.asset"),
    "an unknown asset": ({"asset": "NONE"}, "terms_do_not_fit", "asset"),
    "a funding line of nobody": ({"funding_line_id": NOBODY}, "funding_line_unfit", "funding_line_id"),
    "a rate below its cost": ({"rate": "0.04"}, "funding_line_unfit", "terms.rate"),
    "a negative spread": ({"rate_mode": "FLOATING", "rate": "0", "spread": "-0.01"}, "terms_do_not_fit", "terms.spread"),
    "a spread beside a fixed rate": ({"spread": "0.01"}, "terms_do_not_fit", "terms.spread"),
    "a haircut of everything": ({"lines": {"haircut": "1"}}, "terms_do_not_fit", "collaterals.0.haircut"),
    "an empty cap": ({"lines": {"asset_cap": "0"}}, "terms_do_not_fit", "collaterals.0.asset_cap"),
    "instalments without a period": ({"method": "equal_instalments"}, "terms_do_not_fit", "terms.every"),
    "a period without instalments": ({"every": "1M"}, "terms_do_not_fit", "terms.every"),
    "too many instalments": (
        {"method": "equal_principal", "every": "1D", "tenors": [1_201]}, "terms_do_not_fit", "terms.every",
    ),
    "tenors out of order": ({"tenors": [90, 30]}, "terms_do_not_fit", "terms.tenors"),
    "a target without a part sale": ({"target_ltv": "0.5"}, "terms_do_not_fit", "terms.target_ltv"),
    "a part sale without a target": ({"liquidation": "PARTIAL"}, "terms_do_not_fit", "terms.target_ltv"),
    "a part sale that sells nearly all": (
        {"liquidation": "PARTIAL", "target_ltv": "0.8"}, "terms_do_not_fit", "terms.liquidation",
    ),
    "a target behind the warning line": (
        {"liquidation": "PARTIAL", "target_ltv": "0.71", "collaterals": [
            BTC | {"basis": "LTV", "pledge": "0.5", "warning": "0.7", "displayed": "0.78", "actual": "0.8", "hard": "0.9"}
        ]}, "terms_do_not_fit", "terms.target_ltv",
    ),
    "a budget below the cost": ({"budget": "0.004"}, "terms_do_not_fit", "terms.budget"),
    "tiers that rise": (
        {"tiers": [{"above": "1000", "factor": "0.8"}, {"above": "2000", "factor": "0.9"}]}, "terms_do_not_fit", "terms.tiers",
    ),
    "an amount finer than the asset": ({"min_amount": "100.000000001"}, "terms_do_not_fit", "terms.min_amount"),
    "a step finer than anything can count": (
        {"step": "0." + "0" * 29 + "1", "max_amount": "9" * 37}, "terms_do_not_fit", "terms.step",
    ),
    "a largest loan below the smallest": ({"max_amount": "99"}, "terms_do_not_fit", "terms.max_amount"),
    "a fee that takes the loan": ({"fee_flat": "100"}, "terms_do_not_fit", "terms.fee_flat"),
    "a part that is never paid": ({"repayment_order": ["interest", "principal"]}, "terms_do_not_fit", "terms.repayment_order"),
    "more than all of the market's depth": ({"depth_share": "1.1"}, "terms_do_not_fit", "terms.depth_share"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_product_is_refused_with_its_reason_and_its_field(desk, name):
    changes, code, where = BAD[name]
    refused = desk.call("product", "POST", "/loan-products", wish(**changes))
    assert refused.status_code == 400, refused.text
    told = refused.json()
    assert (where, code) in {(one["field"], one["code"]) for one in told["errors"]}, told["errors"]
    assert told["detail"].startswith(told["errors"][0]["field"])
    looked = desk.call("product", "POST", "/loan-products:lines", wish(**changes))
    assert looked.status_code == 200
    assert looked.json()["errors"] == told["errors"]


@pytest.mark.parametrize(
    "changes",
    [{"confirm_n": 0}, {"min_venues": 1}, {"every": "monthly"}, {"rate": 0.12}, {"rate": "NaN"}, {"tenors": []}, {"name": ""}],
)  # fmt: skip
def test_what_is_no_product_at_all_is_not_understood(desk, changes):
    assert desk.call("product", "POST", "/loan-products", wish(**changes)).status_code == 400


def test_what_interest_cannot_cross_may_be_frozen(desk):
    assert desk.draft(name="frozen", rebase="FROZEN", tenors=[30], grace_days=0)["terms"]["rebase"] == "FROZEN"


def test_the_lines_in_three_conventions_and_in_money(desk):
    body = wish(collaterals=[BTC, ETH], prices={"BTC": "30000", "ETH": "2000"})
    looked = desk.call("product", "POST", "/loan-products:lines", body).json()
    assert looked["errors"] == []
    btc, eth = looked["collaterals"]
    assert (btc["lends"], [row["price"] for row in btc["lines"]]) == ("24000", ["25500", "24900", "24600", "24300"])
    assert btc["lines"][2] == {
        "line": "actual", "price_fraction": "0.82", "ltv": "0.97561", "coverage": "1.025", "price": "24600"
    }  # fmt: skip
    assert [row["price"] for row in eth["lines"]] == ["1560", "1510", "1480", "1460"]


def test_lines_that_mean_nothing_are_not_shown(desk):
    body = wish(lines={"warning": "0.5"}, prices={"BTC": "30000"})
    looked = desk.call("product", "POST", "/loan-products:lines", body).json()
    assert [one["field"] for one in looked["errors"]] == ["collaterals.0.displayed"]
    assert looked["collaterals"] == [{"asset": "BTC", "price": "30000", "lends": None, "lines": []}]


def test_the_demo_publishes_its_products_once(house, desk):
    with as_engine(house.database):
        for _ in range(2):
            demo_loans.ensure(house.second)
    offered = desk.listed("other")
    assert sorted(one["name"] for one in offered) == ["BTC and ETH loan", "BTC loan", "Monthly instalments"]
    brief = next(one for one in offered if one["name"] == "BTC loan")
    assert (brief["rate"], brief["tenors"], brief["method"]) == ("0.12", [30, 90, 180], "bullet")
