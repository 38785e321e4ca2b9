"""`./run bench [orders|trigger|book|composite|ledger …]`: ratios measured side by side in one run, with the machine's noise beside them.

The ledger takes options of its own: `./run bench ledger --help`.
"""

from __future__ import annotations

import importlib
import sys
from itertools import takewhile

CELLS = ("composite", "trigger", "book", "orders", "ledger")
WITH_OPTIONS = ["ledger"]


def main(arguments: list[str]) -> int:
    chosen = list(takewhile(lambda word: not word.startswith("-"), arguments))
    options = arguments[len(chosen) :]
    if set(chosen) - set(CELLS) or (options and chosen != WITH_OPTIONS):
        print(f"usage: ./run bench [{' | '.join(CELLS)}], or ./run bench ledger [options]")
        return 2
    codes = []
    for name in chosen or CELLS:
        print(f"\n== {name}", flush=True)
        run = importlib.import_module(f"bench.{name}").main
        codes.append((run(options) if options else run()) or 0)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
