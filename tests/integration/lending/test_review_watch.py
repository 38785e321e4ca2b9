"""What the watch must not do: forget to end a freeze, spare a loan because its rescue failed, sell by prices of long ago."""

import pytest

from lending.watch import service
from payments.errors import AccountFrozen
from tests.integration.lending.test_watch import loan, watch  # noqa: F401  fixtures
from tests.watch_desk import BRIEF


@pytest.fixture
def opted(watch, loan):  # noqa: F811
    watch.book.connection.execute("UPDATE lending.loans SET auto_top_up = true WHERE id = %s", (loan,))
    return loan


def test_a_freeze_ends_after_a_restart_though_its_last_loan_is_gone(watch, loan):  # noqa: F811
    watch.see(2, {"BTC": None})
    assert watch.rows("SELECT 1 FROM lending.freezes")
    watch.book.connection.execute("UPDATE lending.loans SET status = 'repaid' WHERE id = %s", (loan,))
    watch.see(3, "30000", watcher=watch.another())
    assert not watch.rows("SELECT 1 FROM lending.freezes")


def test_a_rescue_that_fails_does_not_spare_the_loan(watch, opted):  # noqa: F811
    def rescue(*_given):
        raise AccountFrozen

    watch.rescue = rescue
    watch.see(2, "24300")
    assert [one[0] for one in watch.begun] == [opted]


def test_a_sale_that_comes_late_waits_for_prices_of_its_own(watch, monkeypatch):  # noqa: F811
    """The first sale takes longer than a price is believed: the second one is decided by the next tick."""
    product = watch.book.product({"BTC": BRIEF})
    loans = [watch.lend(product), watch.lend(product)]
    real, late = service.clock.monotonic, [0.0]
    monkeypatch.setattr(service.clock, "monotonic", lambda: real() + late[0])
    begin = watch._begin

    def slow(*given, **named):
        late[0] += 6.0
        return begin(*given, **named)

    watch._begin = slow
    other = watch.another()
    watch.see(2, "24300", watcher=other)
    assert len(watch.begun) == 1
    watch.see(3, "24300", watcher=other)
    assert {one[0] for one in watch.begun} == set(loans)
