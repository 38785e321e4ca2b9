"""How many entries about one principal are written in a minute, and that what was left out is said."""

from kernel import clock
from kernel.ids import uuid7
from rivermouth import denials
from rivermouth.denials import PER_MINUTE, Allowance


def test_twenty_a_minute_and_then_it_is_counted(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    allowance, somebody, other = Allowance(), uuid7(), uuid7()
    assert [allowance.take(somebody) for _ in range(PER_MINUTE)] == [0] * PER_MINUTE
    assert [allowance.take(somebody) for _ in range(7)] == [None] * 7
    assert allowance.take(other) == 0
    now[0] = 61.0
    assert [allowance.take(somebody), allowance.take(somebody)] == [7, 0]


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(denials, "_PEOPLE", 3)
    allowance = Allowance()
    for _ in range(10):
        allowance.take(uuid7())
    assert len(allowance._windows) == 3
