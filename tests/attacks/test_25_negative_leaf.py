"""Attack 25: a negative leaf in the proof of reserves, which would make room for money that is not there: no tree is built of it."""

from uuid import UUID

import pytest

from tests.reserve_trees import Tree, copy, script
from wallet_bridge.reserves import rules
from wallet_bridge.reserves.errors import LeafImpossible
from wallet_bridge.reserves.rules import Node

verifier = script()


@pytest.mark.parametrize("amount", [-1, -(10**18), -(1 << 255)])
def test_25_a_leaf_below_zero_is_refused(amount):
    with pytest.raises(LeafImpossible):
        Tree([10, amount, 5])
    with pytest.raises(LeafImpossible):
        rules.leaf(snapshot=UUID(int=1), asset="BTC", customer=UUID(int=2), nonce=b"\0" * 16, amount=amount)


def test_25_a_negative_sum_is_joined_on_neither_side():
    honest, negative = Node(b"\1" * 32, 10), Node(b"\2" * 32, -4)
    for pair in ((honest, negative), (negative, honest)):
        with pytest.raises(LeafImpossible):
            rules.join(*pair)


def test_25_a_customer_does_not_accept_a_negative_neighbour():
    tree = Tree([10, 20, 30, 40])
    for level in range(2):
        bad = copy(tree.proof(2))
        bad["items"][0]["path"][level]["sum"] = "-5"
        with pytest.raises(verifier.Wrong, match="no amount of 0 or more"):
            verifier.verify(bad, [tree.published])


def test_25_one_side_cannot_be_lowered_while_the_total_stays():
    """The known flaw of trees that hash only the total: 30 + 12 and 40 + 2 must not be the same parent."""
    left, right = Node(b"\1" * 32, 30), Node(b"\2" * 32, 12)
    other = (Node(b"\1" * 32, 40), Node(b"\2" * 32, 2))
    assert rules.join(left, right).sum == rules.join(*other).sum
    assert rules.join(left, right).hash != rules.join(*other).hash
