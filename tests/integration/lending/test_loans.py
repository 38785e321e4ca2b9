"""Borrowing over the API: the brief's loan from quote to repayment, the published vectors, one loan per quote, and every refusal."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from kernel.ids import uuid7
from tests.loan_desk import LoanDesk

D = Decimal
VECTORS = json.loads((Path(__file__).parents[2] / "unit" / "lending" / "lending_lines.json").read_text())["cases"]


@pytest.fixture(scope="module")
def desk(house):
    made = LoanDesk(house)
    yield made
    broken = made.broken()
    made.close()
    assert broken == {}


@pytest.fixture(autouse=True)
def _at_thirty_thousand(desk):
    desk.at = {"BTC-USDT": "30000", "ETH-USDT": "2000"}


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


# ------------------------------------------------------------------------------------------------------------------ the brief's loan


def test_one_bitcoin_at_thirty_thousand_lends_twenty_four_thousand(desk):
    quoted = desk.quote().json()
    assert (quoted["amount"], quoted["paid_out"], quoted["fee"], quoted["ltv"]) == ("24000", "24000", "0", "0.8")
    assert quoted["lines_as"] == "price"
    assert (quoted["lines"]["warning"], quoted["lines"]["displayed"]) == ("25500", "24900")
    assert quoted["interest"] == "710.136987"  # 24,000 × 12 % × 90 / 365, up to the unit
    assert not {"actual", "hard"} & {name for name, line in quoted["lines"].items() if line is not None}
    before = desk.has(desk.retail, "BTC")[0], desk.has(desk.retail, "USDT")[0]
    made = desk.accept(quoted["id"])
    assert made.status_code == 201
    loan = made.json()
    assert (loan["status"], loan["level"], loan["debt"]) == ("active", "HEALTHY", "24000")
    assert loan["health"] == "1.20481928"  # 30,000 / 24,900, rounded up
    assert desk.has(desk.retail, "BTC")[0] == before[0] - 1
    assert desk.has(desk.retail, "USDT")[0] == before[1] + 24_000
    assert loan["next_due"] == {"due_date": loan["matures_on"], "amount": "24710.136987", "overdue": False}
    assert [event["kind"] for event in loan["events"]] == ["opened"]


def test_customers_are_shown_two_lines_and_staff_four(desk):
    loan = desk.lend()
    mine, staff = desk.get(loan["id"]), desk.get(loan["id"], who="treasury")
    assert mine["lines"] == {"warning": "25500", "displayed": "24900", "actual": None, "hard": None}
    assert staff["lines"] == {"warning": "25500", "displayed": "24900", "actual": "24600", "hard": "24300"}
    for level, told in (("PENDING_LIQUIDATION", "MARGIN_CALL"), ("WARNING", "WARNING")):
        desk.engine.execute("UPDATE lending.loans SET level = %s WHERE id = %s", (level, loan["id"]))
        assert (desk.get(loan["id"])["level"], desk.get(loan["id"], who="treasury")["level"]) == (told, level)
        assert told in {
            each["level"] for each in desk.call("GET", "/loans").json()["items"] if each["id"] == loan["id"]
        }
    assert desk.would_be(loan["id"], who="retail", prices={"BTC": "24300"})["level"] == "MARGIN_CALL"


def _state(answer):
    """The published vectors know one word below the actual line, however far below."""
    return "LIQUIDATE" if answer["level"] in {"PENDING_LIQUIDATION", "LIQUIDATING"} else answer["level"]


def _shows(desk, loan_id, cases, **asked):
    for case in cases:
        assert _state(desk.would_be(loan_id, prices={"BTC": case["price"]}, **asked)) == case["state"], case


def _of(table, group=None):
    return [case for case in VECTORS if case["table"] == table and group in {None, case["group"]}]


def test_the_published_vectors_hold_over_the_api(desk):
    loan = desk.lend()["id"]
    assert len(_of("T1")) == 12
    _shows(desk, loan, _of("T1"))
    _shows(desk, loan, _of("T3", "repay6000"), repay="6000")
    _shows(desk, loan, _of("T3", "topup0.2"), top_up={"asset": "BTC", "quantity": "0.2"})
    assert desk.act(loan, "repayments", {"amount": "6000"}).status_code == 200
    _shows(desk, loan, _of("T3", "repay6000"))
    assert desk.get(loan, who="treasury")["lines"]["actual"] == "18450"
    assert desk.act(loan, "collateral-withdrawals", {"asset": "BTC", "quantity": "0.25"}).status_code == 200
    _shows(desk, loan, _of("T3", "repay6000_withdraw0.25"))
    _shows(desk, desk.lend("18000")["id"], _of("T3", "draw60pct"))
    topped = desk.lend()["id"]
    assert desk.act(topped, "collateral", {"asset": "BTC", "quantity": "0.2"}).status_code == 200
    _shows(desk, topped, _of("T3", "topup0.2"))


def test_interest_moves_the_lines_to_the_unit(desk):
    """A loan of a year, day by day to its last: the debt, the lines and every answer of T2."""
    loan, passed = desk.lend(tenor=365, product=str(desk.product(tenors=[365], name="a year")))["id"], 0
    lines = {180: ("27009.04", "26373.53", "26055.78"), 365: ("28560.00", "27888.00", "27552.00")}
    cases = _of("T2")
    days = sorted({int(case["group"].partition("day")[2]) for case in cases})
    assert (days, len(cases)) == ([0, 30, 60, 76, 77, 114, 180, 365], 24)
    for day in days:
        desk.days_pass(day - passed)
        passed = day
        of_day = [case for case in cases if case["group"].endswith(f"_day{day}")]
        _shows(desk, loan, of_day)
        seen = desk.get(loan, who="treasury")
        assert 0 <= D(seen["debt"]) - D(of_day[0]["debt"]) < D("0.000001")
        if day in lines:
            shown = [D(seen["lines"][line]).quantize(D("0.01")) for line in ("warning", "displayed", "actual")]
            assert shown == [D(price) for price in lines[day]]


# --------------------------------------------------------------------------------------------------------------------- a basket


def test_a_basket_has_a_uniform_fall_and_each_price_alone(desk):
    eth = {"pledge": "0.70", "warning": "0.78", "displayed": "0.755", "actual": "0.74", "hard": "0.73"}
    product = str(desk.product(collaterals={"BTC": {}, "ETH": eth}, name="basket"))
    loan = desk.lend(product=product, collateral={"BTC": "1", "ETH": "10"})
    assert loan["debt"] == "38000"  # 30,000 × 0.8 + 20,000 × 0.7
    assert loan["lines_as"] == "fall"
    fall = D(loan["lines"]["displayed"])
    assert 0 < fall < 1
    at = {"BTC": str(30_000 * (1 - fall)), "ETH": str(2_000 * (1 - fall))}
    assert desk.would_be(loan["id"], who="retail", prices=at)["level"] == "MARGIN_CALL"
    alone = D(loan["line_prices"]["BTC"]["displayed"])
    assert desk.would_be(loan["id"], prices={"BTC": str(alone)})["level"] == "MARGIN_CALL"
    assert desk.would_be(loan["id"], prices={"BTC": str(alone + D("0.01"))})["level"] == "WARNING"


def test_haircuts_lower_what_is_lent_and_no_line(desk):
    product = str(desk.product(collaterals={"BTC": {"haircut": "0.1"}}, name="haircut"))
    quoted = desk.quote(product=product).json()
    assert quoted["amount"] == "21600"
    loan = desk.lend(product=product)
    assert loan["lines"]["displayed"] == "22410"  # 21,600 / 0.8 × 0.83: of the debt, not of the haircut
    assert loan["collateral"][0]["withdrawable"] == "0"
    over = refused(desk.quote("21600.01", product=product), 409, "collateral_too_low")
    assert over["largest"] == "21600"


@pytest.mark.parametrize(
    ("mode", "amount", "paid_out"), [("deducted", "24000", "23878"), ("capitalised", "23878.6", "23878.6")]
)
def test_the_fee_comes_off_or_on_top(desk, mode, amount, paid_out):
    product = str(desk.product(fee_rate="0.005", fee_flat="2", fee_mode=mode, step="0.1", name=mode))
    quoted = desk.quote(product=product).json()
    assert (quoted["amount"], quoted["paid_out"]) == (amount, paid_out)
    assert D(quoted["principal"]) <= 24_000
    assert D(quoted["principal"]) - D(quoted["fee"]) == D(quoted["paid_out"])
    assert desk.accept(quoted["id"]).json()["debt"] == quoted["principal"]


# ------------------------------------------------------------------------------------------------------------------ what is refused


def test_what_the_product_does_not_offer(desk):
    refused(desk.quote("99"), 400, "amount_not_offered")
    refused(desk.quote("1000.001"), 400, "amount_not_offered")
    refused(desk.quote("1000", tenor=31), 400, "tenor_not_offered")
    refused(desk.quote("1000", borrow="BTC"), 400, "borrow_asset_different")
    refused(desk.quote("1000", collateral={"ETH": "10"}), 400, "collateral_not_accepted")
    refused(desk.quote("1000", collateral={"BTC": "0.000000001"}), 400, "amount_too_fine")
    refused(desk.quote("24000.01"), 409, "collateral_too_low")
    refused(desk.quote("1000", product=str(uuid7())), 404, "loan_product_not_found")
    for nonsense in ({"amount": "-1"}, {"amount": "NaN"}, {"amount": 5}, {"collateral": []}, {"tenor_days": "90"}):
        body = {
            "product_id": desk.brief,
            "collateral": [{"asset": "BTC", "quantity": "1"}],
            "borrow_asset": "USDT",
            "tenor_days": 90,
        }
        assert desk.call("POST", "/loan-quotes", body | {"amount": "1000"} | nonsense).status_code == 400


@pytest.mark.parametrize("how", ["old", "one venue", "none"])
def test_nothing_is_lent_without_a_price_to_believe(desk, how):
    desk.at = {}
    if how == "none":
        desk.no_price()
    elif how == "old":
        desk.price(age=timedelta(seconds=30))
    else:
        desk.price(venues=("binance",))
    refused(desk.quote(), 409, "price_not_trusted")


def test_caps_of_a_customer_and_of_an_asset(desk):
    product = str(desk.product(customer_cap="30000", collaterals={"BTC": {"cap": "2.5"}}, name="capped"))
    desk.lend("20000", product=product)
    assert desk.quote(product=product).json()["amount"] == "10000"
    refused(desk.quote("10000.01", product=product), 409, "lending_limit_reached")
    refused(desk.quote("5000", product=product, collateral={"BTC": "1.6"}), 409, "lending_limit_reached")
    first = desk.quote("10000", product=product).json()["id"]
    second = desk.quote("10000", product=product).json()["id"]
    assert desk.accept(first).status_code == 201
    before = desk.has(desk.retail, "BTC")
    refused(desk.accept(second), 409, "lending_limit_reached")
    assert desk.has(desk.retail, "BTC") == before


def test_the_cap_of_an_asset_holds_for_what_is_added_to_a_sound_loan_only(desk):
    product = str(desk.product(collaterals={"BTC": {"cap": "2.5"}}, name="capped for more"))
    loans = [desk.lend("24000", product=product)["id"] for _ in range(2)]
    desk.at["BTC-USDT"] = "31000"  # both within their pledge rates

    def add(quantity, at=0):
        return desk.act(loans[at], "collateral", {"asset": "BTC", "quantity": quantity})

    before = desk.has(desk.retail, "BTC")
    said = refused(add("0.50000001"), 409, "lending_limit_reached")
    assert (said["limit"], desk.has(desk.retail, "BTC")) == ("collateral", before)
    assert add("0.5").status_code == 200
    refused(add("0.01"), 409, "lending_limit_reached")
    desk.at["BTC-USDT"] = "29000"  # the other one is beyond its pledge rates, and on no line yet
    refused(add("0.01"), 409, "lending_limit_reached")
    assert add("0.1", at=1).status_code == 200
    desk.at["BTC-USDT"] = "22000"  # on its line
    assert add("2", at=1).status_code == 200
    desk.at["BTC-USDT"] = None
    assert add("0.01").status_code == 200
    desk.at["BTC-USDT"] = "31000"
    refused(add("0.01"), 409, "lending_limit_reached")


def test_what_is_added_at_once_is_all_there(desk):
    """Who waited for the loan's lock must not read its collateral as it was before."""
    loan = desk.lend("1000")["id"]
    desk.at = {}
    desk.price()
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda _: desk.act(loan, "collateral", {"asset": "BTC", "quantity": "0.01"}), range(12))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert desk.loan(loan).collateral == {"BTC": D("1.12")}
    assert desk.on(f"loan:{loan}:BTC") == D("1.12")


def test_two_at_once_do_not_pass_the_cap_together(desk):
    product = str(desk.product(collaterals={"BTC": {"cap": "2.5"}}, max_age_s=600, name="capped at once"))
    loans = [desk.lend("10000", product=product)["id"] for _ in range(2)]
    desk.at = {}
    desk.price()
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda n: desk.act(loans[n % 2], "collateral", {"asset": "BTC", "quantity": "0.2"}), range(12))
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 10, [a.text for a in answers]


def test_what_the_books_would_take_bounds_what_is_added(desk):
    product = str(desk.product(depth_share="0.00001", name="shallow"))
    desk.engine.execute(
        """UPDATE lending.loan_products SET terms = jsonb_set(terms, '{depth_share}', '"1"') WHERE id = %s""",
        (product,),
    )
    loan = desk.lend("1000", product=product)["id"]
    desk.engine.execute(
        """UPDATE lending.loan_products SET terms = jsonb_set(terms, '{depth_share}', '"0.00001"') WHERE id = %s""",
        (product,),
    )
    said = refused(desk.act(loan, "collateral", {"asset": "BTC", "quantity": "0.1"}), 409, "lending_limit_reached")
    assert said["limit"] == "market"


def test_the_books_must_be_deep_enough_to_sell_what_is_pledged(desk):
    pledged = sum(
        D(p["quantity"])
        for each in desk.call("GET", "/loans?limit=100").json()["items"]
        for p in each["collateral"]
        if p["asset"] == "BTC"
    )
    share = (pledged + D("1.5")) / 150  # three venues bid for 50 each
    product = str(desk.product(depth_share=str(share.quantize(D("0.00001"))), name="deep"))
    desk.lend("1000", product=product)
    said = refused(desk.quote("1000", product=product), 409, "lending_limit_reached")  # before anybody counts on it
    assert said["limit"] == "market"


def test_a_quote_ends_and_a_price_that_moved_away_ends_it_too(desk):
    quoted = desk.quote("24000").json()["id"]
    desk.at["BTC-USDT"] = "25500"
    refused(desk.accept(quoted), 409, "loan_quote_expired")
    desk.at["BTC-USDT"] = "30000"
    desk.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + interval \'31 seconds\'')
    refused(desk.accept(quoted), 409, "loan_quote_expired")


def test_without_the_collateral_there_is_no_loan(desk):
    poor = desk.customer_named("poor", BTC="0.5")
    quoted = desk.quote(who=poor).json()["id"]
    refused(desk.accept(quoted, who=poor), 409, "insufficient_funds")
    assert desk.call("GET", "/loans", who=poor).json()["items"] == []


def test_who_may_not_borrow_is_told_so(desk):
    stranger = desk.customer_named("unknown", BTC="1")
    desk.engine.execute("UPDATE identity.standings SET level = 0 WHERE customer_id = %s", (desk.house.ids[stranger],))
    refused(desk.accept(desk.quote(who=stranger).json()["id"], who=stranger), 403, "not_eligible")


def test_forty_at_once_make_one_loan_of_a_quote(desk):
    quoted = desk.quote("1000").json()["id"]
    desk.at = {}  # the price stands; nobody writes it while they race
    desk.price()
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda n: desk.accept(quoted, key=f"race-{n}"), range(40)))
    assert sorted({answer.status_code for answer in answers}) == [200, 201], [
        a.text for a in answers if a.status_code > 201
    ]
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_key_makes_one_quote_one_loan_and_one_payment(desk):
    first, again = desk.quote("1000", key="q1"), desk.quote("1000", key="q1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    refused(desk.quote("1001", key="q1"), 409, "idempotency_conflict")
    made, repeat = desk.accept(first.json()["id"], key="l1"), desk.accept(first.json()["id"], key="l1")
    assert (made.status_code, repeat.status_code, repeat.json()["id"]) == (201, 200, made.json()["id"])
    loan = made.json()["id"]
    for _ in range(2):
        assert desk.act(loan, "repayments", {"amount": "400"}, key="p1").json()["debt"] == "600"


def test_what_is_not_yours_is_not_there(desk):
    loan = desk.lend("1000")
    neighbour = desk.customer_named("neighbour", BTC="1", USDT="1000")
    quoted = desk.quote("1000").json()["id"]
    for who in (neighbour, "other"):
        refused(desk.call("GET", f"/loans/{loan['id']}", who=who), 404, "loan_not_found")
        refused(desk.act(loan["id"], "repayments", {"amount": "1"}, who=who), 404, "loan_not_found")
        refused(desk.act(loan["id"], "collateral", {"asset": "BTC", "quantity": "1"}, who=who), 404, "loan_not_found")
        refused(desk.accept(quoted, who=who), 404, "loan_quote_not_found")
    assert loan["id"] not in {each["id"] for each in desk.call("GET", "/loans", who=neighbour).json()["items"]}


# ----------------------------------------------------------------------------------------------------------------- with the loan


def test_collateral_may_leave_down_to_the_pledge_rate_and_no_further(desk):
    loan = desk.lend("12000")
    assert loan["collateral"][0]["withdrawable"] == "0.5"
    refused(
        desk.act(loan["id"], "collateral-withdrawals", {"asset": "BTC", "quantity": "0.50000001"}),
        409,
        "withdrawal_too_large",
    )
    assert desk.act(loan["id"], "collateral-withdrawals", {"asset": "BTC", "quantity": "-0.1"}).status_code == 400
    assert desk.act(loan["id"], "collateral", {"asset": "BTC", "quantity": "-0.1"}).status_code == 400
    assert desk.would_be(loan["id"], withdraw={"asset": "BTC", "quantity": "0.51"})["allowed"] is False
    left = desk.act(loan["id"], "collateral-withdrawals", {"asset": "BTC", "quantity": "0.5"}).json()
    assert (left["collateral"][0]["quantity"], left["ltv"]) == ("0.5", "0.8")
    desk.at["BTC-USDT"] = None
    refused(
        desk.act(loan["id"], "collateral-withdrawals", {"asset": "BTC", "quantity": "0.1"}), 409, "price_not_trusted"
    )
    assert desk.act(loan["id"], "collateral", {"asset": "BTC", "quantity": "0.1"}).status_code == 200  # may always come
    blind = desk.get(loan["id"])
    assert (blind["health"], blind["ltv"], blind["lines"]["displayed"], blind["prices_trusted"]) == (
        None,
        None,
        None,
        False,
    )


def test_a_payment_ends_the_wait_for_a_sale_at_once(desk):
    loan = desk.lend()["id"]
    desk.engine.execute(
        "UPDATE lending.loans SET level = 'PENDING_LIQUIDATION', below = 2, below_since = now() WHERE id = %s", (loan,)
    )
    desk.at["BTC-USDT"] = "24600"
    desk.act(loan, "repayments", {"amount": "1"})
    assert desk.get(loan, who="treasury")["level"] == "MARGIN_CALL"  # a unit above the line, to the unit
    desk.act(loan, "repayments", {"amount": "6000"})
    after = desk.get(loan)
    assert after["level"] == "HEALTHY"
    assert desk.loan(loan).watch.below == 0
    assert after["events"][-1]["payload"] == {"from": "MARGIN_CALL", "to": "HEALTHY"}


def test_all_is_repaid_at_once_and_the_collateral_comes_back(desk):
    loan = desk.lend(tenor=30)["id"]
    before = desk.has(desk.retail, "BTC")[0]
    desk.days_pass(10)
    paid = desk.act(loan, "repayments", {"full": True}).json()
    assert (paid["status"], paid["debt"], paid["health"], paid["next_due"]) == ("repaid", "0", None, None)
    assert desk.has(desk.retail, "BTC")[0] == before + 1
    refused(desk.act(loan, "repayments", {"full": True}), 409, "loan_not_running")
    made = desk.call("GET", f"/loans/{loan}/statement").json()
    assert made["paid"] == {"principal": "24000", "interest": "78.90411", "fee": "0", "penalty": "0"}
    assert [row["kind"] for row in made["rows"]] == ["opened", "repaid", "collateral_returned"]
    assert made["rows"][-2]["principal_left"] == "0"
    table = desk.call("GET", f"/loans/{loan}/statement?format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.text.splitlines()
    assert len(lines) == 4
    assert "-24078.90411,24000,78.90411,0,0,0" in lines[2]
    paper = desk.call("GET", f"/loans/{loan}/statement?format=pdf")
    assert paper.headers["content-type"] == "application/pdf"
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert loan in text
    assert "-24078.90411" in text
    assert "Owed on this day, interest included: 0 USDT" in text


def test_an_extension_costs_its_fee_and_the_interest_so_far(desk):
    loan = desk.lend(tenor=30)
    refused(desk.act(loan["id"], "extensions", {"tenor_days": 31}), 400, "tenor_not_offered")
    desk.days_pass(20)
    before = desk.has(desk.retail, "USDT")[0]
    extended = desk.act(loan["id"], "extensions", {"tenor_days": 30}).json()
    assert (extended["debt"], before - desk.has(desk.retail, "USDT")[0]) == ("24000", D("157.808220") + 24)
    refused(desk.act(loan["id"], "extensions", {"tenor_days": 30}), 409, "extension_not_offered")
    desk.days_pass(30)
    desk.at["BTC-USDT"] = "24900"
    refused(desk.act(loan["id"], "extensions", {"tenor_days": 90}), 409, "extension_not_offered")


def test_options_are_the_customers_own(desk):
    loan = desk.lend("1000")["id"]
    set_ = desk.call("PATCH", f"/loans/{loan}", {"auto_repay": True}).json()
    assert (set_["auto_repay"], set_["auto_top_up"]) == (True, False)
    assert desk.call("PATCH", f"/loans/{loan}", {}).status_code == 400
    assert desk.call("PATCH", f"/loans/{loan}", {"auto_repay": False}, who="treasury").status_code == 403


def test_at_the_liquidation_line_nobody_sells_for_themselves(desk):
    """It would put off the sale that the line asks for, and stop the interest."""
    loan = desk.lend("24000")["id"]
    desk.at["BTC-USDT"] = "24900"
    refused(desk.act(loan, "repayments", {"from_collateral": True, "amount": "1"}), 409, "liquidation_line_reached")
    desk.at["BTC-USDT"] = "24901"
    assert desk.act(loan, "repayments", {"from_collateral": True, "amount": "1"}).json()["status"] == "liquidating"


@pytest.mark.parametrize("asked", [{}, {"amount": "1"}])
def test_a_sale_that_might_not_pay_the_debt_is_not_begun(desk, asked):
    """5 % below 24,901 are 23,655.95, and whoever sells there still owes."""
    product = str(desk.product(budget="0.05", name="wide"))
    loan = desk.lend("24000", product=product)["id"]
    desk.at["BTC-USDT"] = "24901"
    said = refused(desk.act(loan, "repayments", {"from_collateral": True} | asked), 409, "sale_does_not_cover")
    assert (said["brings"], said["owed"]) == ("23655.95", "24000")
    desk.at["BTC-USDT"] = "25264"
    assert desk.act(loan, "repayments", {"from_collateral": True} | asked).json()["status"] == "liquidating"


def test_what_no_market_takes_repays_nothing(desk):
    product = str(desk.product(min_amount="1", name="small"))
    loan = desk.lend("1", product=product, collateral={"BTC": "0.0001"})["id"]
    said = refused(desk.act(loan, "repayments", {"from_collateral": True}), 409, "sale_does_not_cover")
    assert said["brings"] == "0"
    assert desk.act(loan, "repayments", {"full": True}).json()["status"] == "repaid"


def test_repaying_from_the_collateral_begins_a_sale(desk):
    loan = desk.lend("12000")["id"]
    desk.at["BTC-USDT"] = None
    refused(desk.act(loan, "repayments", {"from_collateral": True}), 409, "price_not_trusted")
    desk.at["BTC-USDT"] = "30000"
    selling = desk.act(loan, "repayments", {"from_collateral": True, "amount": "5000"}).json()
    assert (selling["status"], selling["debt"]) == ("liquidating", "12000")
    refused(desk.act(loan, "repayments", {"full": True}), 409, "loan_not_running")


# ------------------------------------------------------------------------------------------------ instalments


def test_a_loan_with_instalments_shows_its_plan_from_the_quote_on(desk):
    product = str(desk.product(method="equal_instalments", every="1M", name="monthly"))
    quoted = desk.quote("12000", product=product).json()
    assert len(quoted["schedule"]) == 3
    assert sum(D(row["principal"]) for row in quoted["schedule"]) == 12_000
    assert sum(D(row["interest"]) for row in quoted["schedule"]) == D(quoted["interest"])
    loan = desk.accept(quoted["id"]).json()
    assert loan["schedule"] == quoted["schedule"]
    first = loan["schedule"][0]
    assert loan["next_due"] == {"due_date": first["due_date"], "amount": first["payment"], "overdue": False}
