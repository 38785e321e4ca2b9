"""Open orders at venues against ours, both directions: what is foreign or over is ticketed once and never touched."""

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from broker.listings import service, tasks
from broker.listings.comparison import ORDERS, TRADES
from kernel import roles
from payments.reconciliation import service as reconciliation
from rivermouth import registry
from venues.gateway import OrderReport

D = Decimal
assert registry.SCHEDULES  # it registers the sources


def report(number, coid, *, quantity="0.5", filled="0"):
    return OrderReport(
        venue_order_id=number, client_order_id=coid, status="open", filled_quantity=D(filled), average_price=None, fills=(),
        fills_complete=True, side="buy", limit_price=D(99970), quantity=D(quantity),
    )  # fmt: skip


def listed(desk, *reports, venue="binance"):
    with desk.as_engine():
        service.store(desk.tenant, venue=venue, symbol="BTC-USDT", listed=reports, took_s=0.0)


def compare(desk, scope=ORDERS):
    run_id = tasks.start(desk.tenant, scope)
    return None if run_id is None else reconciliation.run_now(desk.tenant, run_id)


def breaks(desk):
    found = reconciliation.list_breaks(desk.tenant)
    return {b.reference.rpartition(":")[2]: (b.kind, b.state, b.difference) for b in found}


def older(desk, by="2 minutes"):
    """Some time passes for what the lists and the desk remember."""
    desk.engine.execute("UPDATE broker.venue_orders SET created_at = created_at - CAST(%s AS interval)", [by])
    desk.engine.execute("UPDATE broker.listed_orders SET first_seen_at = first_seen_at - CAST(%s AS interval)", [by])


def test_a_foreign_order_is_ticketed_told_once_and_left_alone(desk):
    assert compare(desk) is None, "nothing happened: no run"
    for _ in range(2):
        listed(desk, report("77", "somebody-else"))
        assert compare(desk).state == "done"
    assert breaks(desk) == {"77": ("missing_ours", "ticketed", D("0.5"))}
    told = desk.engine.execute(
        "SELECT payload FROM kernel.outbox WHERE topic = 'broker.foreign_order_seen.v1'"
    ).fetchall()
    assert [row[0]["venue_order_id"] for row in told] == ["77"]
    assert desk.engine.execute("SELECT count(*) FROM kernel.calls").fetchone()[0] == 0


def test_what_both_sides_have_open_agrees_and_what_is_over_for_us_does_not(desk):
    order = desk.place()
    coid = desk.children(order)[0].client_order_id
    desk.answer(order, "open")
    older(desk)
    listed(desk, report("v-1", coid))
    older(desk)
    done = compare(desk)
    assert (done.compared, done.agreed) == (1, 1)
    desk.answer(order, "cancelled", child=-1)
    compare(desk)
    assert breaks(desk) == {"v-1": ("missing_ours", "ticketed", D("0.5"))}, "it is over for us, and still open there"


def test_what_we_wait_for_and_the_venue_does_not_list(desk):
    order = desk.place()
    desk.answer(order, "open")
    listed(desk)
    assert compare(desk).compared == 0, "a minute has not passed"
    older(desk)
    compare(desk)
    assert breaks(desk) == {"v-1": ("missing_theirs", "ticketed", D("-0.5"))}
    desk.answer(order, "filled", desk.fill("0.5"))


@pytest.mark.parametrize(("minutes", "compared"), [(1, 0), (7, 1), (30, 0)])
def test_trades_are_compared_from_five_minutes_on(desk, minutes, compared):
    order = desk.place()
    desk.answer(order, "filled", desk.fill("0.5"))
    _backdate(desk, timedelta(minutes=minutes))
    assert compare(desk, TRADES).compared == compared


def _backdate(desk, by):
    """As the owner of the schema: fills and lists are never changed by the product."""
    with psycopg.connect(roles.conninfo(desk.database.superuser), autocommit=True) as owner:
        owner.execute("UPDATE broker.executions SET executed_at = executed_at - %s", [by])
        owner.execute(
            """INSERT INTO broker.trade_reads (tenant_id, venue, symbol, read_from, read_through)
               VALUES (%s, 'binance', 'BTC-USDT', now() - interval '1 day', now())""",
            [desk.tenant],
        )
