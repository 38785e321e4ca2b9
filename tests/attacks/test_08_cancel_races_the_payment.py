"""Taken back while it is approved, sent or signed: one of the two wins."""

from kernel import db
from tests.crowd import at_once
from wallet_bridge.withdrawals import review
from wallet_bridge.withdrawals.listening import Withdrawals

ROUNDS = 8


def test_08_while_two_people_approve(payouts):
    payouts.limits()
    anna = payouts.customer("1000")
    to = anna.book()
    ends = set()
    for _ in range(ROUNDS):
        made = anna.made("30", to)
        approval = payouts.release(made["id"])

        def agree(approval=approval, made=made):
            answer = payouts.agree(approval)
            if answer.status_code == 200:
                carry_out(payouts, made["id"], approval)

        _, cancelled = at_once([agree, lambda made=made: anna.ask("DELETE", f"/withdrawals/{made['id']}")])
        state, calls = anna.look(made["id"])["state"], payouts.intents(made["id"])
        assert (state, cancelled.status_code) == ("cancelled", 200)
        assert [kind for kind, _ in calls] in ([], ["expired"]), (
            "either it was never asked for, or the wish was taken back"
        )
        ends.add(state)
    assert anna.has() == (1000, 0)


def carry_out(payouts, withdrawal_id, approval_id):
    def once():
        with db.transaction(tenant=payouts.house.first) as tx:
            maker = payouts.house.ids["treasury"]
            review.carry_out(tx, withdrawal_id=withdrawal_id, approval_id=approval_id, maker=maker)

    db.retrying(once)


def test_08_while_the_lane_takes_it(payouts):
    """What the lane took is not cancelled by us; what was cancelled the lane does not take."""
    anna = payouts.customer("1000")
    to = anna.book()
    for _ in range(ROUNDS):
        made = anna.made("30", to)
        taken, answer = at_once(
            [
                lambda made=made: payouts.superuser(
                    "UPDATE kernel.calls SET state = 'sent' WHERE state = 'intent' AND ref = %s RETURNING id",
                    str(payouts.ref(made["id"])),
                ),
                lambda made=made: anna.ask("DELETE", f"/withdrawals/{made['id']}"),
            ]
        )
        state = anna.look(made["id"])["state"]
        assert (answer.status_code, state) == ((202, "reserved") if taken else (200, "cancelled"))
        if taken:  # the custodian decides: here it had paid
            payouts.report(made, "final")
            assert anna.look(made["id"])["state"] == "final"


def test_08_while_it_is_signed_and_paid(payouts):
    anna = payouts.customer("1000")
    to = anna.book()
    for _ in range(ROUNDS):
        made = anna.made("30", to)
        payouts.sent(made["id"])
        payouts.report(made, "accepted")
        before = anna.has()

        def pay(made=made):
            for state in ("signed", "final"):
                said = payouts.said(made, state)

                def once(said=said, made=made):
                    with db.transaction(tenant=payouts.house.first) as tx:
                        Withdrawals().seen(tx, payouts.ref(made["id"]), said)

                db.retrying(once)

        _, answer = at_once([pay, lambda made=made: anna.ask("DELETE", f"/withdrawals/{made['id']}")])
        assert answer.status_code in {202, 409}
        with payouts.listening(made["id"]) as (tx, listener, ref):
            listener.not_cancelled(tx, ref, "already_signed")
        done = anna.look(made["id"])
        assert (done["state"], done["cancelling"]) == ("final", False)
        assert anna.has() == (before[0], before[1] - 31), "paid, and nothing given back"
