"""From the wish to the end, over the API; what the custodian says is said by the test."""

import threading
from decimal import Decimal

import pytest

from tests.withdrawal_desk import address
from wallet_bridge.withdrawals import service

D = Decimal


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_what_is_asked_for_is_held_sent_and_booked_once_it_is_final(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    assert (made["amount"], made["fee"], made["total"]) == ("30", "1", "31")
    assert (made["state"], made["status"], made["can_cancel"], made["internal"]) == (
        "reserved",
        "processing",
        True,
        False,
    )
    assert anna.has() == (69, 31)
    [(state, payload)] = desk.intents(made["id"])
    assert state == "intent"
    assert (payload["amount"], payload["destination"]["address"], payload["purpose"]) == (
        "30",
        made["address"],
        "withdrawal",
    )
    for told in ("accepted", "signed", "broadcast", "confirming"):
        desk.report(made, told, confirmations=1)
    moving = anna.look(made["id"])
    assert (moving["status"], moving["can_cancel"], moving["confirmations"]) == ("on_the_chain", False, 1)
    assert moving["explorer_url"] == f"https://explorer.example/tx/{moving['txid']}"
    assert anna.has() == (69, 31)
    custody, revenue = desk.posted("wallet.ethereum:USDT"), desk.posted("revenue.withdrawal_fee:USDT")
    desk.report(made, "final", confirmations=4)
    done = anna.look(made["id"])
    assert (done["state"], done["status"], done["confirmations"]) == ("final", "completed", 4)
    names = [step["name"] for step in done["steps"]]
    assert names == ["reserved", "sent", "signed", "broadcast", "confirming", "final"]
    assert anna.has() == (69, 0)
    assert desk.posted("wallet.ethereum:USDT") - custody == 30
    assert desk.posted("revenue.withdrawal_fee:USDT") - revenue == 1


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_can_never_be_paid_is_given_back_once(desk, end):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    desk.report(made, "accepted")
    for _ in range(2):
        desk.report(made, end, reason="insufficient_float")
    done = anna.look(made["id"])
    assert (done["state"], done["reason"], anna.has()) == (end, "insufficient_float", (100, 0))


def test_what_the_custodian_refuses_is_given_back_and_says_why(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    with desk.listening(made["id"]) as (tx, listener, ref):
        listener.refused(tx, ref, "address_invalid", "the checksum does not fit")
    done = anna.look(made["id"])
    assert (done["status"], done["reason"], anna.has()) == ("failed", "address_invalid", (100, 0))


def test_what_was_never_sent_is_given_back(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    with desk.listening(made["id"]) as (tx, listener, ref):
        listener.expired(tx, ref, "deadline")
    assert (anna.look(made["id"])["state"], anna.has()) == ("not_placed", (100, 0))


def test_a_reorganisation_takes_a_confirmation_back_and_an_old_report_does_not(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    desk.report(made, "confirming", after=100)
    desk.report(made, "broadcast", after=50)
    assert anna.look(made["id"])["state"] == "confirming"
    desk.report(made, "broadcast", after=150)
    assert anna.look(made["id"])["state"] == "broadcast"
    desk.report(made, "final", after=20)  # how it ended is believed whenever it comes
    assert anna.look(made["id"])["state"] == "final"
    assert len([fact for fact in desk.told("wallet.withdrawal_sent.v1") if fact["withdrawal_id"] == made["id"]]) == 1


def test_a_report_of_another_payment_or_another_end_books_nothing_and_calls_for_people(desk):
    anna = desk.customer("200")
    to = anna.book()
    other, twice = anna.made("30", to), anna.made("40", to)
    desk.report(other, "final", amount="31")
    assert (anna.look(other["id"])["state"], anna.has()) == ("manual", (128, 72))
    desk.report(twice, "failed")
    desk.report(twice, "final")
    assert (anna.look(twice["id"])["state"], anna.has()) == ("failed", (169, 31))
    assert desk.broken() == {"withdrawals_are_uncontradicted": 2}
    desk.superuser("UPDATE wallet_bridge.withdrawals SET contradiction = NULL")
    desk.report(other, "final")  # and the truth still ends it
    assert (anna.look(other["id"])["state"], anna.has()) == ("final", (169, 0))


def test_closed_networks_small_amounts_and_wrong_addresses_are_refused_and_hold_nothing(desk):
    anna, bert = desk.customer("100"), desk.customer("100")
    to, his = anna.book(), bert.book()
    refusals = {
        problem(anna.withdraw("1.5", to)): (400, "below_minimum_withdrawal"),
        problem(anna.withdraw("3.0000001", to)): (400, "amount_too_fine"),
        problem(anna.withdraw("100", to)): (409, "insufficient_funds"),  # the fee comes on top
        problem(anna.withdraw("10", his)): (404, "address_not_found"),
        problem(anna.withdraw("10", to, asset="BTC")): (422, "network_unknown"),
    }
    assert all(found == wanted for found, wanted in refusals.items()), refusals
    waiting = anna.add().json()
    assert problem(anna.withdraw("10", waiting["id"])) == (409, "address_not_active")
    desk.offer(withdrawals=False)
    assert problem(anna.withdraw("10", to)) == (409, "withdrawals_closed")
    desk.offer()
    play = anna.ask(
        "POST",
        "/withdrawals",
        {"asset": "USDT", "network": "ethereum", "amount": "10", "address_id": to},
        **{"Rivermouth-Realm": "demo"},
    )
    assert problem(play) == (409, "real_money_only")
    assert anna.ask("DELETE", f"/address-book/{to}").status_code == 200
    assert problem(anna.withdraw("10", to)) == (404, "address_not_found")
    assert anna.has() == (100, 0)


def credited_lately(desk, person, amount):
    """The row of a deposit that is not final; its money is another matter."""
    desk.superuser(
        "INSERT INTO wallet_bridge.deposits (tenant_id, id, customer_id, network, txid, output, asset, amount, address, status, height,"
        " block, confirmations, confirmations_to_credit, confirmations_to_final, seq, place, booked, journal_id, seen_at, updated_at)"
        " VALUES (%s, gen_random_uuid(), %s, 'ethereum', %s, 0, 'USDT', %s, 'x', 'credited', 1, 'b', 3, 2, 4, 1, 'customer', %s,"
        " gen_random_uuid(), now(), now())",
        desk.house.first, person.id, address(), amount, amount,
    )  # fmt: skip


def test_a_deposit_that_is_credited_meanwhile_lets_no_earlier_one_out(desk, monkeypatch):
    """It comes between the two looks: at what is not settled, and at what is there."""
    anna = desk.customer("100")
    to = anna.book()
    credited_lately(desk, anna, 40)
    looked = service.deposits.unsettled

    def slowly(*args, **named):
        found = looked(*args, **named)
        credited_lately(desk, anna, 50)
        other = threading.Thread(target=desk.credit, args=(anna, "50"))
        other.start()
        other.join()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(service.deposits, "unsettled", slowly)
        answer = anna.withdraw("90", to)
    desk.superuser("DELETE FROM wallet_bridge.deposits WHERE customer_id = %s", anna.id)  # it has no journal
    assert problem(answer) == (409, "funds_unsettled")


def test_what_came_in_lately_is_traded_and_not_withdrawn(desk):
    anna = desk.customer("100")
    to = anna.book()
    credited_lately(desk, anna, 40)
    refused = anna.withdraw("60", to)
    assert (problem(refused), refused.json()["withdrawable"]) == ((409, "funds_unsettled"), "60")
    assert anna.made("59", to)["state"] == "reserved"
    desk.superuser("DELETE FROM wallet_bridge.deposits WHERE customer_id = %s", anna.id)  # it has no journal


def test_others_see_nothing_and_staff_see_all(desk):
    anna, bert = desk.customer("100"), desk.customer("100")
    made = anna.made("30", anna.book())
    assert problem(bert.ask("GET", f"/withdrawals/{made['id']}")) == (404, "withdrawal_not_found")
    assert problem(bert.ask("DELETE", f"/withdrawals/{made['id']}")) == (404, "withdrawal_not_found")
    assert bert.ask("GET", "/withdrawals").json()["items"] == []
    assert anna.ask("GET", f"/withdrawals?customer_id={bert.id}").json()["items"][0]["id"] == made["id"]
    assert made["review"] is None
    whole = desk.staff("support@first.example", "GET", f"/withdrawals?customer_id={anna.id}").json()["items"]
    assert [(one["id"], one["review"]["customer_id"]) for one in whole] == [(made["id"], str(anna.id))]
    [entry] = anna.ask("GET", "/address-book").json()["items"]
    assert whole[0]["review"]["address_since"] == entry["created_at"]
