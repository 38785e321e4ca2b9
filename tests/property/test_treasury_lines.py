"""Lines and alerts by their rules alone: no balance below a line goes unseen, and none that swings around it makes a flood."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from wallet_bridge.alerts import rules as alerts
from wallet_bridge.alerts.rules import CALM, Move, Open
from wallet_bridge.alerts.states import Grade
from wallet_bridge.levels import rules as levels
from wallet_bridge.lines import rules
from wallet_bridge.lines.rules import Line, Standing
from wallet_bridge.lines.states import BalanceLevel, Unit

D = Decimal
BEGIN = datetime(2026, 1, 31, 9, tzinfo=UTC)
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=8, allow_nan=False)
RANK = {BalanceLevel.OK: 0, BalanceLevel.WARNING: 1, BalanceLevel.CRITICAL: 2}


@st.composite
def standings(draw):
    critical, more = draw(AMOUNTS), draw(AMOUNTS)
    return Standing(critical + more, critical, None)


@given(standings(), AMOUNTS, AMOUNTS)
def test_more_is_never_worse(line, one, other):
    low, high = sorted((one, other))
    assert RANK[rules.level(low, line)] >= RANK[rules.level(high, line)]
    assert rules.level(line.warning, line) is BalanceLevel.OK, "exactly on it is not below it"
    assert (rules.level(low, line) is BalanceLevel.CRITICAL) == (low < line.critical)


@given(st.decimals(0, 2160, places=2), st.decimals(0, 2160, places=2), AMOUNTS, AMOUNTS)
def test_a_line_in_hours_is_crossed_when_so_many_hours_are_left(one, other, per_hour, usable):
    critical, warning = sorted((one, other))
    standing = rules.in_amounts(Line(Unit.HOURS, warning, critical), per_hour)
    level = rules.level(usable, standing)
    if per_hour == 0:
        assert (level, rules.hours_left(usable, per_hour)) == (BalanceLevel.OK, None)
    else:
        assert (level is BalanceLevel.OK) == (usable >= warning * per_hour)
        assert (level is BalanceLevel.CRITICAL) == (usable < critical * per_hour)
        left = rules.hours_left(usable, per_hour)
        assert left <= usable / per_hour or left == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["trade", "deposit", "venue_funding", "treasury_left", "treasury_arrived"]),
            AMOUNTS,
            AMOUNTS,
        )
    )
)
def test_what_leaves_in_an_hour_is_what_customers_took_and_never_below_nothing(traffic):
    per_hour = levels.outflow_per_hour(traffic)
    net = sum((went - came for kind, came, went in traffic if kind in {"trade", "deposit"}), D(0))
    assert per_hour == 0 if net <= 0 else abs(per_hour * 24 - net) < D("1e-15")


@given(st.decimals(-5, 5, places=9), st.decimals(-5, 5, places=9), st.sampled_from(list(Unit)))
def test_a_line_that_makes_sense_is_taken_and_no_other(warning, critical, unit):
    places = 2 if unit is Unit.HOURS else 6
    fine = 0 <= critical <= warning and all(x == x.quantize(D(10) ** -places) for x in (warning, critical))
    assert (rules.misfit(Line(unit, warning, critical), scale=6) is None) == fine


class Machine:
    """One alert, moved as the service moves it."""

    def __init__(self):
        self.now, self.alert, self.told, self.calm = BEGIN, None, [], BEGIN

    def see(self, usable, line):
        move = alerts.judge(alerts.sight(usable, line), self.alert, self.now)
        grade = {BalanceLevel.WARNING: Grade.WARNING, BalanceLevel.CRITICAL: Grade.CRITICAL}.get(
            rules.level(usable, line)
        )
        a = self.alert
        match move:
            case Move.RAISE | Move.WORSEN:
                self.alert = Open(grade, None, self.now, 0, acknowledged=False)
                self.told.append((self.now, move))
            case Move.EASE:
                well = alerts.sight(usable, line).settled is BalanceLevel.OK
                self.alert = Open(Grade.WARNING, self.now if well else None, a.told_at, a.calls, a.acknowledged)
            case Move.CALM_BEGINS:
                self.alert = Open(a.grade, self.now, a.told_at, a.calls, a.acknowledged)
            case Move.CALM_ENDS | Move.AGAIN:
                self.alert = Open(a.grade, None, a.told_at, a.calls, a.acknowledged)
            case Move.CLEAR:
                self.alert = None
                self.told.append((self.now, move))
        return move


LINE = Standing(D(100), D(50), None)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 130).map(D)), min_size=1, max_size=60))
def test_an_alert_stands_as_long_as_it_must_and_ends_only_after_a_calm(steps):
    machine, safe_since = Machine(), None
    for seconds, usable in steps:
        machine.now += timedelta(seconds=seconds)
        safe = usable >= LINE.warning * alerts.MARGIN
        safe_since = (safe_since or machine.now) if safe else None
        move = machine.see(usable, LINE)
        level = rules.level(usable, LINE)
        if level is not BalanceLevel.OK:
            assert machine.alert is not None, "below a line there is an alert, at once"
            assert RANK[BalanceLevel(machine.alert.grade)] >= RANK[level], "and never a lesser one than it is"
        if move is Move.CLEAR:
            assert safe
            assert machine.now - safe_since >= CALM
    cleared = [at for at, move in machine.told if move is Move.CLEAR]
    assert all(later - earlier >= CALM for earlier, later in itertools.pairwise(cleared))


@given(st.lists(st.integers(95, 104).map(D), min_size=2, max_size=200))
def test_swinging_around_a_line_within_the_margin_is_one_alert(swings):
    machine = Machine()
    for usable in swings:
        machine.now += timedelta(minutes=1)
        machine.see(usable, LINE)
    assert len(machine.told) <= 1


@given(st.lists(st.tuples(st.integers(1, 3600), st.booleans()), max_size=50))
def test_nobody_is_called_more_often_than_agreed(steps):
    alert, now, called = Open(Grade.CRITICAL, None, BEGIN, 0, acknowledged=False), BEGIN, []
    for seconds, _ in steps:
        now += timedelta(seconds=seconds)
        if alerts.calls(alert, now):
            called.append(now)
            alert = Open(alert.grade, None, now, alert.calls + 1, acknowledged=False)
    assert len(called) <= alerts.MOST_CALLS
    assert all(b - a >= alerts.ANSWER_WITHIN for a, b in zip([BEGIN, *called], called, strict=False))
    assert not alerts.calls(Open(Grade.CRITICAL, None, BEGIN, 0, acknowledged=True), now + timedelta(days=1))
    assert not alerts.calls(Open(Grade.WARNING, None, BEGIN, 0, acknowledged=False), now + timedelta(days=1))


def test_a_place_that_says_nothing_neither_raises_nor_ends_an_alert_of_its_line():
    unknown = alerts.Sight(BalanceLevel.UNKNOWN, BalanceLevel.UNKNOWN)
    assert alerts.judge(unknown, None, BEGIN) is Move.NOTHING
    open_one = Open(Grade.CRITICAL, BEGIN - timedelta(hours=1), BEGIN, 0, acknowledged=False)
    assert alerts.judge(unknown, open_one, BEGIN) is Move.CALM_ENDS
