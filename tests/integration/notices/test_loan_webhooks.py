"""Partners' programs hear of loans: from the route that moves money to the receiver, signed, and never of a level that is hidden."""

from datetime import date
from decimal import Decimal

import pytest
from standardwebhooks import Webhook

from kernel import cache, clock
from kernel.ids import uuid7
from kernel.settings import settings
from lending.life.events import LoanRateAnnounced, Overdue
from lending.liquidation.events import LiquidationSettled, LiquidationStarted
from lending.watch.events import LevelChanged
from notices.webhooks import service
from tests.integration.notices.test_webhook_posting import Receiver
from tests.integration.notices.test_webhooks import Integrator
from tests.loan_desk import LoanDesk

D = Decimal


@pytest.fixture
def partner(house, monkeypatch):
    cache.client().flushall()
    receiver = Receiver()
    given = settings().model_copy(update={"webhook_private_targets": receiver.here})
    monkeypatch.setattr(service, "settings", lambda: given)
    yield Integrator(house, receiver)
    receiver.close()


def level(partner, real, told):
    (from_level, to_level), (told_from, told_to) = real, told
    return LevelChanged(
        loan_id=uuid7(), customer_id=partner.id, asset="USDT", from_level=from_level, to_level=to_level, told_from=told_from, told_to=told_to,
        prices={"BTC": D("24900")}, debt=D("24000"), repay=D("4080"), evidence_id=uuid7(), changed_at=clock.wall(),
    )  # fmt: skip


def kinds(partner, webhook):
    return [delivery["kind"] for delivery in reversed(partner.deliveries(webhook))]


def test_a_loan_from_its_beginning_to_its_end(house, partner):
    desk = LoanDesk(house)
    try:
        desk.tokens["partner"] = partner.token
        desk.engine.execute(
            """INSERT INTO identity.standings (tenant_id, customer_id, level, screening) VALUES (%s, %s, 2, 'vouched')
               ON CONFLICT (customer_id) DO UPDATE SET level = 2, screening = 'vouched'""",
            (house.first, partner.id),
        )
        desk.give(partner.id, BTC="1", USDT="1000")
        made = partner.make(["loan.opened", "loan.extended", "loan.repaid"])
        loan = desk.lend("20000", who="partner")
        desk.engine.execute(
            "UPDATE lending.loans SET opened_on = opened_on - 1 WHERE id = %s", [loan["id"]]
        )  # a term that has begun
        assert desk.act(loan["id"], "extensions", {"tenor_days": 180}, who="partner").status_code == 200
        for body in ({"amount": "500"}, {"full": True}):
            assert desk.act(loan["id"], "repayments", body, who="partner").status_code == 200
    finally:
        desk.close()
    partner.told()
    partner.try_now(made)
    told = [Webhook(made["secret"]).verify(body, headers) for _, headers, body in partner.receiver.got]
    assert sorted(each["type"] for each in told) == ["loan.extended", "loan.opened", "loan.repaid", "loan.repaid"]
    [opened] = [each["data"] for each in told if each["type"] == "loan.opened"]
    assert opened == {
        "loan_id": loan["id"], "customer_id": str(partner.id), "product_id": desk.brief, "asset": "USDT", "principal": "20000",
        "paid_out": "20000", "fee": "0", "matures_on": loan["matures_on"],
    }  # fmt: skip
    paid = {each["data"]["principal"]: each["data"] for each in told if each["type"] == "loan.repaid"}
    assert (paid["500"]["closed"], paid["500"]["left"]) == (False, "19500")
    assert (paid["19500"]["closed"], paid["19500"]["left"], paid["19500"]["source"]) == (True, "0", "customer")


def test_of_levels_only_what_customers_know_and_a_margin_call_once(partner):
    both = partner.make(["loan.level_changed", "loan.margin_call"])
    levels, calls = partner.make(["loan.level_changed"]), partner.make(["loan.margin_call"])
    called = level(partner, ("WARNING", "PENDING_LIQUIDATION"), ("WARNING", "MARGIN_CALL"))
    hidden = level(partner, ("PENDING_LIQUIDATION", "MARGIN_CALL"), ("MARGIN_CALL", "MARGIN_CALL"))
    better = level(partner, ("LIQUIDATING", "MARGIN_CALL"), ("LIQUIDATING", "MARGIN_CALL"))
    partner.told(called, hidden, better)
    assert kinds(partner, both) == ["loan.margin_call", "loan.level_changed"]
    assert kinds(partner, levels) == ["loan.level_changed"] * 2
    assert kinds(partner, calls) == ["loan.margin_call"]
    [told] = [delivery["data"] for delivery in partner.deliveries(calls)]
    assert told == {
        "loan_id": str(called.loan_id), "customer_id": str(partner.id), "asset": "USDT", "from": "WARNING", "to": "MARGIN_CALL",
        "prices": {"BTC": "24900"}, "debt": "24000", "repay": "4080", "changed_at": told["changed_at"],
    }  # fmt: skip
    assert "PENDING" not in str(partner.deliveries(levels))


def test_what_is_late_what_is_sold_and_what_it_will_cost(partner):
    wanted = [
        "loan.overdue",
        "loan.matured",
        "loan.liquidation_started",
        "loan.liquidation_ended",
        "loan.rate_announced",
    ]
    both, late = partner.make(wanted), partner.make(["loan.overdue"])
    loan, sale, day = uuid7(), uuid7(), date(2027, 1, 2)
    of = (loan, partner.id, "USDT", D(100), day, day)
    partner.told(
        Overdue(*of, final=False),
        Overdue(*of, final=True),
        LiquidationStarted(sale, loan, partner.id, "overdue", "USDT", D(100)),
        LiquidationSettled(sale, loan, partner.id, "overdue", "USDT", D(120), D(100), D(1), D(19), D(0)),
        LoanRateAnnounced(loan, partner.id, uuid7(), "USDT", D("0.12"), D("0.10"), day),
    )
    assert kinds(partner, both) == wanted
    assert kinds(partner, late) == ["loan.overdue"] * 2
    data = {delivery["kind"]: delivery["data"] for delivery in partner.deliveries(both)}
    assert data["loan.matured"] | {"due_on": "2027-01-02", "final": True, "amount": "100"} == data["loan.matured"]
    assert data["loan.liquidation_ended"]["surplus"] == "19"
    assert (data["loan.rate_announced"]["rate"], data["loan.rate_announced"]["from_day"]) == ("0.12", "2027-01-02")
