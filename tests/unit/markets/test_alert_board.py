"""The board of alerts: one proposal for each crossing, in whatever order prices come."""

import random
from dataclasses import replace
from decimal import Decimal as D
from uuid import UUID

import pytest

from kernel.clock import wall
from kernel.ids import uuid7
from markets.price_alerts.board import ASK_AGAIN_S, Board
from markets.price_alerts.queries import Alert
from markets.price_alerts.rules import beyond, return_level, returned
from markets.price_alerts.states import AlertStatus, Direction

NOBODY = UUID(int=0)


def alert(price, direction="above", status="armed", hysteresis="0.01", **more):
    return Alert(
        id=uuid7(),
        tenant_id=NOBODY,
        owner_id=NOBODY,
        symbol="BTC-USDT",
        direction=Direction(direction),
        price=D(price),
        hysteresis=D(hysteresis),
        cooldown_s=0,
        repeat=True,
        note=None,
        status=AlertStatus(status),
        fired=0,
        last_fired_at=None,
        last_fired_price=None,
        created_at=wall(),
        **more,
    )


@pytest.fixture
def board():
    return Board()


@pytest.mark.parametrize(
    ("direction", "price", "fires"),
    [
        ("above", "99.99", False),
        ("above", "100", True),
        ("above", "101", True),
        ("below", "100.01", False),
        ("below", "100", True),
        ("below", "99", True),
    ],
)
def test_the_price_itself_fires(board, direction, price, fires):
    board.take_in([alert(100, direction)])
    assert bool(board.look(D(price), 0.0).fire) is fires


@pytest.mark.parametrize(
    ("direction", "price", "arms"),
    [
        ("above", "99.5", False),
        ("above", "99", True),
        ("above", "101", False),
        ("below", "100.5", False),
        ("below", "101", True),
        ("below", "99", False),
    ],
)
def test_the_price_must_come_back_by_the_hysteresis(board, direction, price, arms):
    board.take_in([alert(100, direction, "waiting")])
    moves = board.look(D(price), 0.0)
    assert (bool(moves.arm), moves.fire) == (arms, [])


def test_without_hysteresis_the_price_itself_is_not_back(board):
    board.take_in([alert(100, status="waiting", hysteresis="0")])
    assert not board.look(D(100), 0.0)
    assert board.look(D("99.99"), 0.0).arm


def test_a_new_alert_whose_price_is_passed_waits(board):
    passed, ahead = alert(100, status="new"), alert(120, status="new")
    board.take_in([passed, ahead])
    moves = board.look(D(110), 0.0)
    assert (moves.hold_back, moves.arm, moves.fire) == ([passed], [ahead], [])


def test_one_that_cools_down_is_asked_again_later(board):
    waiting = alert(100, status="waiting")
    board.take_in([waiting])
    board.not_yet([waiting], 5.0)
    assert not board.look(D(90), 5.0 + ASK_AGAIN_S / 2)
    assert board.look(D(90), 5.0 + ASK_AGAIN_S).arm == [waiting]


def test_cancelled_ones_leave(board):
    gone = alert(100)
    board.take_in([gone])
    board.take_in([replace(gone, status=AlertStatus.CANCELLED)])
    assert (len(board), bool(board.look(D(500), 0.0))) == (0, False)


@pytest.mark.parametrize("seed", range(5))
def test_a_walk_moves_exactly_what_the_rules_say(board, seed):
    draw = random.Random(seed)
    present = {
        a.id: a
        for a in (
            alert(draw.randint(80, 120), draw.choice(["above", "below"]), "new", draw.choice(["0", "0.01", "0.05"]))
            for _ in range(200)
        )
    }
    board.take_in(present.values())
    price, fired = D(100), 0
    for step in range(400):
        price += D(draw.randint(-300, 300)) / 100
        moves = board.look(price, float(step))
        due = [
            a
            for a in present.values()
            if (a.status is AlertStatus.ARMED and beyond(a.direction, a.price, price))
            or a.status is AlertStatus.NEW
            or (
                a.status is AlertStatus.WAITING
                and returned(a.direction, return_level(a.direction, a.price, a.hysteresis), price, price=a.price)
            )
        ]
        assert {a.id for a in due} == {a.id for a in [*moves.fire, *moves.arm, *moves.hold_back]}
        fired += len(moves.fire)
        for a in moves.arm:
            present[a.id] = replace(a, status=AlertStatus.ARMED)
        for a in [*moves.fire, *moves.hold_back]:
            present[a.id] = replace(a, status=AlertStatus.WAITING)
        board.take_in(present[a.id] for a in due)
    assert fired > 50
