"""Routing under ten thousand books: every split beside the best venue alone, and beside every rule that a venue would refuse it for.

The books are cut from recordings where `RIVERMOUTH_RECORDINGS` names some, shifted, scaled and thinned into venues, and made at random
elsewhere. The costs are added up again here, level by level, with nothing of the router's own arithmetic.
"""

from __future__ import annotations

import csv
import json
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

from broker.routing import codec
from broker.routing.split import Offer, Part, Problem, Split, solve
from rivermouth.prove.report import Report
from venues.books import Level
from venues.grids import Grid

D = Decimal
FEES = ("0", "0.0005", "0.001", "0.0015", "0.002", "0.0026")
STEPS = ("0.00000001", "0.00001", "0.0001", "0.001", "0.01")


def prove(*, books: int = 10_000, folder: Path | None = None, seed: int = 7) -> int:
    report = Report(
        "routing",
        "routing beside the best single venue",
        ("books", "count", "split", "filled whole", "mean saving bps", "most legs", "broken rules", "median us"),
    )
    recorded = recordings()
    source = ", ".join(sorted({name for name, _, _ in recorded})) or "none: the setting RIVERMOUTH_RECORDINGS is absent"
    report.notes.append(f"recorded books: {len(recorded)} from {source}")
    rng = random.Random(seed)
    kinds = (
        (("recorded", recorded_problem), ("generated", random_problem))
        if recorded
        else (("generated", random_problem),)
    )
    for name, make in kinds:
        _row(report, name, [make(rng) for _ in range(books // len(kinds))])
    return report.finish(folder)


def _row(report: Report, name: str, problems: Sequence[Problem]) -> None:
    legs: Counter[int] = Counter()
    broken: list[str] = []
    took, saved, whole = [], D(0), 0
    for problem in problems:
        began = time.perf_counter()
        found = solve(problem)
        took.append(time.perf_counter() - began)
        broken += check(problem, found)
        if solve(codec.read_problem(json.loads(json.dumps(codec.problem(problem))))) != found:
            broken.append("a stored problem gives another split")
        legs[len(found.parts)] += 1
        whole += found.filled == problem.quantity
        if found.single is not None and found.single.quantity == found.filled and len(found.parts) > 1:
            saved += abs(found.single.effective - found.effective) / found.single.effective * 10_000
    splits = sum(count for number, count in legs.items() if number > 1)
    median = sorted(took)[len(took) // 2] * 1e6
    mean = f"{saved / max(splits, 1):.2f}"
    report.row(name, len(problems), splits, whole, mean, max(legs), len(broken), f"{median:.0f}")
    report.require(not broken, f"{name}: {broken[:3]}")
    report.require(splits > len(problems) // 10, f"{name}: {splits} splits prove little")


def check(problem: Problem, found: Split) -> list[str]:
    """What is wrong with a split, in words; its costs are computed again from the levels."""
    offers = {offer.venue: offer for offer in problem.offers}
    wrong = [text for part in found.parts for text in _refused(problem, offers[part.venue], part)]
    if len(offers) != len(problem.offers) or len({part.venue for part in found.parts}) != len(found.parts):
        wrong.append("a venue twice")
    if found.filled > problem.quantity or found.filled != sum((part.quantity for part in found.parts), D(0)):
        wrong.append("more than was asked for")
    total = sum(
        (_unit_cost(problem, offers[p.venue], p.quantity, whole=found.whole_display) or D(0) for p in found.parts), D(0)
    )
    for offer in problem.offers:
        alone = _alone(problem, offer, whole=found.whole_display)
        if alone is None:
            continue
        if alone > found.filled:
            wrong.append(f"{offer.venue} alone fills more")
        if alone == found.filled:
            cost = _unit_cost(problem, offer, alone, whole=found.whole_display)
            if cost is not None and cost < total:
                wrong.append(f"{offer.venue} alone is cheaper by {total - cost}")
    return wrong


def _refused(problem: Problem, offer: Offer, part: Part) -> list[str]:
    grid, wrong = offer.grid, []
    if part.quantity % grid.step or part.quantity < grid.min_quantity:
        wrong.append(f"{part.venue}: {part.quantity} is off the grid or too little")
    if part.quantity * part.limit_price < grid.min_notional:
        wrong.append(f"{part.venue}: {part.quantity * part.limit_price} is under the minimum notional")
    buying = problem.side == "buy"
    if (part.limit_price > offer.worst_limit) if buying else (part.limit_price < offer.worst_limit):
        wrong.append(f"{part.venue}: {part.limit_price} is beyond the limit")
    if (grid.floor_price(part.limit_price) if buying else grid.ceil_price(part.limit_price)) != part.limit_price:
        wrong.append(f"{part.venue}: {part.limit_price} is off the grid")
    reach = sum((q for p, q in offer.levels if (p <= part.limit_price if buying else p >= part.limit_price)), D(0))
    if reach < part.quantity:
        wrong.append(f"{part.venue}: its limit reaches {reach} of {part.quantity}")
    spent = part.quantity * part.limit_price * (1 + offer.fee_on_top) if buying else part.quantity
    if offer.usable is not None and spent > offer.usable:
        wrong.append(f"{part.venue}: {spent} is more than our funds")
    return wrong


def _unit_cost(problem: Problem, offer: Offer, quantity: Decimal, *, whole: bool) -> Decimal | None:
    """What `quantity` costs there with fee and skew (minus what it brings, selling); None where the levels end before."""
    total, left = D(0), quantity
    for price, size in offer.levels:
        part = min(left, size if whole else size * offer.haircut)
        rate = offer.fee + offer.skew
        total += part * price * (1 + rate) if problem.side == "buy" else -part * price * (1 - rate)
        left -= part
        if left == 0:
            return total
    return None


def _alone(problem: Problem, offer: Offer, *, whole: bool) -> Decimal | None:
    """The most that this venue alone would take and we could pay for; None where it is too little for the venue."""
    grid, most, depth = offer.grid, D(0), D(0)
    for price, shown in offer.levels:
        depth += shown if whole else shown * offer.haircut
        paid = depth
        if offer.usable is not None:
            limit = min(grid.ceil_price(price), offer.worst_limit) * (1 + offer.fee_on_top)
            paid = min(depth, offer.usable / limit if problem.side == "buy" else offer.usable)
        most = max(most, paid)
    most = grid.floor_quantity(min(most, problem.quantity))
    worst = offer.levels[0][0] if problem.side == "buy" and offer.levels else offer.worst_limit
    return None if grid.too_small(most, worst) else most


@cache
def recordings() -> tuple[tuple[str, tuple[Level, ...], tuple[Level, ...]], ...]:
    """(file, asks, bids) of every book in the folder that the setting names."""
    folder = os.environ.get("RIVERMOUTH_RECORDINGS")
    return () if not folder else (*_depth(Path(folder)), *_streamed(Path(folder)))


def _depth(folder: Path) -> list[tuple[str, tuple[Level, ...], tuple[Level, ...]]]:
    path = folder / "btcusdt-depth-snap.csv"
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        rows = [(row["side"], (D(row["price"]), D(row["qty"]))) for row in csv.DictReader(file)]
    asks = tuple(sorted(level for side, level in rows if side == "a"))
    return [(path.name, asks, tuple(sorted((level for side, level in rows if side == "b"), reverse=True)))]


def _streamed(folder: Path) -> list[tuple[str, tuple[Level, ...], tuple[Level, ...]]]:
    """A snapshot and its deltas, as the book stands after each of them."""
    path = folder / "bybit-xrpusdt-ob500.jsonl"
    if not path.is_file():
        return []
    books = []
    sides: dict[str, dict[Decimal, Decimal]] = {"a": {}, "b": {}}
    for line in path.read_text().splitlines():
        message = json.loads(line)
        if message["type"] == "snapshot":
            sides = {"a": {}, "b": {}}
        for key, side in sides.items():
            side.update((D(price), D(size)) for price, size in message["data"][key])
        asks, bids = ({p: q for p, q in sides[key].items() if q} for key in "ab")
        books.append((path.name, tuple(sorted(asks.items())[:80]), tuple(sorted(bids.items(), reverse=True)[:80])))
    return books


def recorded_problem(rng: random.Random) -> Problem:
    """Two to six venues that show a recorded book: each from another moment, at another price, thinner or deeper."""
    books = recordings()
    if not books:
        return random_problem(rng)
    name, asks, bids = rng.choice(books)
    side = rng.choice(
        [side for side, levels in (("buy", asks), ("sell", bids)) if levels]
    )  # a recording may have one side
    moments = [m for other, *both in books if other == name and (m := both[side == "sell"])]
    tick = D(1).scaleb(min(int(price.as_tuple().exponent) for price, _ in moments[0]))
    offers = []
    for n in range(rng.randint(2, 6)):
        source = rng.choice(moments)
        shift, factor = tick * rng.randint(-20, 20), D(rng.randint(5, 200)) / 100
        levels = [(price + shift, size * factor) for price, size in source if rng.random() < 0.8 and price + shift > 0]
        offers.append(_offer(rng, f"v{n}", side, levels, tick))
    return _problem(rng, side, offers)


def random_problem(rng: random.Random) -> Problem:
    """One to six venues around one price, from coarse to fine grids, thin to deep, with and without known funds."""
    side, tick = rng.choice(("buy", "sell")), D(rng.choice(("0.01", "0.1", "1")))
    middle = D(rng.randint(50, 90_000))
    sign = 1 if side == "buy" else -1
    offers = []
    for n in range(rng.randint(1, 6)):
        price = max(middle + sign * tick * rng.randint(-5, 20), tick)
        levels: list[Level] = []
        for _ in range(rng.randint(0, 50)):
            levels.append((price, D(rng.randint(1, 200_000)) / rng.choice((10, 1000, 100_000))))
            price += sign * tick * rng.randint(1, 9)
            if price <= 0:
                break
        offers.append(_offer(rng, f"v{n}", side, levels, tick))
    return _problem(rng, side, offers)


def _offer(rng: random.Random, venue: str, side: str, levels: Sequence[Level], tick: Decimal) -> Offer:
    assert all((a[0] < b[0]) if side == "buy" else (a[0] > b[0]) for a, b in pairwise(levels))
    step = D(rng.choice(STEPS))
    end = levels[-1][0] if levels else tick
    funds = None
    if rng.random() < 0.3:
        depth = sum((size for _, size in levels), D(0)) * rng.randint(1, 120) / 100
        funds = depth * end if side == "buy" else depth
    return Offer(
        venue=venue,
        levels=tuple(levels),
        worst_limit=end,
        fee=D(rng.choice(FEES)),
        fee_on_top=D(rng.choice(("0", "0.0026"))) if side == "buy" else D(0),
        skew=D(rng.choice(("0", "0", "0.0001", "0.0005"))),
        haircut=D(rng.choice(("1", "0.8", "0.637"))),
        usable=funds,
        grid=Grid(tick=tick, step=step, min_quantity=step * rng.choice((1, 5)), min_notional=D(rng.choice((0, 5, 10)))),
    )


def _problem(rng: random.Random, side: str, offers: Sequence[Offer]) -> Problem:
    """Mostly less than what is shown; sometimes more, where the question is how much can be had."""
    shown = sum((size for offer in offers for _, size in offer.levels), D(0))
    share = D(rng.choice(("0.001", "0.02", "0.1", "0.3", "0.7", "1.2")))
    quantity = max((shown * share).quantize(D("0.00001")), D("0.00001"))
    return Problem(
        side=side, quantity=quantity, min_saving_bps=D(rng.choice(("0", "1", "1", "5"))), offers=tuple(offers)
    )
