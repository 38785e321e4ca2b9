"""Whatever the custodian reports of a withdrawal, in whatever order and however often: it ends once, and only as it was reported."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wallet_bridge.wire.states import TRANSFER, TransferState
from wallet_bridge.withdrawals import rules
from wallet_bridge.withdrawals.states import REPORTED, STATUS, UNPAID, UNSIGNED, WITHDRAWAL, WithdrawalState

_S = WithdrawalState
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def lives(draw):
    """What a custodian went through, by its own table: states with their times. Most get far, and some back by a reorganisation."""
    state, path = TransferState.ACCEPTED, [TransferState.ACCEPTED]
    for _ in range(draw(st.integers(0, 9))):
        moving = sorted(TRANSFER.moves[state] & TRANSFER.live)
        ending = sorted(TRANSFER.moves[state] & TRANSFER.terminal)
        if not moving:
            break
        state = draw(st.sampled_from(moving * 4 + ending))
        path.append(state)
    return [(one, BEGAN + timedelta(seconds=n)) for n, one in enumerate(path)]


@st.composite
def heard(draw):
    """The life, and what is heard of it: some of it, in any order, twice and thrice."""
    life = draw(lives())
    return life, draw(st.lists(st.sampled_from(life), max_size=30))


def told(reports, start=_S.RESERVED):
    """(state, times it was paid, times it was given back) after these."""
    state, last, paid, back = start, None, 0, 0
    for reported, at in reports:
        to = rules.becomes(state, reported, at=at, last=last)
        if to is not None:
            assert to in WITHDRAWAL.moves[state]
            state, last = to, at
            paid, back = paid + (to is _S.FINAL), back + (to in UNPAID)
    return state, paid, back


@given(heard(), st.sampled_from([_S.RESERVED, _S.UNKNOWN, _S.MANUAL]))
def test_it_ends_at_most_once_and_as_the_custodian_said(told_of, start):
    life, reports = told_of
    state, paid, back = told(reports, start)
    assert paid + back <= 1
    assert (state in WITHDRAWAL.terminal) == (paid + back == 1)
    end = REPORTED[life[-1][0]]
    if any(REPORTED[one] in WITHDRAWAL.terminal for one, _ in reports):
        assert state is end, "how it ended is taken whenever it comes"
    assert not any(rules.contradicts(state, one) for one, _ in reports), "one life contradicts itself never"


@given(lives())
def test_who_hears_everything_once_and_in_order_stands_where_the_custodian_stands(life):
    assert told(life)[0] is REPORTED[life[-1][0]]


@given(heard())
def test_who_heard_the_newest_report_stands_there_whatever_comes_late(told_of):
    life, reports = told_of
    newest = life[-1]
    state, *_ = told([*life, *reports])
    assert state is REPORTED[newest[0]]


@given(st.lists(st.sampled_from(sorted(TransferState)), max_size=20))
def test_a_clock_that_stands_still_moves_nothing_that_cannot_move(reports):
    _, paid, back = told([(one, BEGAN) for one in reports])
    assert paid + back <= 1


def test_every_state_has_a_word_for_customers_and_what_is_signed_cannot_be_taken_back():
    assert set(STATUS) == set(WithdrawalState)
    assert set(REPORTED) == set(TransferState)
    signed = {_S.SIGNED, _S.BROADCAST, _S.CONFIRMING} | WITHDRAWAL.terminal
    assert not UNSIGNED & signed
    assert all(_S.CANCELLED not in WITHDRAWAL.moves[state] for state in signed)
