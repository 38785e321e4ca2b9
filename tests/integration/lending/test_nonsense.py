"""Whatever a customer types, the answer is a refusal with a code or a number: never an error of ours."""

import pytest

from tests.loan_desk import LoanDesk

ODD = (
    "-1", "0", "-0", "1e5", "NaN", "", " 1", "1" + "0" * 30, "9" * 38, "9" * 39, "0." + "0" * 39 + "1", "0." + "1" * 30,
    "0." + "0" * 17 + "1", "\u0661", 1, 1.5, True, None, [], {}, "9" * 38 + "." + "9" * 30,
)  # fmt: skip
ASSETS = ("", "XXX", "btc", "USDT", "B" * 33, "\u0000", 1, None, "BTC-USDT")


@pytest.fixture(scope="module")
def desk(house):
    made = LoanDesk(house)
    yield made
    broken = made.broken()
    made.close()
    assert broken == {}


def answered(desk, path, body):
    answer = desk.call("POST", path, body)
    assert answer.status_code in {200, 201, 400, 404, 409}, (path, body, answer.text)
    assert answer.status_code < 400 or answer.json()["code"] not in {"internal_error", "rate_limited"}, answer.text


@pytest.mark.parametrize(
    "terms", [{}, {"depth_share": "0.5", "fee_mode": "capitalised", "fee_rate": "0.01", "max_amount": "9" * 37}]
)
def test_a_quote(desk, terms):
    product = str(desk.product(collaterals={"BTC": {}, "ETH": {}}, **terms))
    asked = {"product_id": product, "borrow_asset": "USDT", "tenor_days": 30}
    pledge = {"asset": "BTC", "quantity": "1"}
    for odd in ODD:
        answered(desk, "/loan-quotes", asked | {"collateral": [pledge], "amount": odd})
        answered(desk, "/loan-quotes", asked | {"collateral": [pledge | {"quantity": odd}], "max": True})
        answered(desk, "/loan-quotes", asked | {"collateral": [pledge], "max": True, "tenor_days": odd})
    for asset in ASSETS:
        answered(desk, "/loan-quotes", asked | {"collateral": [pledge | {"asset": asset}], "max": True})
        answered(desk, "/loans", {"quote_id": asset})
    for collateral in (
        [],
        {},
        None,
        [{}],
        [1],
        [pledge, pledge],
        [{"asset": f"A{n}", "quantity": "1"} for n in range(30)],
    ):
        answered(desk, "/loan-quotes", asked | {"collateral": collateral, "max": True})


def test_a_loan(desk):
    loan = desk.lend("1000")["id"]
    for odd in ODD:
        for body in (
            {"prices": {"BTC": odd}},
            {"top_up": {"asset": "BTC", "quantity": odd}},
            {"repay": odd},
            {"prices": odd},
        ):
            answered(desk, f"/loans/{loan}/what-if", body)
        answered(
            desk, f"/loans/{loan}/what-if", {"prices": {"BTC": "9" * 38}, "withdraw": {"asset": "BTC", "quantity": odd}}
        )
        answered(desk, f"/loans/{loan}/collateral", {"asset": "BTC", "quantity": odd})
        answered(desk, f"/loans/{loan}/extensions", {"tenor_days": odd})
        answered(desk, f"/loans/{loan}/repayments", {"full": odd, "amount": odd})
    for asset in ASSETS:
        answered(desk, f"/loans/{loan}/what-if", {"withdraw": {"asset": asset, "quantity": "1"}})
        answered(desk, f"/loans/{loan}/collateral-withdrawals", {"asset": asset, "quantity": "1"})
