"""The book in memory: loans come, change and go, and what is chosen is never too little."""

import random
import struct
from uuid import UUID

import numpy as np
import pytest

from lending.watch import book
from lending.watch.book import ROW, Accrual, Memory, read_rows
from tests.watch_desk import BRIEF

WEIGHTS = np.array([[1.0, float(line)] for line in BRIEF.loan_to_values()[1:]])
SLACK = np.array([1.01])


def make_rows(*loans):
    """(number, debt, quantity, level rank, live) each, of one collateral."""
    rows = np.zeros(len(loans), ROW)
    for row, (number, debt, quantity, level, live) in zip(rows, loans, strict=True):
        row["high"], row["low"], row["live"], row["level"] = number, number * 7, live, level
        row["fixed"], row["quantity"], row["kind"] = debt, quantity, 1
    return rows


def name(number):
    return UUID(int=(number << 64) | number * 7)


def chosen(memory, price):
    found = set()
    for shelf in memory.shelves:
        shelf.accrue(dict.fromkeys(shelf.accruals, (0.0, 0.0)))
        found |= set(shelf.ids(shelf.chosen(np.array([1.0, price]), SLACK)))
    return found


@pytest.fixture
def memory():
    made = Memory()
    made.rebuild(make_rows((3, 24000, 1, 0, 1), (1, 24000, 1, 0, 1), (2, 12000, 1, 0, 1)), WEIGHTS)
    return made


def test_who_is_near_a_line_is_chosen(memory):
    assert chosen(memory, 26000) == set()
    assert chosen(memory, 25500) == {name(1), name(3)}
    assert chosen(memory, float("nan")) == set(), "a loan without a price is not decided"


def test_a_loan_that_changed_or_ended_leaves_its_place(memory):
    memory.take_in(make_rows((1, 12000, 1, 0, 1), (3, 24000, 1, 0, 0), (4, 24000, 1, 0, 1)), WEIGHTS)
    assert len(memory) == 3
    assert chosen(memory, 25500) == {name(4)}
    memory.take_in(make_rows((4, 24000, 1, 1, 1)), WEIGHTS)
    assert chosen(memory, 25490) == set(), "it is stored at that level by now"
    assert memory.loans_by_kind(2).tolist() == [0, 3]


def test_the_shelves_become_one_when_many_changed(memory, monkeypatch):
    monkeypatch.setattr(book, "COMPACT_FROM", 2)
    memory.take_in(make_rows(*((n, 24000, 1, 0, 1) for n in range(10, 14))), WEIGHTS)
    assert len(memory.shelves) == 1
    assert len(memory) == 7
    assert chosen(memory, 25500) == {name(n) for n in (1, 3, 10, 11, 12, 13)}


def test_a_level_that_the_hysteresis_keeps_is_left_alone(memory):
    memory.take_in(make_rows((1, 24000, 1, 1, 1)), WEIGHTS)
    assert name(1) not in chosen(memory, 25754)
    assert name(1) in chosen(memory, 25756)


def test_loans_of_one_id_half_are_told_apart():
    rows = make_rows(*((5, 24000, 1, 0, 1) for _ in range(4)))
    rows["low"] = [9, 3, 2**63 + 1, 5]
    memory = Memory()
    memory.rebuild(rows, WEIGHTS)
    assert len(memory) == 4
    gone = rows[2:3].copy()
    gone["live"] = 0
    memory.take_in(gone, WEIGHTS)
    assert {one.int & (2**64 - 1) for one in chosen(memory, 25500)} == {9, 3, 5}


def test_debts_grow_by_their_own_rate_or_by_the_products():
    rows = make_rows((1, 1000, 1, 0, 1), (2, 1000, 1, 0, 1))
    rows["principal"], rows["rate"], rows["since"] = 900, [0.1, 0.2], [10, 20]
    memory = Memory()
    memory.rebuild(rows, WEIGHTS)
    first, second = memory.shelves[0].accruals
    assert (second.since - first.since).days == 10
    memory.shelves[0].accrue({first: (0.5, 0.0), second: (0.0, 0.25)})
    assert memory.shelves[0].book.debts.tolist() == [1045.0, 1225.0]
    assert isinstance(first, Accrual)


def test_what_postgres_sends_is_read_at_fixed_distances():
    rng = random.Random(7)
    wanted = [(rng.getrandbits(64), rng.getrandbits(64), 3, 1, 2, 9_000, 1.5, 2.5, 0.12, 4, 0.25) for _ in range(5)]
    body = b""
    for high, low, place, live, level, since, fixed, principal, rate, kind, quantity in wanted:
        body += struct.pack(">h", 10) + struct.pack(">iQQ", 16, high, low)
        for number in (place, live, level, since):
            body += struct.pack(">ii", 4, number)
        for amount in (fixed, principal, rate):
            body += struct.pack(">id", 8, amount)
        body += struct.pack(">ii", 4, kind) + struct.pack(">id", 8, quantity)
    rows = read_rows(b"PGCOPY\n\xff\r\n\0" + bytes(8) + body + b"\xff\xff")
    assert [tuple(row) for row in rows.tolist()] == wanted
