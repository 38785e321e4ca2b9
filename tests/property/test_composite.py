"""What must hold for every composite: order does not matter, scale does not matter, the price stays inside what agreed."""

import itertools
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from markets.composite.rules import VenueInput, capped_weights, composite
from markets.composite.states import CompositeState

TICK = Decimal("0.01")
CENTS = st.integers(min_value=9_000_00, max_value=11_000_00)
VOLUMES = st.one_of(st.none(), st.integers(min_value=0, max_value=10**6).map(Decimal))


@st.composite
def quotes(draw, *, least=0, most=7):
    made = []
    for n in range(draw(st.integers(least, most))):
        mid, half = Decimal(draw(CENTS)) / 100, Decimal(draw(st.integers(1, 500))) / 100
        made.append(VenueInput(venue=f"v{n}", bid=mid - half, ask=mid + half, volume_24h=draw(VOLUMES)))
    return made


@given(quotes(), st.randoms())
def test_the_order_of_venues_does_not_matter(venues, random):
    shuffled = list(venues)
    random.shuffle(shuffled)
    one, other = composite(venues, tick=TICK), composite(shuffled, tick=TICK)
    # the twelfth decimal of equal weights may go to another venue
    assert (one.state, one.usable) == (other.state, other.usable)
    if one.exact is not None and other.exact is not None:
        assert abs(one.exact - other.exact) < Decimal("1e-6")


@given(quotes())
def test_state_price_and_weights_agree(venues):
    made = composite(venues, tick=TICK)
    used = [c for c in made.constituents if c.used]
    assert made.state is CompositeState.of(len(used))
    assert [c.venue for c in made.constituents] == [v.venue for v in venues]
    if not used:
        assert made.price is None
        return
    assert sum(c.weight for c in used) == 1
    assert all(c.weight <= max(Decimal("0.5"), Decimal(1) / len(used)) + Decimal("1e-12") for c in used)
    assert min(c.mid for c in used) - TICK <= made.price <= max(c.mid for c in used) + TICK
    assert made.price % TICK == 0
    assert made.confidence >= 0


@given(quotes(least=3), st.integers(1, 6))
def test_prices_scale(venues, power):
    factor = Decimal(10) ** power
    scaled = [
        VenueInput(venue=v.venue, bid=v.bid * factor, ask=v.ask * factor, volume_24h=v.volume_24h) for v in venues
    ]
    one, other = composite(venues, tick=TICK), composite(scaled, tick=TICK * factor)
    assert (one.price is None) == (other.price is None)
    if one.price is not None:
        assert one.price * factor == other.price


@given(quotes(least=3), st.integers(2, 1000))
def test_one_wild_venue_changes_nothing_but_itself(venues, factor):
    mids = [(v.bid + v.ask) / 2 for v in venues]
    if (max(mids) / min(mids)) > Decimal("1.02"):
        venues = [VenueInput(venue=v.venue, bid=Decimal(9999), ask=Decimal(10001)) for v in venues]
    wild = VenueInput(
        venue="wild", bid=Decimal(10000 * factor - 1), ask=Decimal(10000 * factor + 1), volume_24h=Decimal(10**9)
    )
    without, beside = composite(venues, tick=TICK), composite([*venues, wild], tick=TICK)
    assert without.price == beside.price
    assert without.confidence == beside.confidence


@given(st.lists(st.integers(0, 10**9).map(Decimal), min_size=2, max_size=8))
def test_capped_weights_sum_to_one_and_none_is_above_the_cap(volumes):
    weights = capped_weights(volumes, cap=Decimal("0.5"))
    assert sum(weights) == 1
    assert max(weights) <= Decimal("0.5") + Decimal("1e-12")
    ordered = sorted(range(len(volumes)), key=lambda i: volumes[i])
    assert all(weights[a] <= weights[b] + Decimal("1e-12") for a, b in itertools.pairwise(ordered))
