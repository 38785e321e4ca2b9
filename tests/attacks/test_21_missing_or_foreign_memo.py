"""Attack 21: a deposit without its memo, or with a memo of nobody: suspense, and four eyes to claim it."""

from __future__ import annotations

import pytest

from identity.approvals.errors import ApprovalOwnRequest
from kernel.ids import uuid7
from tests.integration.deposits.conftest import deposits
from tests.integration.deposits.test_deciding import agree, claim, staff
from wallet_bridge.deposits.states import DepositStatus

__all__ = ["deposits", "staff"]


@pytest.mark.parametrize("memo", [None, "31337"])
def test_21_it_is_nobodys_until_two_people_say_whose(deposits, staff, memo):
    deposits.offered(memo_required=True)
    customer, shared = deposits.known_customer(), f"0x{uuid7().hex}"
    deposits.address(customer, shared, "42")
    # Whoever the custodian names: the memo is not the one that we gave this customer.
    feed = deposits.feed(customer, shared, "2", memo=memo).at().deeper(3).all()
    assert deposits.deposit(feed).status is DepositStatus.SUSPENSE
    assert deposits.has(customer) == 0
    approval_id = claim(deposits, feed, customer, staff[0])
    with pytest.raises(ApprovalOwnRequest):
        agree(deposits, approval_id, staff[0], staff[0])
    assert deposits.has(customer) == 0
    assert agree(deposits, approval_id, staff[1], staff[0]) == "carried_out"
    assert deposits.has(customer) == deposits.wallet() == 2
