"""freqtrade with Rivermouth among its exchanges: `rivermouth-freqtrade trade --config …`, or `python -m rivermouth_ccxt.freqtrade trade …`.

freqtrade looks its exchange up in ccxt when it is imported, so ccxt has to know Rivermouth before.
"""

from __future__ import annotations

import sys

import rivermouth_ccxt


def main() -> None:
    """Register, then become freqtrade."""
    rivermouth_ccxt.register()
    from freqtrade.main import main as freqtrade  # noqa: PLC0415  only now may freqtrade read ccxt's list

    freqtrade(sys.argv[1:])


if __name__ == "__main__":
    main()
