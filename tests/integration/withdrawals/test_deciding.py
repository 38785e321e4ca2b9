"""A withdrawal that nobody can tell the end of: two people say it, the custodian is asked first, and nothing is paid and given back."""

import asyncio
from decimal import Decimal

import pytest

from kernel import db
from kernel.calls import queries as call_queries
from kernel.calls.outcomes import Unknown
from rivermouth import wallet_parts
from tests.ledger_books import as_engine
from wallet_bridge.custody import calls
from wallet_bridge.custody.client import CustodianAway, CustodianRefuses

D = Decimal
TXID = "0x" + "ab" * 32


class Custodian:
    """Knows transfers by reference, as the real one does; `away` says nothing."""

    def __init__(self, **known):
        self.known, self.away, self.posted = known, False, []

    async def get(self, _path, query):
        if self.away:
            raise CustodianAway("gone")
        if query["client_ref"] not in self.known:
            raise CustodianRefuses("transfer_not_found", "no")
        return self.known[query["client_ref"]]

    async def post(self, path, body):
        if self.away:
            raise CustodianAway("gone")
        self.posted.append((path, body))
        if path.endswith("/cancel"):
            (stone,) = [one for one in self.known.values() if one["id"] in path]
            stone["state"] = "cancelled"
            return stone
        made = body | {
            "id": "01a20000-0000-7000-8000-000000000001", "state": "accepted", "address": body["destination"]["address"],
            "memo": None, "fee": None, "txid": None, "confirmations": 0, "reason": None, "attempts": [],
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        return self.known.setdefault(body["client_ref"], made)


def manual(desk):
    """One whose call was asked about for too long."""
    wallet_parts.listen()
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    desk.superuser(
        "UPDATE kernel.calls SET state = 'manual', sent_at = now() WHERE kind = 'custody.transfer' AND ref = %s",
        str(desk.ref(made["id"])),
    )
    give_to_people(desk, str(desk.ref(made["id"])), "custody.transfer")
    assert (anna.look(made["id"])["state"], anna.has()) == ("manual", (69, 31))
    return anna, made


def call_of(desk, ref, kind):
    with db.transaction(tenant=desk.house.first) as tx:
        row = tx.one(
            f"SELECT {call_queries._COLUMNS} FROM kernel.calls WHERE kind = :kind AND ref = :ref", kind=kind, ref=ref
        )
    return call_queries._call(row)


def give_to_people(desk, ref, kind):
    with as_engine(desk.house.database):
        call = call_of(desk, ref, kind)
        with db.transaction(tenant=desk.house.first) as tx:
            calls.CustodyCalls(None).given_to_people(tx, call)


def decide(desk, made, verdict, *, by=0, **more):
    body = {"verdict": verdict, "evidence": "seen on the explorer of today"} | more
    return desk.staff(desk.reviewers[by], "POST", f"/withdrawals/{made['id']}/decisions", body)


def agreed(desk, made, verdict, **more):
    answer = decide(desk, made, verdict, **more)
    assert answer.status_code == 202, answer.text
    own = desk.agree(answer.json()["approval_id"], by=0)
    assert own.json()["code"] == "approval_own_request"
    assert desk.agree(answer.json()["approval_id"]).status_code == 200
    desk.run_events()
    return lookup_ref(desk, made)


def lookup_ref(desk, made):
    ((ref,),) = desk.superuser(
        "SELECT 'd/' || tenant_id || '/' || id FROM wallet_bridge.withdrawal_decisions WHERE withdrawal_id = %s AND state = 'asking'",
        made["id"],
    )
    return ref


def custodian_says(desk, ref, custodian):
    """The lane asks once, and applies what it hears."""
    with as_engine(desk.house.database):
        call = call_of(desk, ref, "custody.lookup")
        kind = calls.CustodyCalls(custodian)
        outcome = asyncio.run(kind.send(call))
        with db.transaction(tenant=desk.house.first) as tx:
            kind.apply(tx, call, outcome)
    return outcome


def decisions(desk, made):
    return desk.superuser(
        "SELECT verdict, state, told FROM wallet_bridge.withdrawal_decisions WHERE withdrawal_id = %s ORDER BY id", made["id"]
    )  # fmt: skip


def call_state(desk, made):
    return desk.intents(made["id"])[0][0]


def seen(desk, made):
    """What staff read of it: the withdrawal's newest decision, and the approval that stands behind it."""
    review = desk.staff(desk.reviewers[0], "GET", f"/withdrawals/{made['id']}").json()["review"]
    return review["decision"], review["approval_id"]


def test_staff_read_what_was_said_of_it_and_what_the_custodian_answered(desk):
    anna, made = manual(desk)
    assert seen(desk, made) == (None, None)
    asked = decide(desk, made, "unpaid").json()["approval_id"]
    decision, approval_id = seen(desk, made)
    assert (decision["state"], decision["evidence"], decision["told"], approval_id) == (
        "proposed", "seen on the explorer of today", None, asked,
    )  # fmt: skip
    ref = agreed(desk, made, "unpaid")
    decision, _ = seen(desk, made)
    assert (decision["state"], decision["confirmed_by"] is None, decision["asked_at"] is None) == (
        "asking", False, False,
    )  # fmt: skip
    custodian_says(desk, ref, Custodian(**{str(desk.ref(made["id"])): other(desk, made, "signed")}))
    decision, _ = seen(desk, made)
    assert (decision["state"], decision["told"]) == ("refused", f"signed {TXID}")
    assert anna.look(made["id"])["review"] is None


def test_who_says_what_became_of_it_has_proven_themselves_lately(desk):
    _anna, made = manual(desk)
    assert seen(desk, made) == (None, None)  # the reviewer has a session, and it is old from here on
    desk.superuser("UPDATE identity.sessions SET proven_at = proven_at - interval '11 minutes'")
    try:
        assert decide(desk, made, "unpaid").json()["code"] == "step_up_required"
    finally:
        desk.superuser("UPDATE identity.sessions SET proven_at = proven_at + interval '11 minutes'")
    assert seen(desk, made) == (None, None)


def other(desk, made, state, **more):
    """What the custodian has under the reference, and it is another amount."""
    return desk.said(made, state, amount=D(31), **more).model_dump(mode="json")


def test_it_is_given_back_once_the_custodian_can_never_pay_it(desk):
    anna, made = manual(desk)
    ref = agreed(desk, made, "unpaid")
    assert (call_state(desk, made), anna.has()) == ("not_placed", (69, 31)), (
        "asked no more, and held until the custodian has said it"
    )
    custodian = Custodian()
    custodian.away = True
    assert isinstance(custodian_says(desk, ref, custodian), Unknown)
    give_to_people(desk, ref, "custody.lookup")
    assert (anna.look(made["id"])["state"], anna.has()) == ("manual", (69, 31)), "silence is no word"
    custodian.away = False
    custodian_says(desk, ref, custodian)
    stone = custodian.known[str(desk.ref(made["id"]))]
    assert (D(stone["fee_cap"]), stone["state"]) == (0, "cancelled"), "whatever comes later is refused by it"
    done = anna.look(made["id"])
    assert (done["state"], done["status"], done["reason"], anna.has()) == (
        "not_placed",
        "failed",
        "decided_by_people",
        (100, 0),
    )
    assert decisions(desk, made) == [("unpaid", "carried_out", "absent")]
    desk.report(made, "cancelled", fee_cap="0")
    custodian_says(desk, ref, custodian)
    assert (anna.has(), decisions(desk, made)) == ((100, 0), [("unpaid", "carried_out", "absent")])


def test_what_was_paid_is_booked_on_two_peoples_word_when_the_custodian_is_silent_for_long(desk):
    anna, made = manual(desk)
    before = desk.posted("wallet.ethereum:USDT")
    ref = agreed(desk, made, "paid", txid="ab" * 32)
    assert anna.has() == (69, 31)
    give_to_people(desk, ref, "custody.lookup")
    done = anna.look(made["id"])
    assert (done["state"], done["txid"], anna.has()) == ("final", "ab" * 32, (69, 0))
    assert desk.posted("wallet.ethereum:USDT") - before == 30
    assert decisions(desk, made) == [("paid", "carried_out", "silent")]


@pytest.mark.parametrize(
    ("verdict", "state", "end", "told"),
    [
        ("paid", "final", "final", "carried_out"),
        ("paid", "confirming", "manual", "refused"),
        ("paid", "failed", "manual", "refused"),
        ("unpaid", "failed", "failed", "carried_out"),
        ("unpaid", "cancelled", "failed", "carried_out"),
        ("unpaid", "final", "manual", "refused"),
        ("unpaid", "signed", "manual", "refused"),
    ],
)
def test_of_another_payment_under_the_reference_the_custodians_word_counts(desk, verdict, state, end, told):
    """It has something there that is not what we asked for: why the withdrawal is manual."""
    anna, made = manual(desk)
    desk.report(made, "broadcast", amount=D(31))
    assert anna.look(made["id"])["state"] == "manual"
    ref = agreed(desk, made, verdict, **({"txid": TXID.removeprefix("0x")} if verdict == "paid" else {}))
    custodian_says(desk, ref, Custodian(**{str(desk.ref(made["id"])): other(desk, made, state)}))
    assert anna.look(made["id"])["state"] == end
    assert decisions(desk, made)[0][:2] == (verdict, told)
    if end == "manual":  # another proposal may be made, and this one is explained
        assert anna.has() == (69, 31)
        ref = agreed(desk, made, "unpaid")
        custodian_says(desk, ref, Custodian(**{str(desk.ref(made["id"])): other(desk, made, "failed")}))
        assert (anna.look(made["id"])["state"], anna.has()) == ("failed", (100, 0))


def test_what_the_custodian_knows_itself_overtakes_people(desk):
    anna, made = manual(desk)
    ref = agreed(desk, made, "unpaid")
    known = desk.said(made, "final").model_dump(mode="json")
    custodian_says(desk, ref, Custodian(**{str(desk.ref(made["id"])): known}))
    assert (anna.look(made["id"])["state"], anna.has()) == ("final", (69, 0))
    assert decisions(desk, made) == [("unpaid", "overtaken", "final")]


def test_only_one_that_is_manual_is_decided_and_a_report_makes_the_approval_void(desk):
    anna = desk.customer("100")
    fresh = anna.made("30", anna.book())
    assert decide(desk, fresh, "unpaid").json()["code"] == "withdrawal_not_manual"
    desk.report(fresh, "final")
    anna, made = manual(desk)
    for body in ({"verdict": "paid"}, {"verdict": "unpaid", "txid": "ab"}):
        assert decide(desk, made, **body).status_code == 400
    approval = decide(desk, made, "unpaid").json()["approval_id"]
    desk.report(made, "final")
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    assert (anna.look(made["id"])["state"], decisions(desk, made)[0][1]) == ("final", "proposed")
    again = decide(desk, made, "unpaid")
    assert again.json()["code"] == "withdrawal_not_manual"


def test_while_the_custodian_is_asked_nobody_decides_anew(desk):
    anna, made = manual(desk)
    first = decide(desk, made, "paid", txid="cd" * 32).json()["approval_id"]
    ref = agreed(desk, made, "unpaid")
    assert desk.agree(first).json()["code"] == "approval_void"
    assert decide(desk, made, "unpaid").json()["code"] == "withdrawal_decision_pending"
    custodian_says(desk, ref, Custodian())
    assert anna.has() == (100, 0)
    assert [row[1] for row in decisions(desk, made)] == ["refused", "carried_out"]
