"""Small books for the router, and the optimum of a small case found by trying everything."""

import itertools
from decimal import Decimal

from broker.routing.split import BPS, Offer, Problem, limit_at
from venues.grids import Grid

D = Decimal


def make_grid(tick="0.01", step="0.00001", minimum="0.00001", notional="0"):
    return Grid(tick=D(tick), step=D(step), min_quantity=D(minimum), min_notional=D(notional))


def make_offer(venue, *levels, fee="0.001", grid=None, worst=None, side="buy", **more):
    pairs = tuple((D(str(p)), D(str(q))) for p, q in levels)
    limit = D(str(worst)) if worst is not None else (pairs[-1][0] if pairs else D(1))
    return Offer(venue=venue, levels=pairs, worst_limit=limit, fee=D(fee), grid=grid or make_grid(), **more)


def make_problem(*offers, side="buy", quantity="1", saving="0", **more):
    return Problem(side=side, quantity=D(quantity), min_saving_bps=D(saving), offers=tuple(offers), **more)


def unit_cost(problem, offer, amount, *, haircut):
    """The sum of unit costs of `amount` at a venue and the price it ends at; None where the levels end before. No shared code."""
    total, left, touched = D(0), amount, None
    for price, size in offer.levels:
        rate = offer.fee + offer.skew
        unit = price * (1 + rate) if problem.side == "buy" else -price * (1 - rate)
        if problem.worst_effective is not None and abs(unit) > problem.worst_effective and problem.side == "buy":
            break
        part = min(size * haircut, left)
        total, left, touched = total + part * unit, left - part, price
        if left == 0:
            return total, touched
    return None


def brute_force(problem, *, whole=False):
    """(filled, total cost with what every venue must save) of the best of all possible amounts on the grids."""
    best_unit = None
    choices = []
    for offer in problem.offers:
        haircut = D(1) if whole else offer.haircut
        grid, options = offer.grid, [(D(0), D(0))]
        for n in itertools.count(1):
            amount = n * grid.step
            found = unit_cost(problem, offer, amount, haircut=haircut) if amount <= problem.quantity else None
            if found is None:
                break
            cost, touched = found
            lowest = offer.levels[0][0] if problem.side == "buy" else offer.worst_limit
            fits = amount >= grid.min_quantity and amount * lowest >= grid.min_notional
            if offer.usable is not None:
                spent = amount
                if problem.side == "buy":
                    spent = amount * limit_at(offer, "buy", touched) * (1 + offer.fee_on_top)
                fits = fits and spent <= offer.usable
            if fits:
                options.append((amount, cost))
        first = unit_cost(problem, offer, D("1e-9"), haircut=haircut)
        if first is not None:
            best_unit = min(first[0] * 10**9, best_unit or first[0] * 10**9)
        choices.append(options)
    per_venue = problem.min_saving_bps * BPS * problem.quantity * abs(best_unit or 0)
    best = (D(0), D(0))
    for combination in itertools.product(*choices):
        filled = sum((amount for amount, _ in combination), D(0))
        if filled > problem.quantity:
            continue
        total = sum((cost for _, cost in combination), D(0)) + per_venue * sum(1 for amount, _ in combination if amount)
        best = min(best, (-filled, total))
    return -best[0], best[1]


def random_levels(rng, *, side, middle=100.0, tick="0.01", levels=6, largest=8, digits=1, spread=0.5):
    """Levels best first on a tick, rising away from the middle."""
    step, sign = D(tick), 1 if side == "buy" else -1
    at = (D(str(round(middle + sign * rng.uniform(-spread, spread), 4))) / step).to_integral_value() * step
    made = []
    for _ in range(rng.randint(1, levels)):
        made.append((at, D(str(round(rng.uniform(0.1, largest), digits))) or D("0.1")))
        at += sign * step * rng.randint(1, 60)
    return made
