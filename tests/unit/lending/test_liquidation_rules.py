"""How much to sell (the reference's consequence 3), and where the last unit of the proceeds goes."""

from decimal import Decimal as D
from fractions import Fraction

import pytest

from kernel.money import half_even_fraction
from lending.liquidation.rules import (
    Cover,
    Fee,
    cover,
    floor_price,
    quantities_to_sell,
    quantity_to_earn,
    settle,
    settle_partial,
    share_to_sell,
    still_to_earn,
)
from lending.loans.rules import Owed, Pledge, Position, is_drawable
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis

BTC = thresholds(Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81")))
FREE = Fee()
OWED = Owed(fee=D(10), interest=D("236.72"), principal=D(24000))


@pytest.mark.parametrize(("cost", "percent"), [("0.005", "90.06"), ("0.02", "97.56")])
def test_a_partial_sale_at_the_briefs_lines_sells_nearly_all(cost, percent):
    share = share_to_sell(value=D(24600), debt=D(24000), target_ltv=D("0.80"), cost=D(cost), fee=FREE)
    assert half_even_fraction(share * 100, 2) == D(percent)
    left = 24600 * (1 - share)
    assert (24000 - 24600 * share * (1 - Fraction(cost))) / left == Fraction(4, 5)


@pytest.mark.parametrize(
    ("value", "debt", "share"),
    [("30000", "24000", 0), ("40000", "24000", 0), ("23000", "24000", 1), ("0", "24000", 1), ("24600", "24599", 1)],
)
def test_nothing_or_all(value, debt, share):
    assert share_to_sell(value=D(value), debt=D(debt), target_ltv=D("0.80"), cost=D("0.005"), fee=FREE) == share


def test_a_target_that_selling_cannot_reach_sells_all():
    assert share_to_sell(value=D(100), debt=D(99), target_ltv=D("0.98"), cost=D("0.03"), fee=FREE) == 1


@pytest.mark.parametrize("fee", [FREE, Fee(D("0.02")), Fee(D("0.02"), D(40)), Fee(D("0.02"), D(10_000))])
def test_the_fee_of_a_partial_sale_is_sold_for_as_well(fee):
    value, debt, cost, target = D(10_000), D(8_000), D("0.01"), D("0.60")
    share = share_to_sell(value=value, debt=debt, target_ltv=target, cost=cost, fee=fee)
    proceeds = (Fraction(value) * share * (1 - Fraction(cost))).__floor__()
    settled = settle_partial(D(proceeds), Owed(principal=debt), fee, scale=2)
    assert settled.paid.total + settled.fee == proceeds
    assert settled.fee == fee.on(settled.paid.total, scale=2)
    reached = Fraction(settled.unpaid.total) / (Fraction(value) * (1 - share))
    assert abs(reached - Fraction(target)) < Fraction(1, 1000)
    assert settled.surplus == 0


def test_a_basket_is_sold_evenly_and_never_more_than_there_is():
    position = Position((Pledge("BTC", D("0.5"), D(30000), BTC), Pledge("ETH", D(5), D(2000), BTC)), D(24000))
    part = quantities_to_sell(position, Fraction(1, 3), {"BTC": 8, "ETH": 2})
    assert part == {"BTC": D("0.16666667"), "ETH": D("1.67")}
    assert quantities_to_sell(position, Fraction(1), {"BTC": 8, "ETH": 2}) == {"BTC": D("0.5"), "ETH": D(5)}


def test_after_a_partial_sale_the_loan_is_back_at_its_pledge_rate():
    position = Position((Pledge("BTC", D(1), D(24600), BTC),), D(24000))
    share = share_to_sell(value=position.value, debt=position.debt, target_ltv=D("0.80"), cost=D("0.005"), fee=FREE)
    sold = quantities_to_sell(position, share, {"BTC": 8})["BTC"]
    proceeds = sold * D(24600) * D("0.995")
    assert is_drawable(Position((Pledge("BTC", 1 - sold, D(24600), BTC),), 24000 - proceeds))


@pytest.mark.parametrize(
    ("proceeds", "paid", "fee", "surplus", "short"),
    [
        ("24600.00", OWED, "242.47", "110.81", "0"),
        ("24489.19", OWED, "242.47", "0", "0"),
        ("24300.00", OWED, "53.28", "0", "0"),  # our fee takes only what is left
        ("24246.72", OWED, "0", "0", "0"),
        ("24246.71", Owed(fee=D("9.99"), interest=D("236.72"), principal=D(24000)), "0", "0", "0.01"),
        ("24100.00", Owed(interest=D(100), principal=D(24000)), "0", "0", "146.72"),
        ("23000.00", Owed(principal=D(23000)), "0", "0", "1246.72"),
        ("0", Owed(), "0", "0", "24246.72"),
    ],
)
def test_proceeds_pay_debt_then_fee_then_the_customer(proceeds, paid, fee, surplus, short):
    settled = settle(D(proceeds), OWED, Fee(D("0.01")), scale=2)
    assert (settled.paid, settled.fee, settled.surplus, settled.shortfall) == (paid, D(fee), D(surplus), D(short))
    assert D(proceeds) + settled.shortfall == OWED.total + settled.fee + settled.surplus


def test_the_fee_has_a_cap():
    settled = settle(D(25000), OWED, Fee(D("0.01"), cap=D(100)), scale=2)
    assert (settled.fee, settled.surplus) == (D(100), D("653.28"))


def test_a_partial_sale_that_brought_enough_ends_the_loan():
    fee = Fee(D("0.01"))
    assert settle_partial(D(25000), OWED, fee, scale=2) == settle(D(25000), OWED, fee, scale=2)


def test_a_full_sale_stops_when_debt_and_fee_are_earned():
    fee = Fee(D("0.01"))
    assert still_to_earn(OWED, D(20000), fee, scale=2) == D("4489.19")
    assert still_to_earn(OWED, D("24489.19"), fee, scale=2) == 0
    needed = quantity_to_earn(D("4489.19"), price=D(24500), cost=D("0.005"), scale=8)
    assert needed * 24500 * D("0.995") >= D("4489.19") > (needed - D("0.00000001")) * 24500 * D("0.995")


def test_a_shortfall_is_the_insurances_first():
    assert cover(D("146.72"), D(100)) == Cover(D(100), D("46.72"))
    assert cover(D("146.72"), D(1000)) == Cover(D("146.72"), D(0))
    assert cover(D("146.72"), D(-5)) == Cover(D(0), D("146.72"))


def test_no_sale_below_the_budget():
    assert floor_price(D(24600), budget=D("0.01"), tick=D("0.5")) == D("24354.0")
    assert floor_price(D("24601.3"), budget=D("0.01"), tick=D("0.5")) == D("24355.5")
