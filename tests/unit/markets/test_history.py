"""Penalty box and jumps: who is late is not wrong, who is wrong for three seconds is boxed, who does it four times waits for a person."""

from decimal import Decimal

from markets.composite.history import JumpDetector, PenaltyBox
from markets.composite.states import Reason

OFF, FINE = Decimal("0.05"), Decimal("0.001")


def run(box, start, seconds, deviation, *, step=0.1, agreeing=3, lag=0.0):
    """Feed one venue's deviation for some seconds; `lag` is the age of the oldest quote compared."""
    ticks = round(seconds / step)
    for i in range(ticks + 1):
        now = start + i * step
        box.update(now, {"kraken": deviation, "binance": FINE}, agreeing=agreeing, oldest_quote=now - lag)
    return start + ticks * step


def test_boxed_after_three_seconds_of_unbroken_deviation():
    box = PenaltyBox()
    run(box, 0.0, 2.9, OFF)
    assert box.reason("kraken") is None
    run(box, 3.0, 0.1, OFF)
    assert box.reason("kraken") is Reason.BOXED
    assert box.reason("binance") is None


def test_a_break_starts_the_count_again():
    box = PenaltyBox()
    run(box, 0.0, 2.9, OFF)
    run(box, 2.95, 0.0, FINE)
    run(box, 3.0, 2.9, OFF)
    assert box.reason("kraken") is None


def test_a_stale_moment_breaks_the_deviation():
    box = PenaltyBox()
    run(box, 0.0, 2.9, OFF)
    run(box, 2.95, 0.0, None)
    run(box, 3.0, 2.9, OFF)
    assert box.reason("kraken") is None


def test_nobody_is_boxed_while_somebody_has_not_spoken_since():
    """Polls are five seconds apart: the venue that moved first is off for longer than three, and right."""
    box = PenaltyBox()
    for i in range(50):
        box.update(i / 10, {"binance": OFF, "kraken": FINE}, agreeing=3, oldest_quote=0.0)
    assert box.reason("binance") is None
    box.update(5.0, {"binance": FINE, "kraken": FINE}, agreeing=4, oldest_quote=5.0)
    assert box.reason("binance") is None


def test_nobody_is_boxed_while_nobody_agrees():
    box = PenaltyBox()
    run(box, 0.0, 10.0, OFF, agreeing=0)
    run(box, 10.0, 10.0, OFF, agreeing=1)
    assert box.reason("kraken") is None


def test_back_after_sixty_seconds_within_one_per_cent():
    box = PenaltyBox()
    boxed_at = run(box, 0.0, 3.1, OFF)
    run(box, boxed_at, 59.0, FINE, step=1.0)
    assert box.reason("kraken") is Reason.BOXED
    run(box, boxed_at + 61.0, 0.0, Decimal("0.01"))
    assert box.reason("kraken") is Reason.BOXED
    run(box, boxed_at + 62.0, 0.0, Decimal("0.0099"))
    assert box.reason("kraken") is None


def strike(box, start):
    boxed_at = run(box, start, 3.1, OFF)
    run(box, boxed_at + 60.1, 0.0, FINE)
    return boxed_at + 60.2


def test_the_fourth_time_in_half_an_hour_waits_for_a_person():
    box, now = PenaltyBox(), 0.0
    for _ in range(3):
        now = strike(box, now)
        assert box.reason("kraken") is None
    now = strike(box, now)
    assert box.reason("kraken") is Reason.MANUAL
    run(box, now + 10_000, 0.0, FINE)
    assert box.reason("kraken") is Reason.MANUAL
    box.release("kraken")
    assert box.reason("kraken") is None


def test_strikes_older_than_half_an_hour_are_forgotten():
    box, now = PenaltyBox(), 0.0
    for _ in range(3):
        now = strike(box, now)
    run(box, now + 1800, 3.1, OFF)
    assert box.reason("kraken") is Reason.BOXED


def test_clear_lets_everybody_out():
    box = PenaltyBox()
    run(box, 0.0, 3.1, OFF)
    box.clear()
    assert box.reason("kraken") is None


def test_a_jump_pauses_for_ten_seconds_and_widens_for_a_minute():
    jumps = JumpDetector()
    jumps.update(0.0, Decimal(100))
    jumps.update(30.0, Decimal(105))
    assert jumps.pause_left_s(30.0) == 0
    jumps.update(31.0, Decimal("105.01"))
    assert jumps.pause_left_s(31.0) == 10.0
    assert jumps.pause_left_s(41.0) == 0
    assert jumps.wide(90.9)
    assert not jumps.wide(91.0)


def test_a_jump_is_reported_once_and_the_next_one_again():
    jumps = JumpDetector()
    jumps.update(0.0, Decimal(100))
    jumps.update(1.0, Decimal(90))
    jumps.update(5.0, Decimal(90))
    assert jumps.pause_left_s(5.0) == 6.0
    jumps.update(6.0, Decimal(99))
    assert jumps.pause_left_s(6.0) == 10.0


def test_a_slow_move_is_no_jump():
    jumps = JumpDetector()
    for second in range(600):
        jumps.update(float(second), Decimal(100) + Decimal(second) / 20)
        assert jumps.pause_left_s(float(second)) == 0


def test_halts_do_not_count_and_clear_forgets():
    jumps = JumpDetector()
    jumps.update(0.0, Decimal(100))
    jumps.update(0.5, None)
    jumps.clear()
    jumps.update(1.0, Decimal(200))
    assert jumps.pause_left_s(1.0) == 0
