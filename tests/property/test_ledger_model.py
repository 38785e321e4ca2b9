"""The ledger against sixty lines of Python: the same random steps must end in the same books, folded or not.

Amounts go up to 10^30 whole coins, to the last of 0 to 18 decimals, far beyond what a float or a 64-bit integer holds; and one unit
too fine on purpose. Batches hold more than their payers have, so that some items must be refused and the others must not.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from kernel.errors import DomainError
from kernel.ids import uuid7
from payments.chart import JournalIn, move
from payments.journal import service as journal
from tests.ledger_books import Books, open_books

SCALES = tuple(range(19))


@dataclass
class ModelHold:
    account: int
    left: Decimal


@dataclass
class Model:
    """What a ledger is, without locks, tails or folds."""

    total: dict = field(default_factory=dict)
    holds: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)

    def available(self, account):
        return self.total[account] - sum(h.left for h in self.holds.values() if h.account == account)

    def credit(self, account, amount):
        self.total[account] += amount

    def pay(self, payer, payee, amount):
        if self.available(payer) < amount:
            return "insufficient_funds"
        self.total[payer] -= amount
        self.total[payee] += amount
        return None

    def batch(self, items):
        """In their order, from what was there before: what a batch brings in pays for nothing in it."""
        left = {account: self.available(account) for account in self.total}
        said = []
        for payer, payee, amount in items:
            said.append("ok" if left[payer] >= amount else "insufficient_funds")
            if said[-1] == "ok":
                left[payer] -= amount
                self.total[payer] -= amount
                self.total[payee] += amount
        return said

    def hold(self, name, account, amount):
        if self.available(account) < amount:
            return "insufficient_funds"
        self.holds[name] = ModelHold(account, amount)
        return None

    def capture(self, name, amount, release_rest):
        hold = self.holds.get(name)
        if hold is None:
            return "hold_not_open"
        if amount > hold.left:
            return "capture_exceeds_hold"
        self.total[hold.account] -= amount
        hold.left -= amount
        if release_rest or hold.left == 0:
            del self.holds[name]
        return None

    def void(self, name):
        hold = self.holds.pop(name, None)
        return hold.left if hold else Decimal(0)


# Smallest units, and whole coins with as many units on top.
amounts = st.tuples(
    st.one_of(st.integers(1, 1000), st.integers(1, 10**18), st.integers(2**53, 2**54)),
    st.sampled_from([0, 0, 1, 2**53, 10**20, 10**30 - 1]),
)
shares = st.sampled_from([Decimal("0.3"), Decimal(1), Decimal("1.7")])


class LedgerMachine(RuleBasedStateMachine):
    books: ClassVar[Books]
    accounts = Bundle("accounts")
    holds = Bundle("holds")
    posted = Bundle("posted")

    @initialize(target=accounts, scale=st.one_of(st.sampled_from([0, 6, 18]), st.sampled_from(SCALES)))
    def open_two_accounts(self, scale):
        self.books.tenant = uuid7()
        self.scale, self.asset, self.model = scale, f"M{scale}", Model()
        made = [self.books.customer(self.asset) for _ in range(2)]
        self.model.total = dict.fromkeys(made, Decimal(0))
        return multiple(*made)

    def unit(self, count=1):
        return Decimal(count).scaleb(-self.scale)

    def amount(self, drawn):
        units, coins = drawn
        return coins + self.unit(units % 10**self.scale if coins else units)

    def some_of(self, available, share):
        """About `share` of what is there, at least one unit."""
        return max((available * share).quantize(self.unit()), self.unit())

    def same(self, expected, step):
        """The step is refused for the expected reason, or not at all; returns its answer."""
        if expected is None:
            return step()
        with pytest.raises(DomainError) as refused:
            step()
        assert refused.value.code == expected
        return None

    @rule(target=posted, account=accounts, drawn=amounts)
    def credit(self, account, drawn):
        key, amount = self.books.key(), self.amount(drawn)
        journal_id = self.books.credit(account, amount, asset=self.asset, key=key)
        self.model.credit(account, amount)
        return key, account, amount, journal_id

    @rule(payer=accounts, payee=accounts, share=shares)
    def pay(self, payer, payee, share):
        amount = self.some_of(self.model.available(payer), share)
        self.same(self.model.pay(payer, payee, amount), lambda: self.books.pay(payer, payee, amount))

    @rule(payments=st.lists(st.tuples(accounts, accounts, shares), min_size=1, max_size=5))
    def batch(self, payments):
        items = [(payer, payee, self.some_of(self.model.available(payer), share)) for payer, payee, share in payments]
        requests = [JournalIn(key=self.books.key(), kind="t", lines=move(*item)) for item in items]
        answers = journal.post_batch(tenant=self.books.tenant, journals=requests)
        assert [answer.status for answer in answers] == self.model.batch(items)

    @rule(target=holds, account=accounts, share=shares)
    def hold(self, account, share):
        amount, name = self.some_of(self.model.available(account), share), object()
        real = self.same(self.model.hold(name, account, amount), lambda: self.books.hold(account, amount))
        return multiple() if real is None else (name, real)

    @rule(hold=holds, share=shares, release_rest=st.booleans())
    def capture(self, hold, share, release_rest):
        name, real = hold
        left = self.model.holds[name].left if name in self.model.holds else self.unit()
        amount = self.some_of(left, share)
        expected = self.model.capture(name, amount, release_rest)
        payee = self.books.outside(self.asset)
        self.same(expected, lambda: self.books.capture(real, amount, payee, release_rest=release_rest))

    @rule(hold=consumes(holds))
    def void(self, hold):
        assert self.books.void(hold[1]) == self.model.void(hold[0])

    @rule(limit=st.sampled_from([1, 3, 1000]))
    def fold(self, limit):
        self.books.fold(limit)

    @rule(entry=posted)
    def replay(self, entry):
        key, account, amount, journal_id = entry
        assert self.books.credit(account, amount, asset=self.asset, key=key) == journal_id

    @rule(entry=posted)
    def reuse_a_key(self, entry):
        key, account, amount, _ = entry
        self.same(
            "idempotency_conflict",
            lambda: self.books.credit(account, amount + self.unit(), asset=self.asset, key=key),
        )

    @rule(account=accounts, drawn=amounts)
    def one_unit_too_fine(self, account, drawn):
        too_fine = self.amount(drawn) + Decimal(1).scaleb(-self.scale - 1)
        self.same("amount_too_fine", lambda: self.books.credit(account, too_fine, asset=self.asset))
        self.same("amount_too_fine", lambda: self.books.hold(account, too_fine))

    @rule(account=accounts)
    def unbalanced(self, account):
        debit, credit = move(self.books.outside(self.asset), account, self.unit(2))
        short = type(debit)(debit.account_id, -self.unit())
        self.same("unbalanced", lambda: self.books.post(short, credit))

    @invariant()
    def same_books(self):
        for account, total in getattr(self, "model", Model()).total.items():
            posted, held = self.books.exact(account)
            assert (posted, posted - held) == (total, self.model.available(account))

    def teardown(self):
        assert self.books.violations() == set()
        self.books.fold()
        assert self.books.violations() == set()
        for account, total in getattr(self, "model", Model()).total.items():
            assert self.books.row(account)[0] == total


def test_the_ledger_is_the_model(database):
    with open_books(database) as books:
        for scale in SCALES:
            books.asset(f"M{scale}", scale)
        run_state_machine_as_test(
            type("ThisLedger", (LedgerMachine,), {"books": books}),
            settings=settings(
                max_examples=40,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
