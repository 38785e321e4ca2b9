"""The composite price in exact decimals: median, exclusion, clamp, capped volume weights.

    eligible → M0 = median of mids → leave out what is more than 3 % off → M = median of the rest
             → clamp each mid to M ± 0.5 % → weigh by 24 h volume, no share above max(1/2, 1/n) → P = Σ w·p

The median makes one wild venue harmless, the clamp bounds what a nearly plausible one can move, the cap keeps the largest venue from
being the price. P is shown, values collateral and bounds orders; it is never the price of an execution. What needs memory (penalty box,
jumps) stands in `history`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from kernel.money import half_even_to, split_largest_remainder
from markets.composite.states import CompositeState, Reason

ZERO, ONE, HALF = Decimal(0), Decimal(1), Decimal("0.5")
WEIGHT_SCALE = (
    12  # weights are exact at this scale and sum to 1, so that a price can be computed again from what is shown
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeRules:
    """Fractions of a price: k, c, the cap of one venue's share, the widest spread, and how far two venues may differ for `best`."""

    exclude_beyond: Decimal = Decimal("0.03")
    clamp_to: Decimal = Decimal("0.005")
    weight_cap: Decimal = HALF
    widest_spread: Decimal = Decimal("0.02")
    pair_differs_beyond: Decimal = Decimal("0.01")


DEFAULT_RULES = CompositeRules()
SOUND = frozenset({None, Reason.BOXED, Reason.MANUAL})  # the quote itself is good, whatever its venue did before


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueInput:
    """One venue's best prices as they are now; `barred` is why it may not take part whatever it shows."""

    venue: str
    bid: Decimal | None
    ask: Decimal | None
    volume_24h: Decimal | None = None
    weight_factor: Decimal = ONE
    age_s: float = 0.0
    max_age_s: float = 2.0
    barred: Reason | None = None
    boxed: Reason | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Constituent:
    """A venue's part in the price; `deviation` is |p / median − 1| for every venue with a fresh, sound quote."""

    venue: str
    mid: Decimal | None = None
    weight: Decimal = ZERO
    used: bool = False
    reason: Reason | None = None
    deviation: Decimal | None = None
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """`price` lies on the tick, None in HALT; `pair_differs` denies `best` market orders on two venues that disagree."""

    price: Decimal | None
    exact: Decimal | None
    state: CompositeState
    confidence: Decimal | None
    constituents: tuple[Constituent, ...]
    pair_differs: bool = False

    @property
    def usable(self) -> int:
        return sum(c.used for c in self.constituents)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is found out about each venue on the way to the price, by name."""

    venues: Sequence[VenueInput]
    mids: dict[str, Decimal | None]
    reasons: dict[str, Reason | None]
    deviations: dict[str, Decimal]
    weights: dict[str, Decimal]

    def constituents(self) -> tuple[Constituent, ...]:
        return tuple(
            Constituent(
                venue=v.venue,
                mid=self.mids[v.venue],
                weight=self.weights.get(v.venue, ZERO),
                used=v.venue in self.weights,
                reason=self.reasons[v.venue],
                deviation=self.deviations.get(v.venue),
                sequence=v.sequence,
            )
            for v in self.venues
        )


def composite(venues: Sequence[VenueInput], *, tick: Decimal, rules: CompositeRules = DEFAULT_RULES) -> Composite:
    """Weigh what the venues show into one price.

    Source: reference "broker", composite price.
    """
    draft = _Draft(venues, {v.venue: mid(v) for v in venues}, {v.venue: refusal(v, rules) for v in venues}, {}, {})
    sound = {n: m for n, m in draft.mids.items() if m is not None and draft.reasons[n] in SOUND}
    eligible = [n for n in sound if draft.reasons[n] is None]
    if not eligible:
        return _halt(draft)
    first = median([sound[n] for n in eligible])
    for name, price in sound.items():
        draft.deviations[name] = abs(price / first - 1)
    included = [n for n in eligible if draft.deviations[n] <= rules.exclude_beyond]
    draft.reasons.update(dict.fromkeys(set(eligible) - set(included), Reason.DEVIATES))
    if not included:
        return _halt(draft)
    middle = median([sound[n] for n in included])
    if middle != first:  # measured again: the rest knows better than a median with outliers in it
        again = (n for n in sound if draft.reasons[n] is not Reason.DEVIATES)
        draft.deviations.update({n: abs(sound[n] / middle - 1) for n in again})
    wanted = set(included)
    return _weigh(draft, [v for v in venues if v.venue in wanted], sound, middle, tick, rules)


def _weigh(
    draft: _Draft,
    included: Sequence[VenueInput],
    mids: Mapping[str, Decimal],
    middle: Decimal,
    tick: Decimal,
    rules: CompositeRules,
) -> Composite:
    weights = [ONE / len(included)] * len(included)
    if len(included) > 2:  # two venues: their plain mean
        weights = capped_weights(known_volumes(included), cap=rules.weight_cap)
    low, high = middle * (1 - rules.clamp_to), middle * (1 + rules.clamp_to)
    exact = ZERO
    for venue, weight in zip(included, weights, strict=True):
        price = mids[venue.venue]
        clamped = min(max(price, low), high)
        exact += weight * clamped
        draft.weights[venue.venue] = weight
        if clamped != price:
            draft.reasons[venue.venue] = Reason.CLAMPED
    prices = [mids[v.venue] for v in included]
    return Composite(
        price=half_even_to(exact, tick),
        exact=exact,
        state=CompositeState.of(len(included)),
        confidence=confidence(included, exact),
        constituents=draft.constituents(),
        pair_differs=len(included) == 2 and max(prices) / min(prices) - 1 > rules.pair_differs_beyond,
    )


def _halt(draft: _Draft) -> Composite:
    return Composite(
        price=None, exact=None, state=CompositeState.HALT, confidence=None, constituents=draft.constituents()
    )


def mid(venue: VenueInput) -> Decimal | None:
    return (venue.bid + venue.ask) / 2 if venue.bid is not None and venue.ask is not None else None


def refusal(venue: VenueInput, rules: CompositeRules) -> Reason | None:
    """Why a venue is not eligible; what its quote is like comes before what it did earlier."""
    if venue.barred is not None:
        return venue.barred
    if venue.age_s > venue.max_age_s:
        return Reason.STALE
    if venue.bid is None or venue.ask is None:
        return Reason.ONE_SIDED
    if venue.bid >= venue.ask:
        return Reason.CROSSED
    if (venue.ask - venue.bid) * 2 > rules.widest_spread * (venue.bid + venue.ask):
        return Reason.WIDE
    return venue.boxed


def median(values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def known_volumes(venues: Sequence[VenueInput]) -> list[Decimal]:
    """Volume × factor; a venue whose volume is unknown counts like the smallest known one, and all alike where none is known."""
    known = [v.volume_24h for v in venues if v.volume_24h is not None and v.volume_24h > 0]
    smallest = min(known, default=ONE)
    return [(v.volume_24h or smallest) * v.weight_factor for v in venues]


def capped_weights(volumes: Sequence[Decimal], *, cap: Decimal) -> list[Decimal]:
    """Shares that sum to 1 with none above max(cap, 1/n): cap, hand the excess to the others in proportion, until none exceeds.

    Capping before normalising would be no cap: what the others lack would come back to the largest.
    """
    limit = max(cap, ONE / len(volumes))
    total = sum(volumes, ZERO)
    weights = [v / total if total else ONE / len(volumes) for v in volumes]
    at_cap: set[int] = set()
    while over := [i for i, w in enumerate(weights) if w > limit and i not in at_cap]:
        at_cap.update(over)
        free = [i for i in range(len(weights)) if i not in at_cap]
        rest, room = sum((weights[i] for i in free), ZERO), ONE - limit * len(at_cap)
        for i in free:
            weights[i] = weights[i] * room / rest if rest else room / len(free)
        for i in at_cap:
            weights[i] = limit
    return split_largest_remainder(ONE, weights, WEIGHT_SCALE)


def confidence(venues: Sequence[VenueInput], price: Decimal) -> Decimal:
    """max(P − q25, q75 − P) over the votes {bid, mid, ask} of the included venues, unclamped."""
    votes = sorted(chain.from_iterable((v.bid or ZERO, mid(v) or ZERO, v.ask or ZERO) for v in venues))
    return max(price - quantile(votes, Decimal("0.25")), quantile(votes, Decimal("0.75")) - price)


def quantile(ordered: Sequence[Decimal], fraction: Decimal) -> Decimal:
    """By linear interpolation between the neighbours of position (n − 1)·fraction."""
    position = fraction * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
