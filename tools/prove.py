"""`./run prove NAME [count]`: the full counts of one promise against the whole product; the report is kept under docs/proof/."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from kernel import rates
from rivermouth.prove import (
    answer_times,
    bots,
    console_soak,
    faults,
    fuzz,
    kills,
    lending_replay,
    order_faults,
    payments,
    payout,
    recording,
    reorgs,
    routing,
    screens,
    soak_ledger,
    stream,
    two_engines,
    withdrawals,
)
from tools import system_packages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "proof"
PICTURES = Path(__file__).resolve().parent.parent / ".rivermouth" / "screens"
PROOFS: dict[str, Callable[[int | None], int]] = {
    "faults": lambda n: faults.prove(orders=n or 200, folder=FOLDER),
    "order-faults": lambda n: order_faults.prove(cases=n or 50, folder=FOLDER),
    "kills": lambda n: kills.prove(kills=n or 100, folder=FOLDER),
    "two-engines": lambda n: two_engines.prove(kills=n or 10, folder=FOLDER),
    "recording": lambda n: recording.prove(rows=n or 25_979, folder=FOLDER),
    "routing": lambda n: routing.prove(books=n or 10_000, folder=FOLDER),
    "payments": lambda n: payments.prove(orders=n or 10_000, folder=FOLDER),
    "payout": lambda n: payout.prove(rows=n or 1_000_000, folder=FOLDER),
    "withdrawals": lambda n: withdrawals.prove(kills=n or 500, folder=FOLDER),
    "reorgs": lambda n: reorgs.prove(reorgs=n or 300, folder=FOLDER),
    "soak-ledger": lambda n: soak_ledger.prove(seconds=n or 600, folder=FOLDER),
    "bots": lambda _: bots.prove(folder=FOLDER),
    "stream": lambda n: stream.prove(kills=n or 100, folder=FOLDER),
    "screens": lambda _: screens.prove(pictures=PICTURES, folder=FOLDER),
    "console-soak": lambda n: console_soak.prove(minutes=n or 60, folder=FOLDER),
    "answer-times": lambda n: answer_times.prove(tries=n or 1_000, folder=FOLDER),
    "lending-replay": lambda n: lending_replay.prove(bars=n or 1_000, folder=FOLDER),
    "fuzz": lambda n: fuzz.prove(cases=n, folder=FOLDER),
}

WITH_BROWSER = {"screens", "console-soak"}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in PROOFS:
        print(f"usage: ./run prove {'|'.join(PROOFS)} [count]")
        return 2
    os.environ.setdefault("RIVERMOUTH_RATE_LIMITS", rates.ROOMY)  # crowds that come from one address
    os.environ.setdefault("RIVERMOUTH_STREAMS_PER_ADDRESS", "100000")
    if arguments[0] in WITH_BROWSER:
        os.environ.update(system_packages.ensure())
    return PROOFS[arguments[0]](int(arguments[1]) if len(arguments) > 1 else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
