"""Recorded (or generated) minutes through the whole product: fills are what a calculation without any of our code predicts."""

import random

import pytest

from rivermouth.prove import recording
from rivermouth.prove.report import Report


@pytest.mark.stack
@pytest.mark.slow
def test_fills_match_an_independent_calculation(stack):
    report = Report(
        "recording", "recorded market data", ("trigger", "rows", "orders", "predicted", "filled", "wrong", "bars/s")
    )
    recording.replay(stack, "executable", 120, 24, random.Random(7), report)
    assert report.failed == []
    assert report.rows[0][3] == report.rows[0][4] > 0
