"""Taken back until it is signed; who is too late is told so."""

import threading


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_what_was_not_sent_is_taken_back_at_once(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    for _ in range(2):
        gone = anna.ask("DELETE", f"/withdrawals/{made['id']}")
        assert (gone.status_code, gone.json()["status"], anna.has()) == (200, "cancelled", (100, 0))
    assert [state for state, _ in desk.intents(made["id"])] == ["expired"]
    assert len([f for f in desk.told("wallet.withdrawal_ended.v1") if f["withdrawal_id"] == made["id"]]) == 1


def test_what_waits_for_a_person_is_taken_back_with_what_was_asked(desk):
    desk.limits()
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    approval = desk.release(made["id"])
    assert anna.ask("DELETE", f"/withdrawals/{made['id']}").json()["status"] == "cancelled"
    assert problem(desk.agree(approval)) == (409, "approval_void")
    desk.run_events()
    assert (anna.has(), desk.intents(made["id"])) == ((100, 0), [])


def test_of_what_was_sent_the_custodian_decides(desk):
    anna = desk.customer("200")
    to = anna.book()
    stopped, late = anna.made("30", to), anna.made("40", to)
    for made in (stopped, late):
        desk.sent(made["id"])
        desk.report(made, "accepted")
        asked = anna.ask("DELETE", f"/withdrawals/{made['id']}")
        assert asked.status_code == 202
        assert (asked.json()["status"], asked.json()["cancelling"], asked.json()["can_cancel"]) == (
            "sending",
            True,
            False,
        )
        assert anna.ask("DELETE", f"/withdrawals/{made['id']}").status_code == 202
        assert len(desk.intents(made["id"], kind="custody.cancel")) == 1
    assert anna.has() == (128, 72)
    desk.report(stopped, "cancelled")
    assert (anna.look(stopped["id"])["status"], anna.has()) == ("cancelled", (159, 41))
    with desk.listening(late["id"]) as (tx, listener, ref):
        listener.not_cancelled(tx, ref, "already_signed")
    shown = anna.look(late["id"])
    assert (shown["cancelling"], shown["can_cancel"]) == (False, False)
    assert problem(anna.ask("DELETE", f"/withdrawals/{late['id']}")) == (409, "already_signed")
    desk.report(late, "signed")
    assert problem(anna.ask("DELETE", f"/withdrawals/{late['id']}")) == (409, "already_signed")
    desk.report(late, "final")
    assert problem(anna.ask("DELETE", f"/withdrawals/{late['id']}")) == (409, "withdrawal_ended")
    assert anna.has() == (159, 0)


def test_what_was_asked_for_before_the_custodian_had_it_is_asked_for_again(desk):
    """Its answer says nothing of a transfer that is still under way to it."""
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    desk.sent(made["id"])
    assert anna.ask("DELETE", f"/withdrawals/{made['id']}").status_code == 202
    with desk.listening(made["id"]) as (tx, listener, ref):
        listener.not_cancelled(tx, ref, "transfer_not_found")
    desk.superuser("UPDATE kernel.calls SET state = 'refused' WHERE kind = 'custody.cancel'")
    assert anna.look(made["id"])["can_cancel"]
    desk.report(made, "accepted")
    assert anna.ask("DELETE", f"/withdrawals/{made['id']}").status_code == 202
    asked = "SELECT state FROM kernel.calls WHERE kind = 'custody.cancel' AND payload ->> 'client_ref' = %s ORDER BY id"
    assert desk.superuser(asked, str(desk.ref(made["id"]))) == [("refused",), ("intent",)]


def test_two_who_take_it_back_at_once_free_it_once(desk):
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    answers = []

    def cancel():
        answers.append(anna.ask("DELETE", f"/withdrawals/{made['id']}").status_code)

    threads = [threading.Thread(target=cancel) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, anna.has()) == ([200] * 8, (100, 0))
