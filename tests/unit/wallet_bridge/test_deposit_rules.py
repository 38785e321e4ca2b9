"""How deep a deposit must lie, what is done with it, and which states it may have."""

from decimal import Decimal

import pytest

from wallet_bridge.deposits.rules import Depth, Facts, depth, is_large, verdict
from wallet_bridge.deposits.states import CREDITED, DEPOSIT, DepositStatus, Place

D = Decimal
S = DepositStatus
FINE = {
    "asset_known": True, "owner_known": True, "memo_missing": False, "whole": D(1), "minimum": D("0.1"), "shut": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("confirmations", "final", "told_until", "large", "expected"),
    [
        (3, 6, 6, False, Depth(3, 6)),
        (3, 6, 6, True, Depth(6, 6)),
        (3, 4, 20, True, Depth(6, 6)),  # the doubled number is above the final one
        (12, 12, 12, True, Depth(12, 12)),  # nothing is told after 12
        (200, 200, 1, False, Depth(1, 1)),
    ],
)
def test_depth(confirmations, final, told_until, large, expected):
    assert depth(confirmations=confirmations, final=final, told_until=told_until, large=large) == expected


@pytest.mark.parametrize(
    ("amount", "price", "large"),
    [
        ("100000", "1", False),
        ("100000.01", "1", True),
        ("50", "2000", False),
        ("50.1", "2000", True),
        ("0.1", None, True),
    ],
)
def test_large_is_above_a_sum_or_without_a_price(amount, price, large):
    assert is_large(D(amount), None if price is None else D(price)) is large


@pytest.mark.parametrize(
    ("changed", "status", "place", "reason"),
    [
        ({}, S.CREDITED, Place.CUSTOMER, None),
        ({"shut": "account_shut"}, S.HELD, Place.HELD, "account_shut"),
        ({"whole": D("0.1")}, S.CREDITED, Place.CUSTOMER, None),
        ({"whole": D("0.09")}, S.BELOW_MINIMUM, Place.SMALL, "below_minimum"),
        ({"whole": D(0), "minimum": D(0)}, S.BELOW_MINIMUM, None, "below_minimum"),
        ({"whole": D("0.09"), "shut": "account_shut"}, S.BELOW_MINIMUM, Place.SMALL, "below_minimum"),
        ({"owner_known": False}, S.SUSPENSE, Place.SUSPENSE, "owner_unknown"),
        ({"owner_known": False, "memo_missing": True}, S.SUSPENSE, Place.SUSPENSE, "memo_missing"),
        ({"owner_known": False, "whole": D(0)}, S.SUSPENSE, None, "owner_unknown"),
        ({"asset_known": False, "owner_known": False}, S.SUSPENSE, None, "asset_unknown"),
    ],
)
def test_nothing_is_guessed(changed, status, place, reason):
    found = verdict(Facts(**FINE | changed), deep=False)
    assert (found.status, found.place, found.reason) == (status, place, reason)


def test_what_lies_deep_enough_is_final_at_once():
    assert verdict(Facts(**FINE), deep=True).status is S.FINAL


def test_whatever_a_customer_has_can_be_taken_back_by_the_chain_and_never_becomes_unseen():
    for status in CREDITED:
        assert S.REVERSED in DEPOSIT.moves[status]
        assert not DEPOSIT.moves[status] & {S.SEEN, S.CONFIRMING, S.ORPHANED, S.HELD, S.SUSPENSE}
    assert DEPOSIT.terminal == frozenset()
