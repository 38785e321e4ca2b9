"""Of every tree: each leaf's path leads to the root, and nothing of it can be changed unseen."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reserve_trees import Tree, copy, script
from wallet_bridge.reserves import rules
from wallet_bridge.reserves.errors import LeafImpossible
from wallet_bridge.reserves.rules import EMPTY, LIMIT, TILE, Node

verifier = script()
AMOUNTS = st.lists(st.integers(0, 10**24), min_size=1, max_size=40)


def calm(test):
    return settings(max_examples=60, deadline=None)(test)


def plain_root(leaves):
    """The definition itself: fill up to a power of two with empty leaves, then join pairs."""
    row = list(leaves) + [Node(hashlib.sha256(b"\x02").digest(), 0)] * ((1 << rules.depth(len(leaves))) - len(leaves))
    while len(row) > 1:
        row = [rules.join(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


@calm
@given(AMOUNTS)
def test_every_proof_leads_to_the_root_and_the_root_is_the_sum(amounts):
    tree = Tree(amounts)
    assert tree.root == plain_root(tree.leaves)
    assert tree.root.sum == sum(amounts)
    for position in range(len(amounts)):
        assert rules.climb(tree.leaves[position], tree.path(position), position=position) == tree.root
        assert verifier.verify(tree.proof(position), [tree.published]) == {
            "BTC": rules.Decimal(amounts[position]) * rules.unit(8)
        }


@pytest.mark.parametrize("size", [TILE - 1, TILE, TILE + 1, 2 * TILE, 3 * TILE + 7, 1])
def test_pieces_make_the_same_tree_as_the_whole(size):
    tree = Tree(range(size))
    assert tree.root == plain_root(tree.leaves)
    for position in {0, size - 1, size // 2, min(TILE, size - 1)}:
        assert verifier.verify(tree.proof(position), [tree.published])
    assert rules.unpack(rules.pack(tree.tops)) == tree.tops


def places(thing, at=()):
    """Every value inside a proof, by where it stands."""
    inner = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else None
    if inner is None:
        yield at
        return
    for key, value in inner:
        yield from places(value, (*at, key))


@calm
@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=9), st.data())
def test_any_change_of_a_proof_is_refused(amounts, data):
    tree = Tree(amounts)
    good = tree.proof(data.draw(st.integers(0, len(amounts) - 1)))
    bad = copy(good)
    place = data.draw(st.sampled_from(sorted(places(good), key=str)))
    spot = bad
    for step in place[:-1]:
        spot = spot[step]
    old = spot[place[-1]]
    if isinstance(old, int):
        new = old + data.draw(st.integers(-3, 3).filter(bool))
    else:
        at = data.draw(st.integers(0, len(old) - 1))
        new = (
            old[:at] + data.draw(st.sampled_from("0123456789abcdef-Zz").filter(lambda c: c != old[at])) + old[at + 1 :]
        )
    spot[place[-1]] = new
    if place == ("items", 0, "amount") and rules.Decimal(old) == _number(new):
        return  # the same number in another spelling
    if place == ("customer_id",) and new.replace("-", "") == old.replace("-", ""):
        return
    with pytest.raises((verifier.Wrong, KeyError, ValueError, ArithmeticError, AttributeError, TypeError)):
        verifier.verify(bad, [tree.published])


def _number(text):
    try:
        return rules.Decimal(text)
    except ArithmeticError:
        return None


@calm
@given(AMOUNTS, st.data())
def test_a_change_of_any_amount_changes_the_root(amounts, data):
    at = data.draw(st.integers(0, len(amounts) - 1))
    other = list(amounts)
    other[at] += 1
    assert Tree(other).root != Tree(amounts).root


def test_a_left_out_leaf_a_shorter_and_a_longer_path_are_refused():
    tree = Tree([5, 6, 7])
    good = tree.proof(1)
    for spoil in (
        lambda item: item["path"].pop(),
        lambda item: item["path"].append({"hash": EMPTY[2].hash.hex(), "sum": "0"}),
        lambda item: item.update(position=3),
        lambda item: item.update(position=-1),
        lambda item: item.update(units="-6"),
        lambda item: item["path"][0].update(sum="-1"),
        lambda item: item["path"][0].update(sum=str(LIMIT)),
        lambda item: item["path"][0].update(sum=5),
    ):
        bad = copy(good)
        spoil(bad["items"][0])
        with pytest.raises(verifier.Wrong):
            verifier.verify(bad, [tree.published])


def test_a_node_is_no_leaf_and_no_leaf_is_a_node():
    tree = Tree([1, 2, 3, 4])
    packed = [each.packed() for each in tree.leaves]
    assert hashlib.sha256(packed[0] + packed[1]).digest() != rules.join(*tree.leaves[:2]).hash
    assert len({*(n.hash for n in tree.leaves), EMPTY[0].hash, tree.root.hash}) == 6


def test_two_customers_who_are_owed_the_same_have_leaves_of_their_own():
    tree = Tree([7, 7, 7, 7])
    assert len({leaf.hash for leaf in tree.leaves}) == 4
    swapped = tree.proof(0) | {"customer_id": str(tree.customers[1])}
    with pytest.raises(verifier.Wrong, match="does not lead"):
        verifier.verify(swapped, [tree.published])


def test_sums_that_run_over_are_refused():
    with pytest.raises(LeafImpossible):
        rules.join(Node(b"\0" * 32, LIMIT - 1), Node(b"\0" * 32, 1))
    with pytest.raises(LeafImpossible):
        Tree([LIMIT])
    assert Tree([LIMIT - 1]).root.sum == LIMIT - 1
