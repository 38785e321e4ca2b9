"""Verdicts on differences, and the reading and matching of statements: pure, so every border is tried."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import uuid7
from payments.partner_statements.rules import OurLine, TheirLine, match, read_csv, whole_days
from payments.reconciliation import rules
from payments.reconciliation.errors import StatementInvalid
from payments.reconciliation.rules import Treatment
from payments.reconciliation.states import BreakClass

D = Decimal
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
LIMITS = rules.default_limits(6)


def verdict(ours, theirs, *, account=True, **rest):
    ours, theirs = (None if x is None else D(x) for x in (ours, theirs))
    gap = rules.difference(ours, theirs, 6)
    facts = {"moving": False, "whole": False, "fee": D(0), "hint": None, **rest}
    kind = rules.classify(ours=ours, theirs=theirs, gap=gap, limits=LIMITS, **facts)
    return kind.value, rules.treat(kind, gap, correctable=account)


@pytest.mark.parametrize(
    ("ours", "theirs", "facts", "expected"),
    [
        ("1", "1.0001", {}, ("dust", Treatment.LEVEL)),
        ("1", "1.000101", {}, ("wrong_amount", Treatment.SUSPEND)),
        ("1", "1.000101", {"whole": True}, ("unknown", Treatment.SUSPEND)),
        ("1", "1.0001", {"account": False}, ("dust", Treatment.AGREE)),
        ("1", "2", {"account": False}, ("wrong_amount", Treatment.TICKET)),
        ("1", "2", {"moving": True}, ("in_transit", Treatment.WAIT)),
        (None, "0.000001", {}, ("missing_ours", Treatment.SUSPEND)),
        ("0.000001", None, {}, ("missing_theirs", Treatment.SUSPEND)),
        ("10", "9.5", {"fee": D("0.5"), "whole": True}, ("unbooked_fee", Treatment.SUSPEND)),
        ("10", "9.4", {"fee": D("0.5"), "whole": True}, ("unknown", Treatment.SUSPEND)),
        (None, "5", {"hint": BreakClass.DUPLICATE}, ("duplicate", Treatment.TICKET)),
        ("5", "4", {"hint": BreakClass.PROJECTION}, ("projection", Treatment.REBUILD)),
    ],
)
def test_classes_and_treatments(ours, theirs, facts, expected):
    assert verdict(ours, theirs, **facts) == expected


def test_their_figure_is_brought_to_our_scale_before_it_is_compared():
    assert rules.difference(D("1"), D("1.0000004999"), 6) == 0
    assert rules.difference(D("1"), D("1.0000006"), 6) == D("0.000001")
    big = D("100000000000000000000.000000000000000001")
    assert rules.difference(big, big + D("1e-18"), 18) == D("1e-18")


@pytest.mark.parametrize(
    ("net", "gross", "times", "expected"),
    [
        ("5", "5", 5, True),
        ("-5", "5", 5, True),
        ("5", "5", 4, False),
        ("4", "5", 9, False),
        ("-4.5", "5", 9, True),
        ("0", "0", 9, False),
        ("4.1", "4.1", 9, False),
    ],
)
def test_drift(net, gross, times, expected):
    assert rules.drifts(net=D(net), gross=D(gross), times=times, dust=D("4.2")) is expected


# Statements ----------------------------------------------------------------------------------------------------------------------


def read(text, scale=6):
    return list(read_csv(iter(text.splitlines(keepends=True)), asset="USDT", scale=scale))


def test_a_statement_is_read_exactly():
    text = '\ufeffNote, Amount,reference,booked_at,bank\n"x, y",+1.50,R-1,2026-01-31T13:00:00+01:00,b\n\n,-0.000001,R-2,2026-01-31T12:00:00Z\n'
    first, second = read(text)
    assert first == TheirLine(1, "R-1", NOON, D("1.50"), "+1.50", "x, y")
    assert (second.amount, second.original, second.at) == (D("-0.000001"), "-0.000001", NOON)
    huge = "reference,booked_at,amount\nA,2026-01-31T12:00:00Z,100000000000000000000.000000000000000001\n"
    assert read(huge, 18)[0].amount == D("100000000000000000000.000000000000000001")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no lines"),
        ("reference,booked_at,amount\n", "no lines"),
        ("reference,amount\nA,1\n", "header"),
        ("reference,booked_at,amount,amount\n", "header"),
        ("reference,booked_at,amount\nA,2026-01-01T00:00:00Z,1e3\n", "line 1"),
        ("reference,booked_at,amount\nA,2026-01-01T00:00:00Z,1\nB,2026-01-01T00:00:00Z,0.1234567\n", "line 2"),
        ("reference,booked_at,amount\nA,2026-01-01T00:00:00Z,0\n", "zero"),
        ("reference,booked_at,amount\nA,2026-01-01 00:00:00,1\n", "zone"),
        ("reference,booked_at,amount\n,2026-01-01T00:00:00Z,1\n", "reference"),
        ("reference,booked_at,amount,asset\nA,2026-01-01T00:00:00Z,1,BTC\n", "USDT"),
        ('reference,booked_at,amount\n"A,2026-01-01T00:00:00Z,1\n', "line"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_its_line(text, word):
    with pytest.raises(StatementInvalid, match=word):
        read(text)


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(text):
    try:
        read(text)
        read("reference,booked_at,amount\n" + text)
    except StatementInvalid:
        pass


def their(line, reference, amount, hours=0):
    return TheirLine(line, reference, NOON + timedelta(hours=hours), D(amount), amount)


def our(reference, amount, hours=0):
    return OurLine(uuid7(), reference, NOON + timedelta(hours=hours), D(amount))


def test_lines_match_by_reference_then_by_amount_and_time_each_journal_once():
    named, other, near, far = our("A", "10"), our("B", "10"), our(None, "5", 1), our(None, "5", 30)
    too_far = our(None, "7", 100)
    found = match([their(1, "x", "5"), their(2, "A", "11"), their(3, "y", "5"), their(4, "z", "5"), their(5, "v", "7"), their(6, "w", "10")],
                  [far, near, other, named, too_far])  # fmt: skip
    assert dict(found) == {1: near, 2: named, 3: far}


def test_of_several_journals_with_one_reference_the_equal_amount_wins():
    fee, main = our("A", "0.5"), our("A", "10")
    assert dict(match([their(1, "A", "10"), their(2, "A", "0.5")], [fee, main])) == {1: main, 2: fee}


def test_a_statement_covers_its_days_whole():
    assert whole_days(NOON, NOON + timedelta(hours=13)) == (
        datetime(2026, 1, 31, tzinfo=UTC),
        datetime(2026, 2, 2, tzinfo=UTC),
    )
