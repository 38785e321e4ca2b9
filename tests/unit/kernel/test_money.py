"""Exact money: what may come in, how it is written, how it is rounded and split."""

from decimal import Decimal, FloatOperation, getcontext
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import money


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1e5",
        "",
        " 1",
        "1 ",
        "1.",
        ".5",
        "+1",
        "0x1",
        "1_000",
        "١",
        "1e38",
        "9" * 39,
    ],
)
def test_nonsense_is_refused(text):
    with pytest.raises(money.InvalidAmount):
        money.parse_amount(text)


@pytest.mark.parametrize("value", [1, 1.5, None, True, Decimal(1), ["1"]])
def test_only_strings_are_amounts(value):
    with pytest.raises(money.InvalidAmount):
        money.parse_amount(value)


@given(st.decimals(min_value=-(10**37), max_value=10**37, places=18))
def test_canonical_text_reads_back(value):
    text = money.canonical(value)
    assert "E" not in text.upper()
    assert text != "-0"
    assert money.parse_amount(text) == value


def test_floats_raise_in_every_thread():
    seen = []

    def work():
        try:
            seen.append(Decimal(1) + Decimal(0.1))
        except FloatOperation:
            seen.append("refused")

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["refused"]
    assert getcontext().prec == money.PRECISION


@given(st.decimals(min_value=0, max_value=10**6, places=8), st.sampled_from(["0.01", "0.00001", "5", "0.5"]))
def test_floor_and_ceil_enclose(value, step_text):
    step = Decimal(step_text)
    low, high = money.floor_to(value, step), money.ceil_to(value, step)
    assert low <= value <= high
    assert high - low in {0, step}
    assert low % step == 0


def test_largest_remainder_vector():
    assert money.split_largest_remainder(Decimal(10), [Decimal(1)] * 3, 2) == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]


@given(
    st.decimals(min_value=0, max_value=10**9, places=6),
    st.lists(st.decimals(min_value=0, max_value=1000, places=4), min_size=1, max_size=8).filter(lambda ws: sum(ws) > 0),
)
def test_split_is_exact(total, weights):
    parts = money.split_largest_remainder(total, weights, 6)
    assert sum(parts) == total
    assert all(money.fits_scale(part, 6) for part in parts)
    ideal = [total * w / sum(weights) for w in weights]
    assert all(abs(p - i) < Decimal("0.000001") for p, i in zip(parts, ideal, strict=True))
