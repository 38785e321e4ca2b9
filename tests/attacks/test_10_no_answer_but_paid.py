"""Nobody answered, and it was paid: what is not known is not failed."""


def test_10_unknown_becomes_final_and_nothing_is_given_back(payouts):
    anna = payouts.customer("100")
    made = anna.made("30", anna.book())
    payouts.sent(made["id"])
    for _ in range(2):
        with payouts.listening(made["id"]) as (tx, listener, ref):
            listener.unanswered(tx, ref)
    waiting = anna.look(made["id"])
    assert (waiting["state"], waiting["status"], anna.has()) == ("unknown", "sending", (69, 31))
    assert anna.ask("DELETE", f"/withdrawals/{made['id']}").status_code == 202
    assert anna.has() == (69, 31), "asked to stop it, and nobody knows whether it was stopped"
    payouts.report(made, "final")
    assert (anna.look(made["id"])["state"], anna.has()) == ("final", (69, 0))
