"""Planted breaks are found, classified, and levelled within the cap or given to two people; our own projection is rebuilt, never plugged."""

from datetime import UTC, timedelta
from decimal import Decimal

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from payments.chart import move
from payments.errors import AccountNotFound, SecondPersonRequired
from payments.reconciliation import service, sources, tickets
from payments.reconciliation.errors import (
    BreakNotFound,
    BreakNotOpen,
    ResolutionDoesNotFit,
    RunNotFound,
    ScopeUnknown,
    SourceUnknown,
)
from payments.reconciliation.states import BreakClass, BreakState, Level, Resolution
from tests.reconciliation_desk import FIRST, SECOND, balance, breaks, house_books, limits, owned, run

__all__ = ["house_books"]

D = Decimal


def test_what_agrees_leaves_no_trace(house_books):
    house_books.place.reports = {"USDT": "1000.0000"}
    done = run(house_books)
    assert (done.compared, done.agreed, done.breaks) == (1, 1, 0)
    assert breaks(house_books, *BreakState) == []


@pytest.mark.parametrize("theirs", ["1000.00004", "999.99996"])
def test_dust_is_levelled_from_the_pool(house_books, theirs):
    house_books.place.reports = {"USDT": theirs}
    done = run(house_books)
    assert (done.breaks, done.levelled, done.ticketed) == (1, 1, 0)
    [found] = breaks(house_books, BreakState.LEVELLED)
    assert (found.kind, found.difference, found.theirs_text) == ("dust", D(theirs) - 1000, theirs)
    assert owned(house_books) == D(theirs)
    assert balance(house_books, "pool:rounding:") == {"pool:rounding:USDT": D(theirs) - 1000}
    assert run(house_books).breaks == 0


def test_nothing_is_levelled_beyond_the_cap(house_books):
    limits(house_books, dust=D("0.001"), daily_cap=D("0.0025"))
    total = D(1000)
    states = []
    for _ in range(4):
        total += D("0.001")
        house_books.place.reports = {"USDT": str(total)}
        run(house_books)
        states.append(breaks(house_books, *BreakState)[0].state)
    assert states == ["levelled", "levelled", "ticketed", "ticketed"]
    assert balance(house_books, "pool:rounding:") == {"pool:rounding:USDT": D("0.002")}
    assert balance(house_books, "suspense:") == {"suspense:place:USDT": D("0.002")}
    _, notes = service.get_break(house_books.tenant, breaks(house_books)[0].id)
    assert "cap" in notes[0].text
    # Cutting the cap counts at once; a smaller amount still fits below it.
    limits(house_books, daily_cap=D("0.0021"))
    house_books.place.reports = {"USDT": str(total + D("0.0001"))}
    assert run(house_books).levelled == 1


def test_a_difference_finer_than_the_asset_is_none(house_books):
    house_books.place.reports = {"USDT": "1000.00000049"}
    assert run(house_books).breaks == 0


def test_a_large_difference_goes_to_suspense_and_two_people_close_it(house_books):
    house_books.place.reports = {"USDT": "990"}
    done = run(house_books)
    assert (done.levelled, done.ticketed) == (0, 1)
    [found] = breaks(house_books)
    assert (found.kind, found.state, found.suspended, found.difference) == ("unknown", "ticketed", True, D(-10))
    assert owned(house_books) == 990
    assert balance(house_books, "suspense:") == {"suspense:place:USDT": D(-10)}
    assert run(house_books).breaks == 0, "our books follow theirs; the rest is the ticket's business"

    def propose(resolution, who=FIRST, **rest):
        return tickets.propose(
            tenant=house_books.tenant, principal=who, item_id=found.id, resolution=resolution, note="seen",
            key=None, **{"account": None, **rest},
        )  # fmt: skip

    with pytest.raises(ResolutionDoesNotFit):
        propose(Resolution.CLOSE)
    with pytest.raises(ResolutionDoesNotFit):
        propose(Resolution.TO_ACCOUNT)
    with pytest.raises(AccountNotFound):
        propose(Resolution.TO_ACCOUNT, account=10**15)
    with db.read_only(tenant=house_books.tenant) as tx:
        [suspense] = balances.by_path_prefix(tx, "suspense:")
    with pytest.raises(ResolutionDoesNotFit):  # resolved, and nothing would have moved
        propose(Resolution.TO_ACCOUNT, account=suspense.account_id)
    with pytest.raises(BreakNotOpen):
        tickets.confirm(tenant=house_books.tenant, principal=SECOND, item_id=found.id, key=None)
    propose(Resolution.BOOK_FEE)
    with pytest.raises(BreakNotOpen):
        propose(Resolution.WRITE_OFF)
    with pytest.raises(SecondPersonRequired):
        tickets.confirm(tenant=house_books.tenant, principal=FIRST, item_id=found.id, key=None)
    assert balance(house_books, "suspense:") == {"suspense:place:USDT": D(-10)}
    for _ in range(2):  # a repeat of the key is the same confirmation
        tickets.confirm(tenant=house_books.tenant, principal=SECOND, item_id=found.id, key="once")
    assert balance(house_books, "suspense:") == {}
    assert balance(house_books, "expense.venue_fee") == {"expense.venue_fee:USDT": D(-10)}
    closed, notes = service.get_break(house_books.tenant, found.id)
    assert (closed.state, closed.proposed_by, closed.confirmed_by, notes[0].text) == ("resolved", FIRST, SECOND, "seen")
    with pytest.raises(BreakNotOpen):
        propose(Resolution.WRITE_OFF)
    assert house_books.violations() == set()


def test_what_was_booked_late_is_given_back(house_books):
    house_books.place.reports = {"USDT": "1007"}
    run(house_books)
    house_books.post(*move(house_books.custody, house_books.outside(), D(7)))  # the booking that was missing
    run(house_books)
    late, first = breaks(house_books)
    assert (first.difference, late.difference) == (D(7), D(-7))
    assert balance(house_books, "suspense:") == {}
    for item in (first, late):
        tickets.propose(
            tenant=house_books.tenant, principal=FIRST, item_id=item.id, resolution=Resolution.GIVE_BACK, account=None, note=None, key=None
        )  # fmt: skip
        tickets.confirm(tenant=house_books.tenant, principal=SECOND, item_id=item.id, key=None)
    assert owned(house_books) == 1007
    assert balance(house_books, "suspense:") == {}
    assert run(house_books).breaks == 0


def test_a_rejected_proposal_leaves_the_ticket_open(house_books):
    house_books.place.reports = {"USDT": "990"}
    run(house_books)
    [found] = breaks(house_books)
    arguments = {"tenant": house_books.tenant, "principal": SECOND, "item_id": found.id, "key": None}
    with pytest.raises(BreakNotOpen):
        tickets.reject(**arguments, note="nothing to reject")
    tickets.propose(**{**arguments, "principal": FIRST}, resolution=Resolution.WRITE_OFF, account=None, note=None)
    tickets.reject(**arguments, note="ask the venue first")
    now, notes = service.get_break(house_books.tenant, found.id)
    assert (now.state, now.proposed_by, [n.text for n in notes]) == ("ticketed", None, ["ask the venue first"])
    assert balance(house_books, "suspense:") == {"suspense:place:USDT": D(-10)}


def test_a_proposal_is_off_when_the_difference_has_gone(house_books):
    """Confirming it then would move money for a difference that no longer exists."""
    house_books.place.reports, house_books.place.hint = {"USDT": "990"}, BreakClass.DUPLICATE
    run(house_books)
    [found] = breaks(house_books)
    assert (found.state, found.suspended) == ("ticketed", False)
    arguments = {"tenant": house_books.tenant, "item_id": found.id, "key": None}
    tickets.propose(**arguments, principal=FIRST, resolution=Resolution.WRITE_OFF, account=None, note=None)
    house_books.place.reports, house_books.place.hint = {"USDT": "1000"}, None
    run(house_books)
    with pytest.raises(BreakNotOpen):
        tickets.confirm(**arguments, principal=SECOND)
    assert owned(house_books) == 1000
    tickets.propose(**arguments, principal=FIRST, resolution=Resolution.CLOSE, account=None, note=None)
    run(house_books)  # nothing moves by this one
    tickets.confirm(**arguments, principal=SECOND)
    assert owned(house_books) == 1000


def test_what_is_in_transit_waits_and_clears_itself(house_books):
    house_books.place.reports, house_books.place.moving = {"USDT": "900"}, True
    run(house_books)
    run(house_books)
    [found] = breaks(house_books)
    assert (found.kind, found.state, found.suspended, found.times) == ("in_transit", "open", False, 2)
    assert owned(house_books) == 1000
    house_books.place.reports = {"USDT": "1000"}
    run(house_books)
    [cleared] = breaks(house_books, BreakState.CLEARED)
    assert cleared.id == found.id
    assert breaks(house_books) == []


def test_what_waits_too_long_is_no_longer_in_transit(house_books):
    house_books.place.reports, house_books.place.moving = {"USDT": "900"}, True
    run(house_books)
    limits(house_books, in_transit_for=timedelta(microseconds=1))
    run(house_books)
    [found] = breaks(house_books)
    assert (found.kind, found.state, found.suspended, found.times) == ("unknown", "ticketed", True, 2)
    assert owned(house_books) == 900


def test_drift_in_one_direction_is_an_incident(house_books):
    limits(house_books, dust=D("0.001"), daily_cap=D(1))
    total = D(1000)
    for _ in range(6):
        total += D("0.0002")
        house_books.place.reports = {"USDT": str(total)}
        run(house_books)
    assert [(i.kind, i.name, i.state) for i in service.list_incidents(house_books.tenant)] == [
        ("rounding_drift", "USDT", "open")
    ]
    house_books.place.reports = {"USDT": str(total - D("0.001"))}
    run(house_books)
    assert [i.state for i in service.list_incidents(house_books.tenant)] == ["closed"]


# Our own projection --------------------------------------------------------------------------------------------------------------


def test_a_wrong_projection_is_rebuilt_and_never_plugged(house_books):
    customer = house_books.customer()
    house_books.credit(customer, "100")
    house_books.fold()
    house_books.credit(customer, "5")
    house_books.hold(customer, "30")
    with house_books.superuser() as su:
        su.execute(
            "UPDATE payments.balances SET posted = posted + 12, held = held + 1 WHERE account_id = %s", (customer,)
        )
    journals = house_books.engine.execute("SELECT count(*) FROM payments.journals").fetchone()
    assert "posted_is_the_folded_journal" in house_books.violations()
    done = run(house_books, "balances")
    assert (done.breaks, done.rebuilt, done.levelled, done.ticketed) == (1, 1, 0, 1)
    assert house_books.row(customer) == (100, 30)
    assert house_books.available(customer) == 75
    assert house_books.engine.execute("SELECT count(*) FROM payments.journals").fetchone() == journals
    [found] = breaks(house_books)
    assert (found.kind, found.difference, found.suspended, found.journal_id) == ("projection", D(-12), False, None)
    assert found.raw["posted"] == "112"
    [incident] = service.list_incidents(house_books.tenant)
    assert (incident.kind, incident.state) == ("projection", "open")
    tickets.propose(
        tenant=house_books.tenant, principal=FIRST, item_id=found.id, resolution=Resolution.CLOSE, account=None, note=None, key=None
    )  # fmt: skip
    tickets.confirm(tenant=house_books.tenant, principal=SECOND, item_id=found.id, key=None)
    assert run(house_books, "balances").breaks == 0


def test_a_run_goes_step_by_step_and_only_once(house_books):
    for _ in range(5):
        house_books.customer()
    started = service.start_run(tenant=house_books.tenant, principal=FIRST, level=Level.BATCH, source="balances")
    from payments.reconciliation import running

    counts = []
    while running.step(house_books.tenant, started.id, limit=2):
        counts.append(service.get_run(house_books.tenant, started.id).compared)
    assert counts[:3] == [2, 4, 6]
    done = service.get_run(house_books.tenant, started.id)
    assert (done.state, done.compared, done.part) == ("done", 7, 1)
    assert not running.step(house_books.tenant, started.id, limit=2)


def test_two_runs_of_one_source_do_not_correct_twice(house_books):
    from concurrent.futures import ThreadPoolExecutor

    house_books.place.reports = {"USDT": "950"}
    ids = [
        service.start_run(tenant=house_books.tenant, principal=FIRST, level=Level.BATCH, source="place").id
        for _ in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda run_id: service.run_now(house_books.tenant, run_id), ids))
    assert len(breaks(house_books)) == 1
    assert owned(house_books) == 950
    assert house_books.violations() == set()


def test_runs_of_other_tenants_and_unknown_sources(house_books):
    with pytest.raises(SourceUnknown):
        service.start_run(tenant=house_books.tenant, principal=FIRST, level=Level.DAY, source="nonsense")
    started = service.start_run(
        tenant=house_books.tenant, principal=FIRST, level=Level.DAY, source="balances", scope="nowhere"
    )
    failed = service.run_now(house_books.tenant, started.id)
    assert (failed.state, failed.reason.split(":")[0]) == ("failed", ScopeUnknown.code)
    with pytest.raises(RunNotFound):
        service.get_run(uuid7(), started.id)
    with pytest.raises(BreakNotFound):
        service.get_break(uuid7(), uuid7())


def test_the_schedule_makes_each_day_once_and_fills_gaps(house_books):
    db._engine, app = None, db._engine
    db.configure(house_books.database.engine, pool_size=4)
    try:
        with db.transaction() as tx:
            due = tx.now.astimezone(UTC).replace(hour=1)  # an hour later is the same day, also late in the evening
        house_books.place.reports = {"USDT": "1000.00001"}
        names = len(sources.names())
        assert service.start_days(due) == names
        assert service.start_days(due + timedelta(hours=1)) == 0
        assert service.start_days(due + timedelta(days=3)) == 3 * names
        assert service.work_off(budget_s=60) >= 4 * names
    finally:
        db.dispose()
        db._engine = app
    yesterday = due.astimezone(UTC).date() - timedelta(days=1)
    report = service.day_report(house_books.tenant, yesterday)
    assert report.complete
    assert {r.source for r in report.runs} == set(sources.names())
    assert [(b.source, b.kind, b.state, b.breaks) for b in report.breaks] == [("place", "dust", "levelled", 1)]
    assert [b.posted for b in report.pool] == [D("0.00001")]
    assert not service.day_report(house_books.tenant, yesterday - timedelta(days=9)).complete


# The limits as an invariant ------------------------------------------------------------------------------------------------------


def test_a_breach_of_cap_or_age_is_counted(house_books):
    house_books.place.reports = {"USDT": "990"}
    run(house_books)
    with psycopg.connect(roles.conninfo(house_books.database.superuser), autocommit=True) as su:
        su.execute("UPDATE payments.tickets SET due_at = now() - interval '1 minute'")
        assert house_books.violations() == {"pool_and_suspense_keep_their_limits"}
        su.execute("UPDATE payments.tickets SET due_at = now() + interval '1 day'")
    assert house_books.violations() == set()
    with house_books.tx() as tx:
        pool = accounts.house(tx, path="pool:rounding", asset="USDT", kind=AccountKind.POOL, normal_side="credit")
    house_books.post(*move(pool, house_books.outside(), D(1)), kind="rounding")
    assert house_books.violations() == {"pool_and_suspense_keep_their_limits"}


def test_extreme_amounts_stay_exact(house_books):
    house_books.asset("WEI", 18)
    with house_books.tx() as tx:
        account = house_books.place.account(tx, "WEI")
    amount = D("100000000000000000000.000000000000000001")
    house_books.post(*move(account, house_books.outside("WEI"), amount))
    house_books.place.reports = {"WEI": "100000000000000000000.000000000000000002"}
    run(house_books)
    [found] = breaks(house_books, BreakState.LEVELLED)
    assert (found.difference, found.kind) == (D("0.000000000000000001"), BreakClass.DUST)
    assert -house_books.exact(account)[0] == D("100000000000000000000.000000000000000002")
