"""What days do to loans: daily interest against the loans' own, what falls due, what is late, what a floating rate announces."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel import failpoints
from kernel.ids import uuid7
from kernel.metrics import LENDING_FAILURES
from lending import accounts
from lending.desk import service as desk
from lending.desk.schemas import LoanOut
from lending.desk.service import Caller
from lending.funding import service as funding
from lending.invariants import INVARIANTS
from lending.life import accruing, repricing, selling_out, service
from lending.loans import opening, queries, steps
from lending.loans.opening import Wanted
from lending.loans.states import LoanStatus
from lending.products import queries as products
from tests.ledger_books import as_engine

D = Decimal


def lend(lender, product, amount="24000", *, tenor=30, rate="0.12", customer=None, btc="1"):
    """A loan straight from the steps: its quote is a row and nothing else."""
    customer = customer or lender.borrower(BTC=btc)
    quote = uuid7()
    with lender.tx() as tx:
        tx.execute(
            """INSERT INTO lending.loan_quotes (tenant_id, id, customer_id, product_id, version, amount, fee, rate, tenor_days, collateral,
                                                prices, expires_at, created_at)
               VALUES (:tenant, :id, :customer, :product, 1, :amount, 0, :rate, :tenor, '[]', '{}', now(), now())""",
            tenant=lender.tenant, id=quote, customer=customer, product=product, amount=D(amount), rate=D(rate), tenor=tenor,
        )  # fmt: skip
        wanted = Wanted(
            quote_id=quote, customer_id=customer, amount=D(amount), fee=D(0), rate=D(rate), tenor_days=tenor, collateral={"BTC": D(btc)}
        )  # fmt: skip
        return opening.begin(tx, products.published(tx, product), wanted)


def set_auto_repay(lender, loan_id):
    with lender.locked(loan_id) as (tx, loan, _product, _on):
        assert queries.change(tx, loan, auto_repay=True)


def pay(lender, loan_id, amount):
    with lender.locked(loan_id) as (tx, loan, product, on):
        account = accounts.available(tx, loan.customer_id, loan.asset)
        return steps.pay(tx, loan, product, D(amount), from_account=account, source="customer", on=on)


def in_the_engine(lender, *jobs, days=0):
    with as_engine(lender.database, later=timedelta(days=days)):
        for job in jobs:
            job()


def broken(lender):
    """Names of broken invariants of the ledger and of lending."""
    counts = {one.name: lender.engine.execute(one.sql).fetchone()[0] for one in INVARIANTS}
    return lender.violations() | {name for name, count in counts.items() if count}


def receivable(lender, product):
    return -lender.on(f"lending.interest.{product}:USDT")


def booked(lender, product):
    return lender.engine.execute(
        "SELECT day, amount, total, cost FROM lending.accruals WHERE subject_id = %s ORDER BY day", (product,)
    ).fetchall()


def test_each_day_is_one_journal_and_all_of_them_are_what_the_loans_owe(lender):
    product = lender.product()
    first, _second = lend(lender, product), lend(lender, product, "10000")
    in_the_engine(lender, accruing.book_days, accruing.book_days, days=1)
    assert receivable(lender, product) == D("11.178082")  # 34,000 at 12 %: 11.17808219…
    in_the_engine(lender, accruing.book_days, accruing.book_days, days=3)
    assert receivable(lender, product) == D("44.712328")
    days = booked(lender, product)
    assert [day[1] for day in days] == [D("11.178082"), D("11.178082"), D("11.178082"), D("11.178082")]
    assert days[0][3] == D("4.657534")  # their money cost 5 %
    lender.give(lender.loan(first).customer_id, USDT="1000")
    pay(lender, first, "100000")  # four days of 24,000, up to the next unit
    assert receivable(lender, product) == D("44.712328") - D("31.561644")
    in_the_engine(lender, accruing.book_days, days=1)
    assert receivable(lender, product) == D("16.438356")  # the other's five days: 16.43835616…
    with lender.tx() as tx:
        line = funding.find(tx, lender.line)
    assert (line.drawn, lender.on(f"funding.interest.{lender.line}:USDT")) == (
        10_000,
        D("1.369864"),
    )  # 20 in all, 18.630136 paid
    assert not broken(lender)


def test_rounding_leaves_nothing_behind_when_all_loans_are_paid(lender):
    product = lender.product()
    loans = [lend(lender, product, amount) for amount in ("333.33", "1000.01", "77.77")]
    for days, loan_id in zip((1, 2, 4), loans, strict=True):
        in_the_engine(lender, accruing.book_days, days=days)
        lender.give(lender.loan(loan_id).customer_id, USDT="100")
        pay(lender, loan_id, "2000")
    in_the_engine(lender, accruing.book_days, days=1)
    assert receivable(lender, product) == 0
    assert lender.on(f"lending.principal.{product}:USDT") == 0
    rows = len(booked(lender, product))
    in_the_engine(lender, accruing.book_days, days=5)
    assert len(booked(lender, product)) == rows
    assert not broken(lender)


def test_a_loan_nobody_pays_is_told_late_once_and_costs_once_the_grace_is_over(lender):
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan_id = lend(lender, product, "10000", rate="0")
    in_the_engine(lender, service.work_off, days=30)
    assert lender.loan(loan_id).status is LoanStatus.ACTIVE  # its last day
    in_the_engine(lender, service.work_off, service.work_off, days=1)
    loan = lender.loan(loan_id)
    assert (loan.status, loan.penalty_owed) == (LoanStatus.MATURED_OVERDUE, 0)
    in_the_engine(lender, service.work_off, days=2)
    assert lender.loan(loan_id).penalty_owed == 0  # the last day of the grace
    in_the_engine(lender, service.work_off, service.work_off, days=1)
    assert lender.loan(loan_id).penalty_owed == D("40")  # four days since it was due, a thousandth each
    in_the_engine(lender, service.work_off, days=2)
    assert lender.loan(loan_id).penalty_owed == D("60")
    assert [kind for kind in lender.events(loan_id) if kind != "opened"] == ["overdue", "penalty", "penalty"]


def test_who_pays_within_the_grace_pays_no_penalty(lender):
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan_id = lend(lender, product, "10000", rate="0")
    in_the_engine(lender, service.work_off, days=33)
    pay(lender, loan_id, "10000")
    in_the_engine(lender, service.work_off, days=3)
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert lender.on("revenue.loan_penalty:USDT") == 0


def test_a_loan_repays_itself_on_its_day_with_what_there_is(lender):
    product = lender.product()
    loan_id = lend(lender, product)
    customer = lender.loan(loan_id).customer_id
    set_auto_repay(lender, loan_id)
    in_the_engine(lender, service.work_off, days=29)
    assert lender.loan(loan_id).principal == 24_000  # nothing is taken before it is due
    in_the_engine(lender, service.work_off, days=1)
    loan = lender.loan(loan_id)
    assert (loan.status, loan.principal) == (LoanStatus.ACTIVE, D("236.712329"))  # the interest was owed on top
    assert lender.has(customer, "USDT")[0] == 0
    lender.give(customer, USDT="240")
    in_the_engine(lender, service.work_off)
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert lender.has(customer, "BTC")[0] == 1
    assert not broken(lender)


def test_instalments_fall_due_and_are_paid_by_themselves(lender):
    product = lender.product(method="equal_instalments", every="1M")
    loan_id = lend(lender, product, "9000", tenor=90)
    set_auto_repay(lender, loan_id)
    plan = lender.instalments(loan_id)
    lender.give(lender.loan(loan_id).customer_id, USDT="1000")
    on = lender.loan(loan_id).opened_on
    for row in plan:
        in_the_engine(lender, service.work_off, service.work_off, days=(row.due_on - on).days)
        on = row.due_on
    assert lender.loan(loan_id).status is LoanStatus.REPAID
    assert [row.status for row in lender.instalments(loan_id)] == ["paid"] * len(plan)
    assert lender.events(loan_id).count("repayment") == len(plan) - 1
    assert not broken(lender)


def test_a_late_instalment_costs_on_what_is_late_only(lender):
    product = lender.product(method="equal_principal", every="1M", grace_days=2, penalty_rate="0.365")
    loan_id = lend(lender, product, "9000", tenor=90, rate="0")
    first = lender.instalments(loan_id)[0]
    wait = (first.due_on - lender.loan(loan_id).opened_on).days
    in_the_engine(lender, service.work_off, service.work_off, days=wait + 1)
    assert lender.events(loan_id).count("overdue") == 1
    in_the_engine(lender, service.work_off, days=2)
    loan = lender.loan(loan_id)
    assert (loan.status, loan.penalty_owed) == (LoanStatus.ACTIVE, D("9"))  # three days of 3,000


def test_reminders_come_once_for_each_number_of_days(lender):
    product = lender.product()
    loan_id = lend(lender, product)
    for _ in range(31):
        in_the_engine(lender, service.remind, service.remind, days=1)
    rows = lender.engine.execute(
        "SELECT payload FROM lending.loan_events WHERE loan_id = %s AND kind = 'due_soon' ORDER BY seq", (loan_id,)
    ).fetchall()
    assert [row[0]["days"] for row in rows] == [7, 3, 1]
    assert {row[0]["amount"] for row in rows} == {"24236.712329"}


def test_a_floating_rate_is_announced_a_week_ahead_and_counts_from_its_day(lender):
    product = lender.product(rate_mode="FLOATING", rate="0", spread="0.05")
    with lender.tx() as tx:
        products.begin_index(tx, product, today=tx.now.date(), rate=D("0.10"))
    loan_id = lend(lender, product, "36500", rate="0.10", btc="2")
    with lender.tx() as tx:
        funding.change(tx, lender.line, limit=None, rate=D("0.15"))
    in_the_engine(lender, repricing.announce, repricing.announce)
    told = lender.engine.execute(
        "SELECT count(*) FROM kernel.outbox WHERE topic = 'lending.rate_announced.v1'"
    ).fetchone()[0]
    assert told == 1
    in_the_engine(lender, accruing.book_days, days=7)
    assert receivable(lender, product) == D("69.999999")  # ten a day until then; the index is kept rounded down
    in_the_engine(lender, accruing.book_days, days=1)
    assert receivable(lender, product) == D("89.999999")  # twenty a day from then on
    with lender.locked(loan_id) as (tx, loan, version, on):
        assert steps.charge_interest(tx, loan, version, on).interest_owed == 90


def test_a_rate_that_is_announced_is_shown_beside_the_one_in_force(lender):
    product = lender.product(rate_mode="FLOATING", rate="0", spread="0.05")
    with lender.tx() as tx:
        products.begin_index(tx, product, today=tx.now.date(), rate=D("0.10"))
    loan_id = lend(lender, product, rate="0.10")
    with lender.tx() as tx:
        funding.change(tx, lender.line, limit=None, rate=D("0.15"))
    in_the_engine(lender, repricing.announce)
    loan = lender.loan(loan_id)

    def shown():
        out = LoanOut.of(desk.view(Caller(lender.tenant, loan.customer_id, loan.customer_id), loan_id), staff=False)
        told = out.model_dump(mode="json", by_alias=True)
        return told["rate"], told["next_rate"]

    assert shown() == ("0.1", {"rate": "0.2", "from": (loan.opened_on + timedelta(days=7)).isoformat()})
    lender.days_pass(6)
    assert shown()[0] == "0.1"
    lender.days_pass(1)
    assert shown() == ("0.2", None)


@pytest.mark.parametrize("late_by", [1, 40])
def test_days_that_were_missed_are_booked_one_by_one(lender, late_by):
    product = lender.product()
    lend(lender, product, "36500", btc="2")
    in_the_engine(lender, accruing.book_days, days=late_by)
    assert [amount for _, amount, _, _ in booked(lender, product)] == [D(12)] * late_by
    assert receivable(lender, product) == 12 * late_by


def test_who_is_late_beyond_the_grace_is_sold_out_at_prices_that_are_believed(lender):
    product = lender.product(grace_days=3, penalty_rate="0.365")
    loan_id = lend(lender, product, "10000", rate="0")
    lender.no_price()
    in_the_engine(lender, service.work_off, selling_out.sell_out, days=34)
    assert lender.loan(loan_id).status is LoanStatus.MATURED_OVERDUE  # nobody says what it is worth
    lender.price(venues=("binance",))
    in_the_engine(lender, selling_out.sell_out)
    assert lender.loan(loan_id).status is LoanStatus.MATURED_OVERDUE  # one venue is nobody
    lender.price()
    in_the_engine(lender, selling_out.sell_out, selling_out.sell_out)
    loan = lender.loan(loan_id)
    assert (loan.status, loan.penalty_owed) == (LoanStatus.LIQUIDATING, D(40))
    assert lender.on(f"loan:{loan_id}:BTC") == 0
    cause, evidence = lender.engine.execute(
        "SELECT q.cause, e.prices FROM lending.liquidations q JOIN lending.price_evidence e ON e.id = q.evidence_id WHERE q.loan_id = %s",
        (loan_id,),
    ).fetchone()
    assert (cause, evidence["BTC"]["price"], len(evidence["BTC"]["venues"])) == ("overdue", "30000", 3)
    assert not broken(lender)


def test_within_the_grace_nothing_is_sold(lender):
    product = lender.product(grace_days=3)
    loan_id = lend(lender, product)
    lender.price()
    in_the_engine(lender, service.work_off, selling_out.sell_out, days=33)
    assert lender.loan(loan_id).status is LoanStatus.MATURED_OVERDUE
    assert lender.on(f"loan:{loan_id}:BTC") == 1


def test_two_engines_book_a_day_once(lender):
    product = lender.product()
    lend(lender, product, "36500", btc="2")
    with as_engine(lender.database, later=timedelta(days=2)), ThreadPoolExecutor(4) as pool:
        for result in [pool.submit(accruing.book_days) for _ in range(4)]:
            result.result()
    assert receivable(lender, product) == 24
    assert len(booked(lender, product)) == 2
    assert not broken(lender)


def test_a_kill_before_the_commit_books_nothing_and_the_next_run_everything(lender, monkeypatch):
    product = lender.product()
    loan_id = lend(lender, product, "36500", btc="2")

    class Killed(BaseException):
        """What no handler of errors catches, as nothing catches the end of a process."""

    def die(name):
        if name.endswith("before_commit"):
            raise Killed(name)

    monkeypatch.setattr(failpoints, "hit", die)
    for job in (accruing.book_days, service.work_off):
        with pytest.raises(Killed):
            in_the_engine(lender, job, days=31)
    assert (receivable(lender, product), lender.loan(loan_id).status) == (0, LoanStatus.ACTIVE)
    monkeypatch.undo()
    in_the_engine(lender, accruing.book_days, service.work_off)
    assert (receivable(lender, product), lender.loan(loan_id).status) == (12 * 62, LoanStatus.MATURED_OVERDUE)
    assert not broken(lender)


def failures(what):
    return LENDING_FAILURES.labels(what)._value.get()


def test_a_reminder_that_fails_keeps_nobody_waiting_and_is_told_at_the_next_run(lender, monkeypatch):
    product = lender.product()
    three = [lend(lender, product, "1000") for _ in range(3)]
    bad, real, before = min(three), queries.instalments, failures("reminder_not_told")

    def failing(tx, loan_id):
        if loan_id == bad:
            raise RuntimeError("its plan is broken")
        return real(tx, loan_id)

    monkeypatch.setattr(queries, "instalments", failing)
    in_the_engine(lender, service.remind, days=23)
    assert [lender.events(loan).count("due_soon") for loan in sorted(three)] == [0, 1, 1]
    assert failures("reminder_not_told") == before + 1
    monkeypatch.undo()
    in_the_engine(lender, service.remind)
    assert [lender.events(loan).count("due_soon") for loan in three] == [1, 1, 1]


def test_a_product_or_a_line_that_cannot_be_booked_keeps_no_other_waiting_and_is_booked_in_order_later(
    lender, monkeypatch
):
    lines = [lender.line, lender.funding_line()]
    products_ = sorted(lender.product(line=line) for line in (*lines, lender.line))
    for product in products_:
        lend(lender, product, "36500", btc="2")
    bad, real, before = products_[0], accruing.accrue, failures("days_not_booked")

    def failing(tx, product_id):
        if product_id == bad:
            raise RuntimeError("it cannot be reckoned")
        return real(tx, product_id)

    def no_line(tx, line_id):
        if line_id == min(lines):
            raise RuntimeError("it cannot be reckoned")
        return real_line(tx, line_id)

    real_line = funding.accrue
    monkeypatch.setattr(accruing, "accrue", failing)
    monkeypatch.setattr(funding, "accrue", no_line)
    in_the_engine(lender, accruing.book_days, days=2)
    in_the_engine(lender, accruing.book_days, days=1)
    assert [len(booked(lender, product)) for product in products_] == [0, 3, 3]
    assert failures("days_not_booked") == before + 2
    assert len(booked(lender, min(lines))) == 0
    assert len(booked(lender, max(lines))) == 3
    monkeypatch.undo()
    in_the_engine(lender, accruing.book_days, days=1)
    days = {product: [day for day, *_ in booked(lender, product)] for product in (*products_, *lines)}
    assert len({tuple(each) for each in days.values()}) == 1
    assert all(each == [each[0] + timedelta(days=n) for n in range(4)] for each in days.values())
    assert [receivable(lender, product) for product in products_] == [48, 48, 48]
    assert not broken(lender)
