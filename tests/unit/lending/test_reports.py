"""The book and its stress test in numbers: exact on the line, sums to the last unit, and the same as deciding loan by loan."""

from decimal import Decimal as D
from fractions import Fraction
from random import Random

import pytest

from lending.loans import record
from lending.loans.rules import is_hit, shown_health, worst_line
from lending.loans.states import LEVEL_AT, Level
from lending.products.states import Line, LiquidationMode
from lending.reports.rules import EDGES, UNPRICED, Entry, Live, scenario, shocked, sums
from tests.loan_book import ON, make_loan, make_product, make_terms

SCALES = {"BTC": 8, "ETH": 8, "USDT": 6}
BTC = make_product()
BASKET = make_product("BTC", "ETH", name="Basket")
PARTIAL = make_product("ETH", terms=make_terms(liquidation=LiquidationMode.PARTIAL, target_ltv=D("0.6")))


def entry(product=BTC, **changes):
    loan = make_loan(product, **changes)
    return Entry(
        loan=loan,
        product=product,
        scale=6,
        owed=record.owed(loan, product, ON, scale=6),
        tested=record.tested(loan, product, {}, record.debt(loan, product, ON)),
    )


def prices(btc=None, eth=None):
    given = {("BTC", "USDT"): btc, ("ETH", "USDT"): eth}
    return {pair: D(price) for pair, price in given.items() if price is not None}


def at(live, given, **changes):
    return scenario(live, given, **({"share": Fraction(1), "cost": None, "scales": SCALES} | changes))


@pytest.mark.parametrize(
    ("price", "level"),
    [
        ("25500.000001", Level.HEALTHY),
        ("25500", Level.WARNING),
        ("24900", Level.MARGIN_CALL),
        ("24600.000001", Level.MARGIN_CALL),
        ("24600", Level.PENDING_LIQUIDATION),
        ("24300", Level.LIQUIDATING),
    ],
)
def test_a_scenario_decides_a_line_exactly(price, level):
    found = at(Live([entry()]), prices(price))
    assert found.levels == {each: int(each is level) for each in Level}
    assert len(found.sales) == int(level.rank >= Level.PENDING_LIQUIDATION.rank)


def test_a_fall_to_23000_loses_what_the_sale_does_not_bring_and_the_pool_pays_first():
    found = at(Live([entry()]), prices("23000"))
    total = found.sums["USDT"]
    assert (total.worth, total.proceeds, total.shortfall, total.surplus) == (23000, 22885, 1115, 0)
    covered = found.cover({"USDT": D("1000.5")})["USDT"]
    assert (covered.insurance, covered.bad_debt) == (D("1000.5"), D("114.5"))
    assert found.to_sell() == {("BTC", "USDT"): 1}


def test_a_full_sale_stops_when_debt_and_fee_are_paid():
    product = make_product(terms=make_terms(liquidation_fee_rate=D("0.01"), expected_cost=D(0)))
    (sold,) = at(Live([entry(product, collateral={"BTC": D(1)}, principal="23700")]), prices("24292.5")).sales
    assert sold.fee == 237
    assert sold.sold["BTC"] == D("0.98536586")  # 23,937 at this price, up to the unit
    assert sold.proceeds == sold.entry.owed.total + sold.fee + sold.surplus
    assert sold.shortfall == 0


def test_a_partial_sale_ends_at_the_target_and_is_no_loss():
    loan = entry(PARTIAL, principal="7200", collateral={"ETH": D(5)})
    (sold,) = at(Live([loan]), prices(eth="2000"), cost=D(0)).sales
    left = (5 - sold.sold["ETH"]) * 2000
    assert 0 < sold.sold["ETH"] < 5
    assert abs((7200 - sold.proceeds) / left - D("0.6")) < D("1e-8")
    assert sold.shortfall == 0


def test_a_loan_without_a_price_is_in_no_bucket_and_is_not_sold():
    live = Live(
        [entry(BASKET, collateral={"BTC": D(1), "ETH": D(0)}), entry(BASKET, collateral={"BTC": D(1), "ETH": D(2)})]
    )
    found = at(live, prices("20000"))
    assert (found.unpriced, len(found.sales)) == (2, 0)  # tested positions still hold the empty asset
    made = sums(live, prices("20000"))
    assert set(made.buckets) == {("USDT", UNPRICED)}
    assert made.assets["USDT"].unpriced == 1
    assert made.assets["USDT"].value == 20000


def test_an_empty_book_has_empty_sums():
    live = Live([])
    assert at(live, {}).sums == {}
    assert sums(live, {}).assets == {}


def test_a_shock_in_steps_is_a_part_of_each_change():
    half = shocked(prices("30000", "2000"), {"BTC": D("-0.3")}, Fraction(1, 3))
    assert half == {("BTC", "USDT"): 27000, ("ETH", "USDT"): 2000}


def test_a_random_book_agrees_with_each_loan_by_itself():
    dice = Random(7)
    entries = []
    for _ in range(300):
        product = dice.choice([BTC, BASKET, PARTIAL])
        held = {asset: D(dice.randrange(1, 500)) / 100 for asset in product.collaterals}
        worth = held.get("BTC", 0) * 30000 + held.get("ETH", 0) * 2000
        exact_line = dice.choice([D("0.8"), D("0.7"), D(dice.randrange(3000, 9900)) / 10000])
        entries.append(
            entry(product, principal=str(max((worth * exact_line).quantize(D("0.01")), D(1))), collateral=held)
        )
    live, total = Live(entries), D(0)
    for btc, eth in (("30000", "2000"), ("24600", "1640"), ("25500", "1500"), ("21000.37", "2100.01")):
        given = prices(btc, eth)
        found, by_hand = at(live, given), [worst_line(each.at(given)) for each in entries]
        assert [LEVEL_AT[line].rank for line in by_hand] == list(live.ranks(given))
        assert len(found.sales) == sum(line in {Line.ACTUAL, Line.HARD} for line in by_hand)
        for each in found.sales:
            whole = each.entry.owed.total + each.fee + each.surplus - each.shortfall
            assert each.proceeds == whole or each.entry.product is PARTIAL
        total += found.sums["USDT"].shortfall
        for each, bucket in zip(entries, live.buckets(given), strict=True):
            healthy = shown_health(each.at(given))
            above = EDGES[bucket - 1] if bucket else D(0)
            assert above <= healthy and (bucket == len(EDGES) or healthy <= EDGES[bucket] + D("1e-8"))
            assert (bucket == 0) == is_hit(each.at(given), Line.DISPLAYED)
    assert total > 0
