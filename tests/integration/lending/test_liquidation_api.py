"""What staff see of liquidations, and what they may do about one that waits."""

from decimal import Decimal as D

import pytest

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from kernel.errors import InvalidRequest
from kernel.ids import uuid7
from lending.errors import PriceNotTrusted
from lending.liquidation import staffing, tasks, writing_off
from lending.liquidation.errors import LiquidationNotFound, LiquidationsStopped, NoBadDebt, NotPaused
from lending.liquidation.schemas import LiquidationOut, LiquidationStory
from lending.liquidation.states import Cause, LiquidationStatus
from lending.loans.states import LoanStatus


@pytest.fixture
def paused(selling):
    """Decided at 24,600; the buyers stand at 24,000, below the lowest price of 24,354."""
    liquidation_id = selling.begin(selling.lend())
    selling.books(("24000", "9"), price="24000")
    selling.step(liquidation_id)
    assert selling.liquidation(liquidation_id).pause_reason == "below_floor"
    return liquidation_id


def price_again(selling, liquidation_id, key=None):
    return staffing.price_again(
        tenant=selling.tenant, actor=uuid7(), liquidation_id=liquidation_id, reason="the market stays here", key=key
    )


def test_a_paused_one_sells_at_todays_price_once_somebody_says_so(selling, paused):
    assert LiquidationOut.of(staffing.read(selling.tenant, paused)).pause_reason == "below_floor"
    price_again(selling, paused)
    assert selling.liquidation(paused).plan["BTC"].floor == 24000 * D("0.99")
    assert selling.finish(paused).status in {LiquidationStatus.DONE, LiquidationStatus.SHORTFALL}
    (seen,) = staffing.page(selling.tenant, live=False, before=None, limit=10)
    shown = LiquidationOut.of(seen).model_dump(mode="json")
    assert shown["targets"][0]["floor"] == "23760"
    assert shown["settlement"]["shortfall"] == shown["settlement"]["lost"]


def test_one_is_told_with_what_each_venue_paid_and_what_was_seen(selling):
    liquidation_id = selling.begin(selling.lend())
    selling.books(("24600", "9"))
    selling.finish(liquidation_id)
    story = LiquidationStory.told(staffing.story(selling.tenant, liquidation_id)).model_dump(mode="json")
    sales = {sale["order_id"]: sale for sale in story["sales"]}
    for order_id, sale in sales.items():
        mine = [fill for fill in story["fills"] if fill["order_id"] == order_id]
        assert sum(D(fill["quantity"]) for fill in mine) == D(sale["sold"]) > 0
        assert sum(D(fill["received"]) for fill in mine) == D(sale["proceeds"])
        assert {fill["price"] for fill in mine} == {"24600"}
    assert {fill["order_id"] for fill in story["fills"]} == sales.keys()
    assert (story["evidence"]["line"], story["evidence"]["to_level"]) == ("actual", "LIQUIDATING")
    assert (story["loan_status"], story["budget"]) == ("liquidated", "0.01")


def test_what_a_customer_asked_for_was_decided_by_no_line(selling):
    liquidation_id = selling.begin(selling.lend(), cause=Cause.CUSTOMER, wanted=D(100))
    assert LiquidationStory.told(staffing.story(selling.tenant, liquidation_id)).evidence is None


def test_what_is_not_paused_keeps_its_price(selling, paused):
    selling.books(("24600", "9"))
    selling.step(paused)
    with pytest.raises(NotPaused):
        price_again(selling, paused)
    with pytest.raises(LiquidationNotFound):
        price_again(selling, uuid7())


def test_a_breaker_and_a_price_nobody_trusts_forbid_it(selling, paused):
    selling.breaker(2)
    with pytest.raises(LiquidationsStopped):
        price_again(selling, paused)
    selling.breaker(1)
    selling.valkey.flushall()
    with pytest.raises(PriceNotTrusted):
        price_again(selling, paused)
    assert selling.liquidation(paused).plan["BTC"].floor == D(24600) * D("0.99")


def test_a_loss_is_written_off_by_two(selling):
    loan_id = selling.lend()
    liquidation_id = selling.begin(loan_id, price="23000")
    with pytest.raises(NoBadDebt):
        writing_off.ask(
            tenant=selling.tenant, actor=selling.staff(role="product"), liquidation_id=liquidation_id, key=None
        )
    selling.books(("23000", "9"))
    selling.finish(liquidation_id)
    maker, checker = selling.staff(role="product"), selling.staff(role="admin")
    asked = writing_off.ask(tenant=selling.tenant, actor=maker, liquidation_id=liquidation_id, key=None)
    digest = bytes(selling.engine.execute("SELECT digest FROM identity.approvals WHERE id = %s", [asked]).fetchone()[0])
    with selling.tx() as tx:
        approvals.grant(tx, asked, by=checker, digest=digest)
    fact = ApprovalGranted(asked, writing_off.KIND, liquidation_id, digest.hex(), maker, checker)
    with selling.as_engine(), selling.tx() as tx:
        writing_off.granted(tx, fact)
    assert selling.loan(loan_id).status is LoanStatus.WRITTEN_OFF
    with pytest.raises(NoBadDebt):
        writing_off.ask(tenant=selling.tenant, actor=maker, liquidation_id=liquidation_id, key=None)


def test_breakers_are_set_for_assets_that_are_sold(selling):
    staffing.set_breaker(tenant=selling.tenant, actor=uuid7(), asset="*", level=3, reason="a rehearsal")
    assert [(row.asset, row.level) for row in staffing.breakers(selling.tenant)] == [("*", 3)]
    with pytest.raises(InvalidRequest):
        staffing.set_breaker(tenant=selling.tenant, actor=uuid7(), asset="NOPE", level=1, reason="a rehearsal")


def test_the_engines_loop_finds_what_is_due_and_goes_on_after_one_that_fails(selling, monkeypatch):
    """The first cannot be stepped for whatever reason: it waits, the second is sold."""
    first, second = (selling.begin(selling.lend()) for _ in range(2))
    selling.books(("24600", "9"))
    whole = tasks.selling.step

    def broken(tenant, liquidation_id):
        if liquidation_id == first:
            raise RuntimeError("what nobody thought of")
        return whole(tenant, liquidation_id)

    monkeypatch.setattr(tasks.selling, "step", broken)
    with selling.as_engine():
        assert tasks.step_due() == 1
    assert selling.liquidation(first).status is LiquidationStatus.OPEN
    assert selling.liquidation(second).status is LiquidationStatus.SELLING
