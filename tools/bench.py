"""`./run bench [orders|logins|trigger|book|composite|routing|tick|ledger|lending …]`: ratios side by side, with the machine's noise.

The ledger takes options of its own: `./run bench ledger --help`.
"""

from __future__ import annotations

import importlib
import os
import sys
from itertools import takewhile

from kernel import rates

CELLS = ("composite", "routing", "trigger", "tick", "book", "orders", "logins", "ledger", "lending")
WITH_OPTIONS = ["ledger"]


def main(arguments: list[str]) -> int:
    chosen = list(takewhile(lambda word: not word.startswith("-"), arguments))
    options = arguments[len(chosen) :]
    if set(chosen) - set(CELLS) or (options and chosen != WITH_OPTIONS):
        print(f"usage: ./run bench [{' | '.join(CELLS)}], or ./run bench ledger [options]")
        return 2
    os.environ.setdefault("RIVERMOUTH_RATE_LIMITS", rates.ROOMY)  # all clients are one address, and few users
    codes = []
    for name in chosen or CELLS:
        print(f"\n== {name}", flush=True)
        run = importlib.import_module(f"bench.{name}").main
        codes.append((run(options) if options else run()) or 0)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
