"""A transfer out of a wallet of which the custodian says nothing: two people say what became of it, and the custodian is asked first."""

import pytest

from identity.approvals.errors import ApprovalOwnRequest
from kernel import db
from kernel.calls import queries as call_queries
from tests.moves_desk import D
from tests.rails_desk import ETH, WALLET
from wallet_bridge.custody import calls
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.moves import deciding, errors, queries, sources
from wallet_bridge.moves.states import TreasuryVerdict

TXID = "ab" * 32


@pytest.fixture
def lost(rails):
    """Sent to a custodian that was gone, and given to people."""
    transfer = rails.agreed(WALLET, "binance", amount="2", **ETH)
    rails.wallet.custodian.stop()
    rails.custodian(rails.wallet.ask, rails.at_state(transfer, "unknown"))
    with pytest.raises(errors.TreasuryTransferNotOpen):
        ask(rails, transfer, "unpaid")  # it is asked for by itself
    rails.engine.execute(
        "UPDATE kernel.calls SET state = 'manual' WHERE kind = 'custody.transfer' AND ref = %s", [ref(rails, transfer)]
    )
    give_to_people(rails, "custody.transfer", ref(rails, transfer))
    return transfer


def ref(rails, transfer):
    return str(Ref(RefKind.TREASURY, rails.tenant, transfer))


def give_to_people(rails, kind, named):
    """The lane has asked for too long."""
    with rails.as_engine(), db.transaction(tenant=rails.tenant) as tx:
        row = tx.one(
            f"SELECT {call_queries._COLUMNS} FROM kernel.calls WHERE kind = :kind AND ref = :ref", kind=kind, ref=named
        )
        calls.CustodyCalls(None).given_to_people(tx, call_queries._call(row))


def ask(rails, transfer, verdict, txid=None):
    wish = deciding.Wish(
        transfer_id=transfer, verdict=TreasuryVerdict(verdict), txid=txid, evidence="explorer of today, 14:05"
    )
    return deciding.ask(tenant=rails.tenant, actor=rails.maker, wish=wish, key=None)


def agreed(rails, transfer, verdict, txid=None):
    approval_id = ask(rails, transfer, verdict, txid)
    with pytest.raises(ApprovalOwnRequest):
        rails.agree(approval_id, by=rails.maker)
    rails.agree(approval_id)
    assert rails.state(transfer) == "unknown", "the custodian is asked first"
    return approval_id


def approval(rails, approval_id):
    return rails.engine.execute("SELECT state FROM identity.approvals WHERE id = %s", [approval_id]).fetchone()[0]


def silent(rails, approval_id):
    give_to_people(rails, "custody.lookup", str(Ref(RefKind.DECISION, rails.tenant, approval_id)))


def wanted(rails, transfer):
    """What our request says that was lost on its way."""
    with db.transaction(tenant=rails.tenant) as tx:
        return sources.wanted(tx, queries.get(tx, transfer)).model_dump(mode="json")


def test_one_that_the_custodian_never_had_can_never_be_paid_and_another_may_be_asked_for(rails, lost):
    approval_id = agreed(rails, lost, "unpaid")
    silent(rails, approval_id)
    assert (rails.state(lost), approval(rails, approval_id)) == ("unknown", "granted"), "silence is no word"
    rails.wallet.custodian.start()
    rails.custodian(rails.wallet.answered)
    row = rails.transfer(lost)
    assert (row.state, row.reason, approval(rails, approval_id)) == ("not_placed", "decided_by_people", "carried_out")
    told = rails.engine.execute(
        "SELECT payload->>'agreed' FROM kernel.outbox WHERE topic = 'wallet.treasury_transfer_ended.v1' AND payload->>'transfer_id' = %s",
        [str(lost)],
    ).fetchall()
    assert told == [("true",)]
    late = rails.wallet.custodian.ask("POST", "/v1/transfers", wanted(rails, lost))
    assert late.json()["code"] == "client_ref_conflict"
    rails.custodian(rails.wallet.mine, 2)
    assert (rails.state(lost), rails.transit("ETH"), rails.in_wallet()) == ("not_placed", 0, 100)
    assert rails.state(rails.ask(WALLET, "binance", amount="1", **ETH)) == "draft"
    with pytest.raises(errors.TreasuryTransferNotOpen):
        ask(rails, lost, "paid", TXID)


def test_what_left_is_booked_on_two_peoples_word_while_the_custodian_is_silent_and_arrives(rails, lost):
    older = ask(rails, lost, "unpaid")
    approval_id = agreed(rails, lost, "paid", TXID)
    assert approval(rails, older) == "void"
    silent(rails, approval_id)
    row = rails.transfer(lost)
    assert (row.state, row.txid, row.left_amount, rails.transit("ETH")) == ("in_transit", TXID, 2, 2)
    assert (rails.in_wallet(), approval(rails, approval_id)) == (98, "carried_out")
    rails.credits("binance", lost)
    rails.read_arrivals("binance", rails.at_state(lost, "closed"))
    assert rails.transit("ETH") == 0


def test_what_the_custodian_knows_itself_counts_whatever_people_thought(rails, lost):
    approval_id = agreed(rails, lost, "unpaid")
    rails.wallet.custodian.start()
    there = rails.has(rails.transfer(lost).address)
    rails.wallet.custodian.want([wanted(rails, lost)])  # it had it all along
    rails.custodian(rails.wallet.answered)
    assert approval(rails, approval_id) == "void"
    rails.until(lost, "in_transit")
    assert (rails.transit("ETH"), rails.has(rails.transfer(lost).address)) == (2, there + 2)


def test_of_another_payment_under_the_reference_nothing_is_believed(rails, lost):
    approval_id = agreed(rails, lost, "paid", TXID)
    rails.wallet.custodian.start()
    rails.wallet.custodian.want([wanted(rails, lost) | {"amount": "3"}])
    rails.custodian(rails.wallet.answered)
    assert (rails.state(lost), approval(rails, approval_id)) == ("unknown", "failed")
    rails.custodian(rails.wallet.mine, 5)
    assert (rails.state(lost), rails.transit("ETH")) == ("unknown", D(0))
