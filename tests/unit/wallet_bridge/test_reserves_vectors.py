"""The vectors that the console's verifier is held to are made by the tree itself, and the offline script agrees with them."""

import json

import pytest

from tests.reserve_trees import VECTORS, script, vectors

verifier = script()
KEPT = json.loads(VECTORS.read_text())


def test_the_file_is_what_the_tree_makes():
    assert vectors() == KEPT, "python -c 'from tests.reserve_trees import write_vectors; write_vectors()'"


@pytest.mark.parametrize("proof", KEPT["good"], ids=[proof["customer_id"] for proof in KEPT["good"]])
def test_good_ones_are_accepted(proof):
    assert set(verifier.verify(proof, KEPT["published"])) == {item["asset"] for item in proof["items"]}


@pytest.mark.parametrize("case", KEPT["bad"], ids=[case["why"] for case in KEPT["bad"]])
def test_bad_ones_are_refused(case):
    with pytest.raises(verifier.Wrong):
        verifier.verify(case["proof"], KEPT["published"])
