"""Venues' tables, and what this process believes they charge."""

from decimal import Decimal
from itertools import pairwise

import pytest

from broker.venue_fees import rules
from venues import fee_tiers, fees
from venues.accounts import VENUES

D = Decimal


@pytest.mark.parametrize("venue", VENUES)
def test_tables_begin_at_zero_and_get_cheaper(venue):
    table = fee_tiers.TIERS[venue]
    assert table[0].min_volume == 0
    assert table[0].taker == fees.TAKER_FEES[venue], "the first tier is the default of a first start"
    for lower, higher in pairwise(table):
        assert higher.min_volume > lower.min_volume
        assert (higher.maker, higher.taker) <= (lower.maker, lower.taker)


def test_what_a_venue_reports_goes_before_the_default():
    fees.learn({"kraken": D("0.0024")})
    assert (fees.taker_fee("kraken"), fees.fee_on_top_in_quote("kraken")) == (D("0.0024"), D("0.0024"))
    assert (fees.taker_fee("binance"), fees.taker_fee("nowhere")) == (D("0.001"), fees.UNKNOWN_FEE)
    fees.learn({})
    assert fees.taker_fee("kraken") == D("0.0026")


def test_progress_says_what_is_missing_and_what_it_would_save():
    now = rules.progress("kraken", volume=D(40_000), paid=D(104), reported_taker=D("0.0026"))
    assert (now.tier.tier, now.next_tier.tier, now.missing, now.share) == (0, 1, D(10_000), D("0.8"))
    assert (now.would_have_saved, now.charged_rate, now.as_published) == (D(8), D("0.0026"), True)
    last = rules.progress("kraken", volume=D(10**9), paid=D(0), reported_taker=D("0.0026"))
    assert (last.next_tier, last.missing, last.would_have_saved, last.as_published) == (None, None, None, False)
    unknown = rules.progress("elsewhere", volume=D(0), paid=D(0), reported_taker=None)
    assert (unknown.tier, unknown.charged_rate, unknown.planned_with) == (None, None, fees.UNKNOWN_FEE)
