"""`./run bench [orders|trigger|composite …]`: ratios measured side by side in one run, with the machine's noise beside them."""

from __future__ import annotations

import importlib
import sys

CELLS = ("composite", "trigger", "orders", "ledger")


def main(arguments: list[str]) -> int:
    chosen = arguments or list(CELLS)
    unknown = set(chosen) - set(CELLS)
    if unknown:
        print(f"usage: ./run bench [{' | '.join(CELLS)}]")
        return 2
    codes = []
    for name in chosen:
        print(f"\n== {name}", flush=True)
        codes.append(importlib.import_module(f"bench.{name}").main() or 0)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
