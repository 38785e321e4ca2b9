"""Which line a loan is on: the published vectors (lending_lines.json, tables T1 to T4), equality, and what a float would get wrong."""

import json
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from kernel.day_count import DayCount
from kernel.money import ceil_fraction, floor_fraction, half_even_fraction
from lending.loans.rules import (
    Allocation,
    Owed,
    Pledge,
    Position,
    allocate,
    health,
    interest_between,
    interest_due,
    is_drawable,
    is_hit,
    is_underwater,
    largest_debt,
    largest_withdrawal,
    lines_of,
    loan_to_value,
    price_reaching,
    repayment_needed,
    shown_health,
    top_up_needed,
    uniform_factor,
    weighed,
    worst_line,
)
from lending.products.rules import Lines, thresholds
from lending.products.states import Basis, Line, Part, Rebase

VECTORS = json.loads((Path(__file__).parent / "lending_lines.json").read_text())
STATES = {
    None: "HEALTHY",
    Line.WARNING: "WARNING",
    Line.DISPLAYED: "MARGIN_CALL",
    Line.ACTUAL: "LIQUIDATE",
    Line.HARD: "LIQUIDATE",
}
BTC = thresholds(Lines(Basis.PRICE_FRACTION, D("0.80"), D("0.85"), D("0.83"), D("0.82"), D("0.81")))
ETH = thresholds(Lines(Basis.PRICE_FRACTION, D("0.70"), D("0.78"), D("0.755"), D("0.74"), D("0.73")))


def loan(price="30000", qty="1", debt="24000"):
    return Position((Pledge("BTC", D(qty), D(price), BTC),), D(debt))


def basket(btc, eth, debt="19000"):
    return Position((Pledge("BTC", D("0.5"), D(btc), BTC), Pledge("ETH", D(5), D(eth), ETH)), D(debt))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: f"{c['table']} {c['group']} {c['price']}")
def test_the_published_vectors(case):
    lines = VECTORS["lines"]
    made = thresholds(
        Lines(
            Basis(lines["basis"]),
            D(lines["pledge"]),
            D(lines["warning"]),
            D(lines["displayed"]),
            D(lines["actual"]),
            D("0.81"),
        )
    )
    position = Position((Pledge("BTC", D(case["qty"]), D(case["price"]), made),), D(case["debt"]))
    assert STATES[worst_line(position)] == case["state"]
    assert is_underwater(position) is case["underwater"]


def test_all_vectors_are_there():
    assert len(VECTORS["cases"]) == 52


@pytest.mark.parametrize(
    ("day", "debt", "warning", "displayed", "actual"),
    [
        (0, "24000.00000000", "25500.00", "24900.00", "24600.00"),
        (1, "24007.89041096", "25508.38", "24908.19", "24608.09"),
        (30, "24236.71232877", "25751.51", "25145.59", "24842.63"),
        (60, "24473.42465753", "26003.01", "25391.18", "25085.26"),
        (76, "24599.67123288", "26137.15", "25522.16", "25214.66"),
        (77, "24607.56164384", "26145.53", "25530.35", "25222.75"),
        (114, "24899.50684932", "26455.73", "25833.24", "25521.99"),
        (180, "25420.27397260", "27009.04", "26373.53", "26055.78"),
        (365, "26880.00000000", "28560.00", "27888.00", "27552.00"),
    ],
)
def test_interest_lifts_the_lines(day, debt, warning, displayed, actual):
    start = date(2026, 1, 1)
    interest = interest_between(D(24000), D("0.12"), start, start + timedelta(days=day), day_count=DayCount.ACTUAL_365)
    position = Position((Pledge("BTC", D(1), D(27000), BTC),), 24000 + interest)
    assert half_even_fraction(Fraction(position.debt), 8) == D(debt)
    found = [half_even_fraction(price_reaching(position, line, "BTC"), 2) for line in Line][:3]
    assert found == [D(warning), D(displayed), D(actual)]


@pytest.mark.parametrize(
    ("debt", "qty", "prices"),
    [
        ("24000", "1", (25500, 24900, 24600)),
        ("18000", "1", (19125, 18675, 18450)),
        ("12000", "1", (12750, 12450, 12300)),
        ("24000", "1.2", (21250, 20750, 20500)),
        ("24000", "1.5", (17000, 16600, 16400)),
        ("18000", "0.75", (25500, 24900, 24600)),
    ],
)
def test_events_move_the_lines(debt, qty, prices):
    position = loan(qty=qty, debt=debt)
    assert tuple(price_reaching(position, line, "BTC") for line in Line)[:3] == prices


@pytest.mark.parametrize(
    ("btc", "eth", "healths", "line"),
    [
        ("30000", "2000", ("1.215369", "1.248913", "1.268085"), None),
        ("25500", "1560", ("1", "1.027418", "1.043021"), Line.WARNING),
        ("24000", "1600", ("0.972295", "0.999131", "1.014468"), Line.DISPLAYED),
    ],
)
def test_a_basket_is_tested_as_a_whole(btc, eth, healths, line):
    position = basket(btc, eth)
    assert [half_even_fraction(health(position, each), 6) for each in Line][:3] == [D(text) for text in healths]
    assert worst_line(position) is line


def test_every_asset_on_its_line_is_the_basket_on_its_line():
    position = basket("25500", "1560")
    assert health(position, Line.WARNING) == 1
    assert largest_debt(basket("30000", "2000"), scale=2) == 19000
    assert loan_to_value(basket("30000", "2000")) == D("0.76")


def test_one_asset_far_below_its_line_is_carried_by_the_other():
    position = basket("60000", "1000")
    assert worst_line(position) is None
    assert price_reaching(position, Line.HARD, "ETH") is None  # BTC alone carries the loan


def test_a_price_that_reaches_a_line_is_on_it():
    position = basket("30000", "2000")
    for line in Line:
        for asset in ("BTC", "ETH"):
            reached = price_reaching(position, line, asset)
            prices = {"BTC": Fraction(30000), "ETH": Fraction(2000)} | {asset: reached}
            assert weighed(position.at(prices), line) == position.debt
        factor = uniform_factor(position, line)
        fallen = position.at({"BTC": Fraction(30000) * factor, "ETH": Fraction(2000) * factor})
        assert weighed(fallen, line) == position.debt


def test_on_the_line_is_hit_and_worth_as_much_as_owed_is_not_underwater():
    assert worst_line(loan(price="25500")) is Line.WARNING
    assert worst_line(loan(price="25500.000000000000000001")) is None
    assert not is_underwater(loan(price="24000"))
    assert worst_line(loan(price="24000")) is Line.HARD
    assert is_underwater(loan(price="23999.999999999999999999"))


def test_a_debt_of_zero_has_no_lines():
    free = loan(price="0", debt="0")
    assert worst_line(free) is None
    assert health(free) is None
    assert shown_health(free) is None
    assert uniform_factor(free, Line.WARNING) is None
    assert price_reaching(free, Line.WARNING, "BTC") is None
    assert largest_withdrawal(free, "BTC", scale=8) == 1


def test_worthless_collateral_is_past_every_line():
    position = loan(price="0")
    assert worst_line(position) is Line.HARD
    assert loan_to_value(position) is None
    assert uniform_factor(position, Line.WARNING) is None
    assert top_up_needed(position, "BTC", scale=8) is None


def _on_the_boundary():
    """Loans whose debt is exactly what a line allows, for awkward quantities and prices."""
    random = Random(20)
    for _ in range(2_000):
        quantity = D(random.randrange(1, 10**9)) / 10**8
        price = D(random.randrange(1, 10**7)) / 100
        debt = ceil_fraction(Fraction(quantity) * Fraction(price) * Fraction(40, 41), 30)
        if Fraction(debt) == Fraction(quantity) * Fraction(price) * Fraction(40, 41):
            yield quantity, price, debt
        quantity *= 41
        yield quantity, price, quantity * price * 40 / 41


def test_a_decision_by_float_would_be_wrong():
    """The mutation this kills: `float(quantity) * float(price) * float(ltv) <= float(debt)` in place of the exact comparison."""
    wrong = 0
    unit = D("1e-20")
    for quantity, price, debt in _on_the_boundary():
        on, above = (Position((Pledge("BTC", quantity, price, BTC),), owed) for owed in (debt, debt - unit))
        assert is_hit(on, Line.ACTUAL)
        assert not is_hit(above, Line.ACTUAL)
        for position, hit in ((on, True), (above, False)):
            by_float = float(quantity) * float(price) * (0.80 / 0.82) <= float(position.debt)
            wrong += by_float is not hit
    assert wrong > 1_000


def test_a_decision_by_rounded_ratios_would_be_wrong():
    """Kept with 27 decimals, 40/41 is a little too large, and on the very line nothing would happen."""
    rounded = half_even_fraction(Fraction(40, 41), 27)
    assert is_hit(loan(price="24600"), Line.ACTUAL)
    assert weighed(loan(price="24600"), Line.ACTUAL) == 24000
    assert 24600 * rounded > 24000


def test_shown_health_says_one_exactly_when_the_line_is_hit():
    assert shown_health(loan(price="24900")) == 1
    assert shown_health(loan(price="24900.00000001")) > 1
    assert shown_health(loan(price="24899.99999999")) <= 1


# ------------------------------------------------------------------------------------------------------- withdrawals, top-ups, payments


@pytest.mark.parametrize(
    ("price", "most"), [("30000", "0.25"), ("27000", "0.16666666"), ("22500", "0"), ("20000", "0")]
)
def test_the_largest_withdrawal_leaves_the_pledge_rate(price, most):
    position = loan(price=price, debt="18000")
    assert largest_withdrawal(position, "BTC", scale=8) == D(most)


@pytest.mark.parametrize(
    ("price", "repay", "add"), [("25500", "3600.00", "0.17647059"), ("24900", "4080.00", "0.20481928")]
)
def test_the_way_back_to_the_pledge_rate(price, repay, add):
    position = loan(price=price)
    assert repayment_needed(position, scale=2) == D(repay)
    assert top_up_needed(position, "BTC", scale=8) == D(add)
    assert is_drawable(loan(price=price, debt=str(24000 - D(repay))))
    assert is_drawable(loan(price=price, qty=str(1 + D(add))))
    assert not is_drawable(loan(price=price, qty=str(1 + D(add) - D("0.00000001"))))


def test_nothing_is_needed_at_the_largest_draw():
    assert repayment_needed(loan(), scale=2) == 0
    assert top_up_needed(loan(), "BTC", scale=8) == 0
    assert is_drawable(loan())
    assert not is_drawable(loan(debt="24000.01"))


def test_a_withdrawal_from_a_basket_counts_the_others():
    position = basket("30000", "2000", debt="12000")
    assert largest_withdrawal(position, "ETH", scale=8) == 5  # BTC alone carries 12,000
    assert largest_withdrawal(position, "BTC", scale=8) == floor_fraction(Fraction(7000, 24000), 8)


def test_lines_go_by_the_debt_that_the_product_names():
    origin = loan()
    live = Position((Pledge("BTC", D("1.5"), D(24600), BTC),), D(24100))
    by = {rebase: lines_of(rebase, live=live, last_event=D(24050), origination=origin) for rebase in Rebase}
    assert by[Rebase.LIVE_DEBT] == live
    assert by[Rebase.ON_EVENT].debt == 24050
    assert worst_line(by[Rebase.FROZEN]) is Line.ACTUAL  # 24,600 whatever was added since
    assert worst_line(live) is None
    repaid = Position(live.pledges, D(0))
    assert worst_line(lines_of(Rebase.FROZEN, live=repaid, last_event=D(0), origination=origin)) is None


OWED = Owed(penalty=D(1), fee=D(2), interest=D(30), principal=D(400))


@pytest.mark.parametrize(
    ("amount", "paid", "left"),
    [
        ("0", (0, 0, 0, 0), "0"),
        ("2.5", (1, "1.5", 0, 0), "0"),
        ("33", (1, 2, 30, 0), "0"),
        ("100", (1, 2, 30, 67), "0"),
        ("433", (1, 2, 30, 400), "0"),
        ("500", (1, 2, 30, 400), "67"),
    ],
)
def test_a_payment_pays_penalty_fee_interest_principal(amount, paid, left):
    found = allocate(D(amount), OWED)
    assert found == Allocation(Owed(*(D(part) for part in paid)), D(left))
    assert OWED.less(found.paid).total == OWED.total - found.paid.total


def test_the_order_is_the_products():
    order = (Part.PRINCIPAL, Part.INTEREST, Part.FEE, Part.PENALTY)
    assert allocate(D(410), OWED, order).paid == Owed(interest=D(10), principal=D(400))
    with pytest.raises(AssertionError):
        allocate(D(1), OWED, (Part.PRINCIPAL,))


def test_open_interest_is_exact_until_it_is_due():
    exact = interest_between(D(1000), D("0.10"), date(2026, 1, 1), date(2026, 1, 2), day_count=DayCount.ACTUAL_365)
    assert exact == Fraction(100, 365)
    assert interest_due(exact, scale=2) == D("0.28")
    assert interest_due(exact * 365, scale=2) == 100  # and not 365 × 0.28 = 102.20
