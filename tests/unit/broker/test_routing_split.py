"""The split: its vectors, what it equals on small cases when everything is tried, and that a thousand random books never make it dear."""

import random
from decimal import Decimal
from itertools import pairwise

import pytest

from broker.routing.split import _Market, solve
from rivermouth.prove.routing import check, random_problem, recorded_problem
from tests.routing_books import brute_force, make_grid, make_offer, make_problem, random_levels

D = Decimal
A = make_offer("a", (100, "0.5"), ("100.30", 1), fee="0.002")
B = make_offer("b", ("100.05", "0.6"), ("100.20", 1), fee="0.0005")


def amounts(split):
    return {part.venue: part.quantity for part in split.parts}


def test_the_vector_of_the_fee_adjusted_merge():
    found = solve(make_problem(A, B))
    assert {p.venue: (p.quantity, p.limit_price) for p in found.parts} == {
        "a": (D("0.4"), D("100.00")),
        "b": (D("0.6"), D("100.05")),
    }
    assert found.effective == D("100.140015")
    blind = A.fee * D("0.5") * 100 + B.fee * D("0.5") * D("100.05") + D("0.5") * 100 + D("0.5") * D("100.05")
    assert blind == D("100.1500125"), "half and half by price alone"
    assert (found.single.venue, found.single.effective) == ("b", D("100.160055"))


def test_the_vector_of_the_limit_on_effective_prices():
    found = solve(make_problem(A, B, quantity="3", worst_effective=D("100.22")))
    assert amounts(found) == {"a": D("0.5"), "b": D("0.6")}
    assert 3 - found.filled == D("1.9")


def test_what_flooring_leaves_goes_to_the_venue_with_room():
    coarse = make_offer("coarse", (99, "0.55"), fee="0", grid=make_grid(step="0.1", minimum="0.1"))
    fine = make_offer("fine", (100, 5), fee="0", grid=make_grid(step="0.01", minimum="0.01"))
    assert amounts(solve(make_problem(coarse, fine))) == {"coarse": D("0.5"), "fine": D("0.5")}


def test_a_minimum_is_taken_whole_or_not_at_all():
    cheap = make_offer("cheap", (99, "0.3"), (101, 5), fee="0", grid=make_grid(step="0.1", minimum="0.5"))
    dear = make_offer("dear", ("99.9", 5), fee="0")
    assert amounts(solve(make_problem(cheap, dear))) == {"cheap": D("0.5"), "dear": D("0.5")}, "saves 0.27, costs 0.22"
    farther = make_offer("cheap", (99, "0.3"), (102, 5), fee="0", grid=make_grid(step="0.1", minimum="0.5"))
    assert amounts(solve(make_problem(farther, dear))) == {"dear": D(1)}


def test_nothing_to_choose_from():
    empty = solve(make_problem(make_offer("a")))
    assert (empty.parts, empty.filled, empty.single) == ((), 0, None)
    assert solve(make_problem()).parts == ()


def test_more_venues_than_subsets_are_tried_for():
    offers = [make_offer(f"v{n}", (100 + n, "0.1"), fee="0") for n in range(9)]
    assert amounts(solve(make_problem(*offers, quantity="0.3"))) == {f"v{n}": D("0.1") for n in range(3)}


def small_case(rng):
    side = rng.choice(["buy", "sell"])
    steps = rng.choice([["1"], ["0.5"], ["1", "0.5"], ["1", "0.5", "0.25"]])
    offers = []
    for venue in "abc"[: rng.randint(1, 3)]:
        levels, step = random_levels(rng, side=side, levels=4, largest=4), rng.choice(steps)
        grid = make_grid(step=step, minimum=rng.choice([step, "1", "2"]), notional=rng.choice(["0", "0", "150"]))
        usable = None if rng.random() < 0.6 else D(rng.randint(1, 6)) * (100 if side == "buy" else 1)
        offers.append(
            make_offer(
                venue,
                *levels,
                fee=rng.choice(["0.001", "0.002", "0.0005"]),
                grid=grid,
                haircut=D(rng.choice(["1", "0.8"])),
                usable=usable,
                fee_on_top=D(rng.choice(["0", "0.001"])),
                skew=D(rng.choice(["0", "0.0003"])),
            )
        )
    return make_problem(*offers, side=side, quantity=str(rng.randint(1, 9)), saving=rng.choice(["0", "1", "20"]))


@pytest.mark.parametrize("seed", range(4))
def test_small_cases_equal_the_best_of_all_possible_splits(seed):
    rng = random.Random(seed)
    for _ in range(150):
        problem = small_case(rng)
        found = solve(problem)
        market = _Market(problem, whole=found.whole_display)
        index = {offer.venue: i for i, offer in enumerate(problem.offers)}
        total = sum((market.venues[index[p.venue]].total(p.quantity) + market.per_venue for p in found.parts), D(0))
        assert (found.filled, total) == brute_force(problem, whole=found.whole_display), problem


def test_a_thousand_random_books():
    """Never dearer than the best venue alone, never off a grid, under a minimum, over the funds or beyond the limit."""
    rng = random.Random(4)
    splits = 0
    for _ in range(1000):
        problem = recorded_problem(rng) if rng.random() < 0.3 else random_problem(rng)
        found = solve(problem)
        assert check(problem, found) == []
        splits += len(found.parts) > 1
    assert splits > 100, "books that never split prove nothing"


def test_the_same_problem_gives_the_same_split():
    problems = [random_problem(random.Random(8)) for _ in range(3)]
    assert all(solve(one) == solve(other) for one, other in pairwise(problems))
