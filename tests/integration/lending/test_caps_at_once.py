"""Caps count the loans of all funding lines: of many who accept at once, over two lines, no more pass than there is room for."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from lending.desk import queries, quoting, service
from lending.desk.errors import LendingLimitReached
from lending.desk.quoting import Asked

D = Decimal
THREADS, FIT = 8, 2
DEPTH = 150  # three venues bid for 50 each
LINGER_S = 0.4


@pytest.fixture
def linger(monkeypatch):
    """Between the look at the caps and the commit each waits for a second one to be there too; with a lock none ever comes."""
    here, both, taken = [0], threading.Condition(), queries.take_quote

    def take(tx, quote_id, loan_id):
        with both:
            here[0] += 1
            both.notify_all()
            both.wait_for(lambda: here[0] > 1, timeout=LINGER_S)
        try:
            taken(tx, quote_id, loan_id)
        finally:
            tx.after_commit(leave)

    def leave():
        with both:
            here[0] -= 1

    monkeypatch.setattr(queries, "take_quote", take)


def quote(lender, product, customer, asset="BTC"):
    asked = Asked(product_id=product, collateral={asset: D(1)}, borrow_asset="USDT", amount=D(1000), tenor_days=30)
    return quoting.ask(tenant=lender.tenant, customer=customer, asked=asked, key=None).quote.id


def next_version(lender, product, line):
    """The same product, paid from another line."""
    lender.engine.execute(
        "UPDATE lending.loan_products SET status = 'retired', retired_at = now() WHERE id = %s", (product,)
    )
    lender.engine.execute(
        """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by,
                                              created_at, published_at)
           SELECT tenant_id, id, 2, 'published', name, asset, %s, terms, created_by, now(), now() FROM lending.loan_products
            WHERE id = %s""",
        (line, product),
    )
    lender.engine.execute(
        """INSERT INTO lending.product_collaterals (tenant_id, product_id, version, asset, basis, pledge, warning, displayed, actual,
                                                    hard, ltv_numerators, ltv_denominators, haircut, asset_cap)
           SELECT tenant_id, product_id, 2, asset, basis, pledge, warning, displayed, actual, hard, ltv_numerators, ltv_denominators,
                  haircut, asset_cap FROM lending.product_collaterals WHERE product_id = %s""",
        (product,),
    )


def quotes_over_two_lines(lender, cap):
    """(customer, asset, quote) of eight loans, half of them on each line; there is room for two."""
    second, half = lender.funding_line(), THREADS // 2
    people = [lender.borrower(BTC="10", ETH="10") for _ in range(THREADS if cap != "customer" else 1)] * THREADS
    assets = ["BTC"] * THREADS
    if cap == "market":
        deep = str((D("2.5") / DEPTH).quantize(D("0.00001")))
        products = [
            lender.product(line=line, depth_share=deep, max_age_s=600, name=str(line)) for line in (lender.line, second)
        ]
        return [(people[n], "BTC", quote(lender, products[n // half], people[n])) for n in range(THREADS)]
    caps = {"customer_cap": "2500"} if cap == "customer" else {"collaterals": {"BTC": {"cap": "2.5"}}}
    if cap == "customer":  # of two assets: else the customer's own account would make them wait for each other
        caps["collaterals"], assets = {"BTC": {}, "ETH": {}}, ["BTC"] * half + ["ETH"] * half
    product = lender.product(max_age_s=600, **caps)
    quoted = []
    for n in range(THREADS):
        if n == half:
            next_version(lender, product, second)
        quoted.append((people[n], assets[n], quote(lender, product, people[n], assets[n])))
    return quoted


@pytest.mark.parametrize("cap", ["market", "collateral", "customer"])
def test_no_more_pass_a_cap_than_there_is_room_for(lender, linger, cap):
    lender.price()
    lender.price("ETH-USDT", "2000")
    quoted = quotes_over_two_lines(lender, cap)
    together = threading.Barrier(THREADS)

    def accept(one):
        together.wait()
        try:
            return quoting.accept(tenant=lender.tenant, customer=one[0], quote_id=one[2], key=None).id
        except LendingLimitReached as refusal:
            return refusal

    with ThreadPoolExecutor(THREADS) as pool:
        ends = list(pool.map(accept, quoted))
    refused = [end for end in ends if isinstance(end, LendingLimitReached)]
    assert len(refused) == THREADS - FIT
    assert {(one.code, one.extra["limit"]) for one in refused} == {("lending_limit_reached", cap)}
    with lender.tx() as tx:
        assert sum(queries.pledged(tx, asset=asset, product=None) for asset in ("BTC", "ETH")) == FIT
    for customer, asset in {(customer, asset) for customer, asset, _ in quoted}:
        ended = zip(quoted, ends, strict=True)
        pledged = sum(one[:2] == (customer, asset) and end not in refused for one, end in ended)
        assert lender.has(customer, asset) == (10 - pledged, 0)
    lines = lender.engine.execute(
        "SELECT sum(drawn) FROM lending.funding_lines WHERE tenant_id = %s", (lender.tenant,)
    ).fetchone()
    assert lines == (FIT * 1000,)


def test_what_is_added_at_once_passes_no_cap_either(lender, monkeypatch):
    """Four loans over two lines, each of which would take one more, where there is room for one."""
    lender.price()
    product = lender.product(max_age_s=600, collaterals={"BTC": {"cap": "5.5"}})
    people = [lender.borrower(BTC="10") for _ in range(4)]
    loans = []
    for n, customer in enumerate(people):
        if n == 2:
            next_version(lender, product, lender.funding_line())
        wanted = quote(lender, product, customer)
        loans.append(quoting.accept(tenant=lender.tenant, customer=customer, quote_id=wanted, key=None).id)
    together, look = threading.Barrier(4), quoting.require_room_for

    def slow_look(*args):
        look(*args)
        threading.Event().wait(LINGER_S)

    monkeypatch.setattr(quoting, "require_room_for", slow_look)

    def add(n):
        caller = service.Caller(lender.tenant, people[n], people[n])
        together.wait()
        try:
            service.add_collateral(caller, loans[n], asset="BTC", quantity=D(1))
        except LendingLimitReached as refusal:
            return refusal.code
        return "added"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["added", *["lending_limit_reached"] * 3]
    with lender.tx() as tx:
        assert queries.pledged(tx, asset="BTC", product=None) == 5
