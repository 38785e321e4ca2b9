"""Two custodians on one database outbid one stuck payment: one nonce, and one of the attempts is confirmed."""

from kernel import db
from tests.crowd import at_once
from tests.custodian_desk import FINAL
from tests.integration.custodian.conftest import desk
from tests.integration.custodian.test_tokens import to
from tests.integration.custodian.test_transfers import make_old
from wallet_bridge.custodian.transfers import service as transfers

__all__ = ["desk", "to"]
WORKERS, BUMPS = 4, 3


def together(desk):
    """Every worker a round, each with its own view of the chain."""
    at_once([desk.pay] * WORKERS)


def test_12_one_nonce_and_one_confirmed(desk, to):
    hot = desk.fund_hot()
    one = desk.take(desk.wish("1", destination={"type": "address", "address": to}, fee_cap="0.1"))
    together(desk)
    for bump in range(1, BUMPS + 1):
        assert len(transfers.view(one.id).attempts) == bump, "one more for all workers, not one each"
        make_old(one)
        together(desk)
    together(desk)  # the newest bytes are shown to the node
    with db.read_only() as tx:
        nonces = {row.nonce for row in tx.all("SELECT nonce FROM custody.attempts WHERE transfer_id = :id", id=one.id)}
    assert nonces == {0}
    for _ in range(FINAL + 2):
        desk.anvil.mine()
        together(desk)
    done = transfers.view(one.id)
    mined = [each.txid for each in done.attempts if desk.anvil.ask("eth_getTransactionReceipt", each.txid)]
    assert (done.state.value, mined, len(done.attempts)) == ("final", [done.txid], BUMPS + 1)
    assert (desk.held(to), desk.held(hot)) == (1, 100 - 1 - done.fee)
    assert int(desk.anvil.ask("eth_getTransactionCount", hot, "latest"), 16) == 1
    assert len(desk.told("transfer.final")) == 1


def test_12_what_waits_is_signed_by_one_of_them(desk, to):
    hot = desk.fund_hot()
    waiting = [desk.take(desk.wish("1", destination={"type": "address", "address": to})) for _ in range(6)]
    together(desk)
    signed = [transfers.view(one.id).attempts for one in waiting]
    assert sorted(attempt.nonce for each in signed for attempt in each) == list(range(6))
    for _ in range(FINAL + 2):
        desk.anvil.mine()
        together(desk)
    assert {desk.state(one) for one in waiting} == {"final"}
    assert (desk.held(to), int(desk.anvil.ask("eth_getTransactionCount", hot, "latest"), 16)) == (6, 6)
