"""What customers must not see, miss or be refused: hidden entries, a cut statement, a loan that cannot be shown, a product withdrawn."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from kernel import clock
from kernel.clock import wall
from kernel.ids import uuid7
from lending.desk import quoting, service, statements
from lending.desk.errors import LoanQuoteExpired
from lending.desk.queries import Entry
from lending.desk.schemas import LoanOut, WhatIfOut
from lending.desk.service import Caller
from lending.desk.shown import ENTRIES_OF_A_STATEMENT
from lending.desk.what_if import WhatIf, what_if
from lending.errors import PriceNotTrusted
from lending.loans import steps
from lending.products.errors import ProductNotOffered
from tests.integration.lending.test_loan_days import lend

D = Decimal


def own(lender, loan_id):
    customer = lender.loan(loan_id).customer_id
    return Caller(lender.tenant, customer, customer)


def test_a_number_left_out_does_not_tell_of_an_entry_that_is_hidden(lender):
    lender.price()
    loan_id = lend(lender, lender.product())
    with lender.locked(loan_id) as (tx, loan, _product, _on):
        steps.note(tx, loan, "level_decided", {"to": "PENDING_LIQUIDATION"}, shown=False)
        steps.note(tx, loan, "due_soon", {})
    seen = LoanOut.of(service.view(own(lender, loan_id), loan_id), staff=False).events
    assert [(one.seq, one.kind) for one in seen] == [(1, "opened"), (2, "due_soon")]


def test_a_statement_begins_with_the_payout_however_long_the_timeline_is(lender):
    lender.price()
    loan_id = lend(lender, lender.product())
    with lender.locked(loan_id) as (tx, loan, _product, _on):
        for _ in range(250):
            steps.note(tx, loan, "penalty", {"amount": D("0.01")})
    made = statements.statement_of(service.view(own(lender, loan_id), loan_id, entries=ENTRIES_OF_A_STATEMENT))
    assert [(row.kind, row.principal_left) for row in made.rows] == [("opened", 24000)]


def test_a_statement_says_what_a_sale_paid():
    def entry(seq, kind, **payload):
        return Entry(loan_id=uuid7(), seq=seq, kind=kind, payload=payload, journal_id=uuid7(), at=wall())

    paid = {"principal": "24000", "interest": "12.5", "fee": "0", "penalty": "0"}
    entries = [
        entry(1, "opened", principal="24000", paid_out="24000", fee="0", asset="USDT", collateral={"BTC": "1"}),
        entry(
            2,
            "liquidation_settled",
            proceeds="24600",
            paid=paid,
            fee="120.0625",
            surplus="467.4375",
            returned={},
            shortfall="0",
        ),
    ]
    shown = SimpleNamespace(gathered=SimpleNamespace(entries=entries, loan=SimpleNamespace(asset="USDT"), on=None))
    made = statements.statement_of(shown)
    assert (made.rows[1].principal_left, made.rows[1].amount) == (0, D("-24132.5625"))
    assert made.paid == {"principal": 24000, "interest": D("12.5"), "fee": D("120.0625"), "penalty": 0}


def test_a_loan_with_frozen_lines_is_shown_after_one_of_its_assets_left(lender):
    lender.price()
    loan_id = lend(lender, lender.product(collaterals={"BTC": {}, "ETH": {}}, rebase="FROZEN"))
    lender.engine.execute(
        """UPDATE lending.loans SET origination = jsonb_set(origination, '{collateral,ETH}', '"1"') WHERE id = %s""",
        (loan_id,),
    )
    assert service.view(own(lender, loan_id), loan_id).health is None
    lender.price("ETH-USDT", "2000")
    assert service.view(own(lender, loan_id), loan_id).health is not None


@pytest.mark.parametrize("price", ["0.000000000000000001", "99999999999999999999999999999999999999"])
def test_a_price_beyond_all_measure_has_an_answer(lender, price):
    lender.price()
    loan_id = lend(lender, lender.product())
    asked = WhatIf(prices={"BTC": D(price)}, top_up=("BTC", D(price)), withdraw=None, repay=None)
    assert WhatIfOut.of(what_if(own(lender, loan_id), loan_id, asked), staff=False).debt == 24000


def test_a_product_that_was_withdrawn_takes_no_quote(lender):
    lender.price()
    product, customer = lender.product(), lender.borrower(BTC="1")
    asked = quoting.Asked(
        product_id=product, collateral={"BTC": D(1)}, borrow_asset="USDT", amount=D(1000), tenor_days=30
    )
    quote = quoting.ask(tenant=lender.tenant, customer=customer, asked=asked, key=None).quote
    lender.engine.execute(
        "UPDATE lending.loan_products SET status = 'retired', retired_at = now() WHERE id = %s", (product,)
    )
    with pytest.raises(ProductNotOffered):
        quoting.accept(tenant=lender.tenant, customer=customer, quote_id=quote.id, key=None)
    assert lender.has(customer, "BTC") == (1, 0)


@pytest.mark.parametrize(
    ("waits", "max_age_s", "refusal"), [(6.0, 5, PriceNotTrusted), (31.0, 120, LoanQuoteExpired), (4.0, 5, None)]
)
def test_a_quote_is_judged_again_by_whoever_waited_for_a_lock(lender, monkeypatch, waits, max_age_s, refusal):
    lender.price()
    product, customer = lender.product(max_age_s=max_age_s, quote_ttl_s=30), lender.borrower(BTC="1")
    asked = quoting.Asked(
        product_id=product, collateral={"BTC": D(1)}, borrow_asset="USDT", amount=D(1000), tenor_days=30
    )
    quote = quoting.ask(tenant=lender.tenant, customer=customer, asked=asked, key=None).quote
    real, begin, late = clock.monotonic, quoting.opening.begin, [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: real() + late[0])

    def waited(*given, **how):
        late[0] += waits
        return begin(*given, **how)

    monkeypatch.setattr(quoting.opening, "begin", waited)
    if refusal is None:
        quoting.accept(tenant=lender.tenant, customer=customer, quote_id=quote.id, key=None)
        assert lender.has(customer, "BTC") == (0, 0)
        return
    with pytest.raises(refusal):
        quoting.accept(tenant=lender.tenant, customer=customer, quote_id=quote.id, key=None)
    assert lender.has(customer, "BTC") == (1, 0)
    assert lender.drawn() == 0


def test_collateral_does_not_leave_by_a_price_that_grew_old_while_its_loan_was_busy(lender, monkeypatch):
    lender.price()
    loan_id = lend(lender, lender.product(), "1000")
    real, locked = clock.monotonic, service._locked
    late = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: real() + late[0])

    def waited(*given):
        late[0] += 6.0
        return locked(*given)

    monkeypatch.setattr(service, "_locked", waited)
    with pytest.raises(PriceNotTrusted):
        service.take_back(own(lender, loan_id), loan_id, asset="BTC", quantity=D("0.5"))
    monkeypatch.setattr(service, "_locked", locked)
    service.take_back(own(lender, loan_id), loan_id, asset="BTC", quantity=D("0.5"))
    assert lender.loan(loan_id).collateral == {"BTC": D("0.5")}
