"""What is only asked about goes by the rules that the deed itself meets: caps, levels, prices to believe."""

from tests.integration.lending.test_loans import _at_thirty_thousand, desk, refused

__all__ = ["_at_thirty_thousand", "desk"]


def test_a_what_if_knows_the_caps(desk):
    """What it allows the desk does, and what the desk refuses it does not allow."""
    product = str(desk.product(collaterals={"BTC": {"cap": "2.5"}}, name="capped what if"))
    loan = desk.lend("10000", product=product)["id"]
    for quantity, fits in (("1.5", True), ("1.51", False)):
        pledge = {"asset": "BTC", "quantity": quantity}
        assert desk.would_be(loan, top_up=pledge)["allowed"] is fits
        if not fits:
            refused(desk.act(loan, "collateral", pledge), 409, "lending_limit_reached")
    low = desk.would_be(loan, top_up={"asset": "BTC", "quantity": "2"}, prices={"BTC": "11000"})
    assert low["allowed"], "a loan on a line may always add"
    assert desk.act(loan, "collateral", {"asset": "BTC", "quantity": "1.5"}).status_code == 200


def test_a_what_if_knows_that_nothing_leaves_a_loan_with_a_margin_call(desk):
    loan = desk.lend("10000")["id"]
    pledge = {"asset": "BTC", "quantity": "0.1"}
    assert desk.would_be(loan, withdraw=pledge)["allowed"]
    desk.engine.execute("UPDATE lending.loans SET level = 'MARGIN_CALL' WHERE id = %s", (loan,))
    assert not desk.would_be(loan, withdraw=pledge)["allowed"]
    assert desk.would_be(loan, withdraw=pledge, prices={"BTC": "30000"})["allowed"], "asked of another market"
    refused(desk.act(loan, "collateral-withdrawals", pledge), 409, "withdrawal_too_large")
    desk.at = {"BTC-USDT": None}
    assert not desk.would_be(loan, withdraw=pledge)["allowed"], "at a price that nobody knows"


def test_the_largest_amount_of_a_quote_is_what_its_customer_may_still_owe(desk):
    product = str(desk.product(customer_cap="5000", name="capped customer"))
    first = desk.quote("3000", product=product).json()
    assert first["largest"] == "5000"
    assert desk.accept(first["id"]).status_code == 201
    second = desk.quote("1000", product=product).json()
    assert second["largest"] == "2000"
    refused(desk.quote("2100", product=product), 409, "lending_limit_reached")
