"""The arithmetic of routing: how one quantity is split over venues so that it costs least with fees, and no venue refuses its part.

    unit cost e = p·(1 + f + λ) buying, −p·(1 − f − λ) selling; displayed sizes count with the haircut h of their venue
    as much as possible → as cheap as possible, where each venue used must save `min_saving_bps` of the order's worth

Merging all books by e is the optimum of rising marginal costs. Where the merge leaves a venue a part that it would refuse, or one that
saves too little, every subset of venues is solved again with its minimum taken first. Grids are met by flooring; what that leaves goes
where it costs least. Pure: the same problem gives the same split for ever, which is what makes a stored plan reproducible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from kernel.money import ceil_to, floor_to
from venues.books import Level
from venues.grids import Grid

ZERO, ONE = Decimal(0), Decimal(1)
BPS = Decimal("0.0001")
STEPS_WEIGH = Decimal("1e-4")  # of the quantity; below that a step more or less is worth nothing
MOST_VENUES = 6  # 2^6 subsets; of more venues the six that a merge without minima likes best


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One venue as routing sees it: levels best first, no worse than the order's limit on the venue's grid."""

    venue: str
    levels: tuple[Level, ...]
    worst_limit: Decimal
    best: Decimal | None = None  # the best price displayed, where that is beyond the limit and no level
    fee: Decimal
    fee_on_top: Decimal = ZERO  # the part of the fee that the venue takes in quote on top of a buy
    skew: Decimal = ZERO
    haircut: Decimal = ONE
    usable: Decimal | None = None  # of the asset that is spent; None: not known, or not to be asked
    grid: Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Everything a split depends on. `worst_effective` bounds the unit cost with fee and skew, where somebody wants that.

    `named`: there is one venue to go to. `blind` is the venue that gets the order at its limit when no venue shows anything.
    `whole`: one venue for all of it, or nobody.
    """

    side: str
    quantity: Decimal
    min_saving_bps: Decimal
    offers: tuple[Offer, ...]
    worst_effective: Decimal | None = None
    named: bool = False
    blind: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one venue gets. `cost` is quantity × price of the levels touched, `effective` the same with the venue's fee."""

    venue: str
    quantity: Decimal
    limit_price: Decimal
    cost: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """`single` is the best that one venue alone could have done; `wanted` is what a merge without minima would have given each venue."""

    side: str
    parts: tuple[Part, ...]
    filled: Decimal
    single: Part | None
    wanted: Mapping[str, Decimal]
    whole_display: bool  # the haircut was given up, for without it there was not enough

    @property
    def cost(self) -> Decimal:
        return sum((part.cost for part in self.parts), ZERO)

    @property
    def effective(self) -> Decimal:
        return sum((part.effective for part in self.parts), ZERO)


class _Venue:
    """An offer prepared for solving: blocks of (unit cost, size, price), and how much may and must be taken."""

    __slots__ = ("blocks", "capacity", "index", "minimum", "offer", "step")

    def __init__(self, index: int, offer: Offer, problem: Problem, *, haircut: Decimal) -> None:
        self.index, self.offer, self.step = index, offer, offer.grid.step
        buying, rate = problem.side == "buy", offer.fee + offer.skew
        factor = 1 + rate if buying else rate - 1
        worst = problem.worst_effective
        most = None if worst is None else (worst if buying else -worst)
        self.blocks = [
            (price * factor, size * haircut, price)
            for price, size in offer.levels
            if most is None or price * factor <= most
        ]
        shown = sum((size for _, size, _ in self.blocks), ZERO)
        paid = (
            problem.quantity
            if offer.usable is None
            else affordable(replace(offer, levels=self._counted()), problem.side)
        )
        self.capacity = floor_to(min(shown, problem.quantity, paid), self.step)
        self.minimum = self._least(problem.side) if self.blocks else ZERO

    def _counted(self) -> tuple[Level, ...]:
        return tuple((price, size) for _, size, price in self.blocks)

    def _least(self, side: str) -> Decimal:
        """The smallest quantity that the venue takes at every limit this part may end with."""
        grid = self.offer.grid
        lowest = self.blocks[0][2] if side == "buy" else self.offer.worst_limit
        return ceil_to(max(grid.min_quantity, grid.min_notional / lowest, self.step), self.step)

    @property
    def usable(self) -> bool:
        return bool(self.blocks) and self.capacity >= self.minimum

    def total(self, quantity: Decimal) -> Decimal:
        """Unit costs of the first `quantity`."""
        total = ZERO
        for unit, size, _ in self.blocks:
            part = min(size, quantity)
            total += part * unit
            quantity -= part
            if not quantity:
                break
        return total

    def between(self, low: Decimal, high: Decimal) -> Decimal:
        return self.total(high) - self.total(low)

    def next_piece(self, amount: Decimal, most: Decimal) -> Decimal:
        """What can be added at one price: whole steps to the end of the level, at least one."""
        end = ZERO
        for _, size, _ in self.blocks:
            end += size
            if end > amount:
                break
        most = floor_to(min(most, self.capacity - amount), self.step)
        return min(most, max(floor_to(end - amount, self.step), self.step))

    def last_piece(self, amount: Decimal, most: Decimal) -> Decimal:
        """What can be taken back at one price, down to the minimum."""
        start = ZERO
        for _, size, _ in self.blocks:
            if start + size >= amount:
                break
            start += size
        most = floor_to(min(ceil_to(most, self.step), amount - self.minimum), self.step)
        return min(most, max(floor_to(amount - start, self.step), self.step))

    def part(self, quantity: Decimal, side: str) -> Part:
        cost, left, touched = ZERO, quantity, self.blocks[0][2]
        for _, size, price in self.blocks:
            taken = min(size, left)
            cost += taken * price
            left -= taken
            touched = price
            if not left:
                break
        fee = self.offer.fee if side == "buy" else -self.offer.fee
        return Part(
            venue=self.offer.venue,
            quantity=quantity,
            limit_price=limit_at(self.offer, side, touched),
            cost=cost,
            effective=cost * (1 + fee),
        )


def affordable(offer: Offer, side: str) -> Decimal:
    """The most of the levels that our funds pay for, each quantity being reserved at the worst level it touches."""
    usable = offer.usable
    assert usable is not None
    if side == "sell":
        return usable
    on_top = 1 + offer.fee_on_top
    most = depth = ZERO
    for price, size in offer.levels:
        depth += size
        most = max(most, min(depth, usable / (limit_at(offer, side, price) * on_top)))
    return most


def limit_at(offer: Offer, side: str, price: Decimal) -> Decimal:
    """The limit that reaches the level at `price`: on the venue's grid, never beyond the order's own."""
    if side == "buy":
        return min(offer.grid.ceil_price(price), offer.worst_limit)
    return max(offer.grid.floor_price(price), offer.worst_limit)


def solve(problem: Problem) -> Split:
    """Split by what may be counted on; only where that is too little, by all that is displayed."""
    if problem.whole:
        return _undivided(problem)
    cautious = _solve(problem, whole=False)
    if cautious.filled == problem.quantity or all(offer.haircut == 1 for offer in problem.offers):
        return cautious
    daring = _solve(problem, whole=True)
    return daring if daring.filled > cautious.filled else cautious


@dataclass(frozen=True, slots=True)
class _Solution:
    amounts: dict[int, Decimal]
    filled: Decimal
    total: Decimal  # unit costs, and what each venue used must save

    @property
    def rank(self) -> tuple[Decimal, Decimal, int, tuple[int, ...]]:
        return -self.filled, self.total, len(self.amounts), tuple(self.amounts)


class _Market:
    """The venues of one problem and all their blocks in the order of the merge."""

    def __init__(self, problem: Problem, *, whole: bool) -> None:
        made = [_Venue(i, o, problem, haircut=ONE if whole else o.haircut) for i, o in enumerate(problem.offers)]
        self.problem = problem
        self.venues = {venue.index: venue for venue in made if venue.usable}
        self.blocks = sorted((unit, i, size) for i, venue in self.venues.items() for unit, size, _ in venue.blocks)
        best = min((venue.blocks[0][0] for venue in made if venue.blocks), default=ZERO)
        self.per_venue = problem.min_saving_bps * BPS * problem.quantity * abs(best)

    def merge(self, chosen: Mapping[int, Decimal]) -> dict[int, Decimal] | None:
        """Take the cheapest blocks of the chosen venues, after the quantity that each gets in any case; None if that is too much."""
        taken, skip = dict(chosen), dict(chosen)
        left = self.problem.quantity - sum(chosen.values(), ZERO)
        if left < 0:
            return None
        for _, i, shown in self.blocks:
            if not left:
                break
            if i not in taken:
                continue
            size, before = shown, skip[i]
            if before:
                skip[i] = max(before - size, ZERO)
                size -= before - skip[i]
            part = min(size, left, self.venues[i].capacity - taken[i])
            taken[i] += part
            left -= part
        return taken

    def solution(self, amounts: Mapping[int, Decimal]) -> _Solution:
        used = {i: amount for i, amount in amounts.items() if amount}
        total = sum((self.venues[i].total(amount) for i, amount in used.items()), ZERO)
        return _Solution(used, sum(used.values(), ZERO), total + len(used) * self.per_venue)

    def on_grids(self, amounts: Mapping[int, Decimal]) -> dict[int, Decimal]:
        """Floor each venue to its step; what that leaves goes where it costs least. Where steps weigh, they move while that saves."""
        floored = {i: floor_to(amount, self.venues[i].step) for i, amount in amounts.items()}
        left = sum(amounts.values(), ZERO) - sum(floored.values(), ZERO)
        if left:
            self._spread(floored, left)
            if sum(self.venues[i].step for i in amounts) > self.problem.quantity * STEPS_WEIGH:
                floored = self._improve(floored)
        return floored

    def _spread(self, amounts: dict[int, Decimal], left: Decimal, *, apart_from: int | None = None) -> None:
        """Give what is left to the cheapest next pieces."""
        while True:
            offers = [
                (venue.between(amounts[i], amounts[i] + size) / size, i, size)
                for i in amounts
                if i != apart_from and (size := (venue := self.venues[i]).next_piece(amounts[i], left)) > 0
            ]
            if not offers:
                return
            _, i, size = min(offers)
            amounts[i] += size
            left -= size

    def _gather(self, amounts: dict[int, Decimal], needed: Decimal, *, apart_from: int) -> Decimal:
        """Take back the dearest last pieces until that much is free; what was freed."""
        freed = ZERO
        while freed < needed:
            offers = [
                (venue.between(amounts[i] - size, amounts[i]) / size, i, size)
                for i in amounts
                if i != apart_from and (size := (venue := self.venues[i]).last_piece(amounts[i], needed - freed)) > 0
            ]
            if not offers:
                break
            _, i, size = max(offers)
            amounts[i] -= size
            freed += size
        return freed

    def _improve(self, amounts: dict[int, Decimal]) -> dict[int, Decimal]:
        """One step more or less for each venue, the others adapting, until no such change is better."""
        best, better = self.solution(amounts), True
        while better:
            better = False
            for trial in [self._changed(amounts, i, sign) for i in amounts for sign in (1, -1)]:
                found = None if trial is None else self.solution(trial)
                if trial is not None and found is not None and found.rank[:2] < best.rank[:2]:
                    amounts, best, better = trial, found, True
        return amounts

    def _changed(self, amounts: Mapping[int, Decimal], index: int, sign: int) -> dict[int, Decimal] | None:
        venue, trial = self.venues[index], dict(amounts)
        trial[index] += sign * venue.step
        if not venue.minimum <= trial[index] <= venue.capacity:
            return None
        left = self.problem.quantity - sum(trial.values(), ZERO)
        if left < 0:
            left += self._gather(trial, -left, apart_from=index)
        if left < 0:
            return None
        self._spread(trial, left, apart_from=index)
        return trial


def _solve(problem: Problem, *, whole: bool) -> Split:
    market = _Market(problem, whole=whole)
    if not market.venues:
        return Split(side=problem.side, parts=(), filled=ZERO, single=None, wanted={}, whole_display=whole)
    merged = market.merge(dict.fromkeys(market.venues, ZERO))
    assert merged is not None
    ideal = market.solution(merged)
    singles = [s for i in market.venues if (s := _of_subset(market, (i,))) is not None]
    best = min(singles, key=lambda s: s.rank) if singles else None
    single = best
    for subset in _subsets(market, ideal):
        bound = ideal.total + (len(subset) - len(ideal.amounts)) * market.per_venue
        if best is not None and best.filled == ideal.filled and bound >= best.total:
            continue
        found = _of_subset(market, subset)
        if found is not None and (best is None or found.rank < best.rank):
            best = found
    return Split(
        side=problem.side,
        parts=_parts(market, best),
        filled=best.filled if best else ZERO,
        single=_parts(market, single)[0] if single else None,
        wanted={problem.offers[i].venue: amount for i, amount in ideal.amounts.items()},
        whole_display=whole,
    )


def _undivided(problem: Problem) -> Split:
    """The venue that has all of it for the least; whoever shows less is not asked. All that is displayed counts: it is all or nothing."""
    market = _Market(problem, whole=True)
    alone = [s for i in market.venues if (s := _of_subset(market, (i,))) is not None and s.filled == problem.quantity]
    best = min(alone, key=lambda solution: solution.rank) if alone else None
    parts = _parts(market, best)
    return Split(
        side=problem.side,
        parts=parts,
        filled=best.filled if best else ZERO,
        single=parts[0] if parts else None,
        wanted={},
        whole_display=True,
    )


def _subsets(market: _Market, ideal: _Solution) -> Iterator[tuple[int, ...]]:
    """What the merge used comes first: it usually is the answer, and then the bound rules the others out."""
    liked = sorted(market.venues, key=lambda i: (-ideal.amounts.get(i, ZERO), market.venues[i].blocks[0][0], i))
    names = sorted(liked[:MOST_VENUES])
    first = tuple(sorted(set(ideal.amounts) & set(names)))
    yield first
    for size in range(2, len(names) + 1):
        for subset in combinations(names, size):
            if subset != first:
                yield subset


def _of_subset(market: _Market, subset: Sequence[int]) -> _Solution | None:
    """The cheapest way to use exactly these venues."""
    merged = market.merge({i: market.venues[i].minimum for i in subset})
    return None if merged is None else market.solution(market.on_grids(merged))


def _parts(market: _Market, solution: _Solution | None) -> tuple[Part, ...]:
    if solution is None:
        return ()
    return tuple(market.venues[i].part(amount, market.problem.side) for i, amount in sorted(solution.amounts.items()))
