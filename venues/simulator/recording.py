"""Recorded minutes of BTC-USDT: a reader for the CSV, and a seeded generator of a file of the same name and shape.

The columns are timestamp, open, high, low, close, volume; one row per minute. Tests and demos replay the real file
when they are given one and the generated one otherwise.
"""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

FILE_NAME = "btc-usdt-1m-2022-01-01_18.csv"
ROWS = 25_979
_HEADER = ("timestamp", "open", "high", "low", "close", "volume")
_START = datetime(2021, 12, 31, 23, 1, tzinfo=UTC)
_FIRST_OPEN = 46_319
_LOWEST = 10_000


class Minute(NamedTuple):
    """One row of a recording."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


def read(path: Path) -> Iterator[Minute]:
    """Rows in file order; times are UTC, given in ISO form or as seconds or milliseconds since 1970."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            prices = (Decimal(row[name]) for name in ("open", "high", "low", "close"))
            yield Minute(_moment(row["timestamp"]), *prices)


def price_path(path: Path) -> list[Decimal]:
    """Four prices per minute: open, the extremes in the order that suits the direction, close."""
    points = []
    for minute in read(path):
        rising = minute.close >= minute.open
        first, second = (minute.low, minute.high) if rising else (minute.high, minute.low)
        points += [minute.open, first, second, minute.close]
    return points


def generate(path: Path, *, rows: int = ROWS, seed: int = 1) -> Path:
    """Write a made-up recording: the same rows for the same seed on every machine."""
    draw = random.Random(seed)  # noqa: S311 - a file that repeats, nothing secret
    price = _FIRST_OPEN
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for number in range(rows):
            opened = price
            steps = [draw.randint(-15, 15) for _ in range(8)]
            walked = [max(_LOWEST, opened + sum(steps[:n])) for n in range(len(steps) + 1)]
            price = walked[-1]
            moment = _START + timedelta(minutes=number)
            prices = (f"{value}.0" for value in (opened, max(walked), min(walked), price))
            volume = Decimal(draw.randint(10**8, 3 * 10**10)).scaleb(-4)
            writer.writerow([moment.strftime("%Y-%m-%d %H:%M:%S.%f"), *prices, volume])
    return path


def find(folder: Path | None, scratch: Path) -> Path:
    """Return the recording in `folder` when it is there, else a generated one below `scratch`."""
    if folder is not None and (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    made = scratch / FILE_NAME
    return made if made.is_file() else generate(made)


def _moment(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        whole = int(text.split(".", maxsplit=1)[0])
        return datetime.fromtimestamp(whole // 1000 if whole > 10**11 else whole, tz=UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
