"""A transfer that is late, and one that arrives as another amount, reach treasury's inboxes once, and nobody else's."""

from __future__ import annotations

from identity.principals.states import Role
from kernel.ids import uuid7
from tests.notice_board import publish
from tests.treasury_desk import D
from wallet_bridge.moves.events import TreasuryTransferDiffers, TreasuryTransferEnded, TreasuryTransferLate


def test_late_and_different_transfers_are_told_to_treasury_once(treasury):
    late, other = uuid7(), uuid7()
    with treasury.engine():
        publish(
            treasury.tenant,
            TreasuryTransferLate(late, "kraken", "okx", "USDT", D("2500"), "in_transit", treasury.now()),
            TreasuryTransferLate(late, "kraken", "okx", "USDT", D("2500"), "in_transit", treasury.now()),
            TreasuryTransferDiffers(other, "kraken", "okx", "BTC", D(2), D("1.5")),
        )
    treasury.told()
    told = treasury.notices(Role.TREASURY)
    assert sorted(kind for kind, _ in told) == ["treasury_transfer_differs", "treasury_transfer_late"]
    params = dict(told)
    assert (
        params["treasury_transfer_late"].items()
        >= {"transfer": str(late), "amount": "2500", "source": "kraken"}.items()
    )
    assert params["treasury_transfer_differs"].items() >= {"left": "2", "arrived": "1.5", "destination": "okx"}.items()
    for other_role in (Role.ADMIN, Role.FINANCE, Role.RETAIL):
        assert treasury.notices(other_role) == []
    inbox = treasury.house.client.get("/v1/notices", headers=treasury.house.auth(Role.TREASURY)).json()["items"]
    assert {notice["title"] for notice in inbox} == {
        "Transfer of 2500 USDT to okx is late",
        "1.5 BTC instead of 2 came to okx",
    }


def test_one_that_was_agreed_to_and_ended_is_told_and_one_that_nobody_agreed_to_is_not(treasury):
    failed, drafted = uuid7(), uuid7()

    def ended(transfer, state, reason, *, agreed):
        return TreasuryTransferEnded(transfer, "kraken", "okx", "USDT", D("2500"), state, reason, agreed)

    with treasury.engine():
        publish(
            treasury.tenant, ended(failed, "failed", "sent_back", agreed=True),
            ended(drafted, "rejected", "rejected", agreed=False), ended(uuid7(), "cancelled", None, agreed=False),
        )  # fmt: skip
    treasury.told()
    ((kind, params),) = treasury.notices(Role.TREASURY)
    assert kind == "treasury_transfer_ended"
    assert params.items() >= {"transfer": str(failed), "state": "failed", "reason": "sent_back"}.items()
    assert treasury.notices(Role.FINANCE) == []
